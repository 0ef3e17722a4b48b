import { describe, expect, it } from "vitest";
import { mergeEnvironment } from "../../config/read.ts";
import { isReadingOf } from "../../config/release.ts";
import { stackFileConfig } from "../../config/stack-file.ts";
import { faultsOf, sourceOf } from "./config-of.ts";
import { existing, service } from "./service-base.ts";

const shared = { ...existing, services: { web: service } };

function read(release: string) {
  const text = `config:\n  slipway:release: ${release}\n  slipway:environment: {}\n`;
  return mergeEnvironment(sourceOf("services.yaml", shared), stackFileConfig("dev", text)).release;
}

/** What the Pulumi CLI 3.276.0 passes on. */
const READINGS = [
  ["1.10", "1.1"],
  ["1.0", "1"],
  ["0123456", "42798"],
  ["08", "8"],
  ["12e5", "1200000"],
  ["1_000", "1000"],
  ["0x1F", "31"],
  ["0o17", "15"],
  ["0b11", "3"],
  ["+1", "1"],
  [".5", "0.5"],
  ["1e400", "1e400"],
  ["20261129", "20261129"],
  ["true", "true"],
  ["2026-11-29", "2026-11-29 00:00:00 +0000 UTC"],
] as const;

describe("a release without quotes that YAML does not read as text", () => {
  it.each(READINGS)("is refused: %s", (written) => {
    expect(() => read(written)).toThrow(
      `stacks/Pulumi.dev.yaml:2: slipway:release: ${written} is written without quotes.`,
    );
    expect(() => read(written)).toThrow(`Put it in quotes: "${written}"`);
  });

  it.each(READINGS)("is known by what the engine passes on: %s as %s", (written, passed) => {
    expect(isReadingOf(written, passed)).toBe(true);
    expect(isReadingOf(written, "v1.2.3")).toBe(false);
  });

  it("is accepted in quotes", () => {
    for (const release of ["1.10", "0123456", "12e5", "true", "2026-11-29"]) {
      expect(read(`"${release}"`)).toBe(release);
      expect(read(`'${release}'`)).toBe(release);
      expect(read(`!!str ${release}`)).toBe(release);
    }
  });

  it("is not a release that is text anyway", () => {
    for (const release of ["v1.10", "1.10.2", "5e15f0a", "1.2.3-5e15f0a", "e10", "1e5e"])
      expect(read(release)).toBe(release);
  });
});

describe("a date without quotes in a stack's part of the environment", () => {
  const fault =
    /stacks\/Pulumi\.dev\.yaml:5: services\.web\.config\.SINCE: "2026-11-29.*" given; YAML reads a date here/;
  const readConfig = (config: string) => {
    const text = `config:\n  slipway:environment:\n    services:\n      web:\n        config: { ${config} }\n`;
    return mergeEnvironment(sourceOf("services.yaml", shared), stackFileConfig("dev", text)).services[0]?.config;
  };

  it("is refused, since the engine passes on another text", () => {
    for (const date of ["2026-11-29", "2026-11-29T10:00:00Z", "2026-11-29 10:00:00"]) {
      expect(() => readConfig(`SINCE: ${date}`)).toThrow(fault);
    }
    expect(() => readConfig('SINCE: "2026-11-29 00:00:00 +0000 UTC"')).toThrow(fault);
  });

  it("is accepted in quotes, and if it is none", () => {
    expect(readConfig('SINCE: "2026-11-29", VERSION: 2026-11-29-beta')).toEqual({
      SINCE: "2026-11-29",
      VERSION: "2026-11-29-beta",
    });
    expect(faultsOf(shared, { services: { web: { restartedAt: "2026-11-29 00:00:00 +0000 UTC" } } })).toEqual([]);
  });
});

it("a tag that YAML reads as a number is refused in the same words, in both files", () => {
  const message =
    /services\.web\.tag: 1\.1 given; must be text: without quotes, .* 1\.10 becomes 1\.1\. Put it in quotes/;
  expect(faultsOf({ ...shared, services: { web: { ...service, tag: 1.1 } } })).toEqual([
    expect.stringMatching(message),
  ]);
  expect(faultsOf(shared, { services: { web: { tag: 1.1 } } })).toEqual([expect.stringMatching(message)]);
});
