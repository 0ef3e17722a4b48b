import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Failure } from "../../delivery/failure.ts";
import { assignRelease, type Releases, releaseOf } from "../../delivery/releases.ts";
import { copyRecord, readReleases, readStackFile, setReleases, setRestartedAt } from "../../delivery/stack-file.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = join(import.meta.dirname, "../../stacks");
const realFiles = readdirSync(folder)
  .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
  .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);

const SERVICES = ["web", "api", "orders", "no"];
const service = fc.constantFrom(...SERVICES);
// Release tags that YAML 1.1 or 1.2 reads as a number, a date or a boolean if they are not quoted.
const tag = fc.oneof(
  fc.constantFrom(
    "v1.2.3-5e15f0a",
    "v1.2.3-0123456",
    "no",
    "on",
    "1.0",
    "0123456",
    "1e5",
    "2026-01-31",
    "0x1f",
    "null",
  ),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?$/),
);
const releases = fc.record({ release: tag, tags: fc.dictionary(service, tag) });

/** Stack files as people write them: with or without tags, in block or flow style. */
const madeUpFile = fc
  .record({
    release: fc.constantFrom("v0.1.0", "'1.0'", "v0.1.0 # the first", "", " # none yet"),
    own: fc.uniqueArray(service, { maxLength: 3 }),
    tagged: fc.uniqueArray(service, { maxLength: 3 }),
    layout: fc.constantFrom("block", "flow", "one line", "wide"),
    above: fc.constantFrom("", "\n", "    # Until the certificate is there.\n"),
    below: fc.constantFrom("", "    url: { scheme: http } # for now\n", "\n# The end.\n"),
  })
  .map(({ release, own, tagged, layout, above, below }) => {
    const indent = layout === "wide" ? 4 : 2;
    const entry = (name: string) => {
      const values = ["port: 80", ...(tagged.includes(name) ? ["tag: v9"] : []), "hosts: [a, b]"];
      const pad = " ".repeat(4 + indent);
      const key = name === "no" ? '"no"' : name;
      if (layout === "flow") return `${pad}${key}: { ${values.join(", ")} } # ${name}\n`;
      const lines = values.map((value) => `${pad}${" ".repeat(indent)}${value} # ${name}\n`);
      return `${pad}${key}:\n${lines.join("\n")}`;
    };
    const inOne = own.map((name) => `"${name}": { ${tagged.includes(name) ? "tag: v9, " : ""}port: 80 }`).join(", ");
    const services = own.length === 0 ? "" : `    services:\n${own.map(entry).join("")}`;
    const flow = `    services: { ${inOne} }\n`;
    return `# A stack.\nconfig:\n  slipway:release: ${release}\n  slipway:environment:\n    namespace: shop\n${above}${layout === "one line" && own.length > 0 ? flow : services}${below}`;
  });

interface StackData {
  config: {
    "slipway:release": string;
    "slipway:environment": { services?: Record<string, { tag?: string; restartedAt?: string }> };
  };
}

/** Everything but releases and restarts. */
function restOf(text: string): unknown {
  const { config, ...rest } = parse(text) as StackData;
  const { "slipway:release": _, "slipway:environment": environment, ...secrets } = config;
  const { services = {}, ...others } = environment;
  const own = Object.entries(services).map(([name, { tag: _, restartedAt: __, ...values }]) => [name, values] as const);
  const telling = own.filter(([, values]) => Object.keys(values).length > 0);
  return { ...rest, secrets, others, services: Object.fromEntries(telling) };
}

/** Lines that neither contain a release nor lead to one. */
const linesBeside = (text: string) =>
  text.split("\n").filter((line) => !/^\s*(slipway:release|services|tag|"?(web|api|orders|no)"?):/.test(line));

/** What each parser reads: YAML 1.2, YAML 1.1, and this project. */
function expectReleases(text: string, { release, tags }: Releases): void {
  expect(readReleases(text)).toEqual({ release, tags: { ...tags } });
  for (const version of ["1.1", "1.2"] as const) {
    const { config } = parse(text, { version }) as StackData;
    expect(config["slipway:release"]).toBe(release);
    const services = Object.entries(config["slipway:environment"].services ?? {});
    expect(Object.fromEntries(services.flatMap(([name, { tag }]) => (tag ? [[name, tag]] : [])))).toEqual({ ...tags });
  }
}

describe("setReleases", () => {
  it.each(realFiles)(
    "writes any releases into %s and changes nothing else, and back to the very same text",
    (_, text) => {
      const before = readReleases(text);
      const [rest, lines] = [restOf(text), linesBeside(text)];
      fc.assert(
        fc.property(fc.array(releases, { minLength: 1, maxLength: 4 }), (all) => {
          let edited = text;
          for (const next of all) {
            edited = setReleases(edited, "dev", next);
            expectReleases(edited, next);
            expect(restOf(edited)).toEqual(rest);
            expect(linesBeside(edited)).toEqual(lines);
            expect(setReleases(edited, "dev", next)).toBe(edited);
          }
          expect(setReleases(edited, "dev", before)).toBe(text);
        }),
        { numRuns: 10 },
      );
    },
  );

  it("sets releases and keeps everything else, in every style", () => {
    fc.assert(
      fc.property(madeUpFile, releases, (text, next) => {
        const edited = setReleases(text, "dev", next);
        expectReleases(edited, next);
        expect(restOf(edited)).toEqual(restOf(text));
        expect(linesBeside(edited)).toEqual(linesBeside(text));
        for (const remark of text.match(/ # (the first|none yet|for now)$/gm) ?? []) expect(edited).toContain(remark);
      }),
      { numRuns: 300 },
    );
  });

  it.each(realFiles)("changes one line of %s", (_, text) => {
    const lines = text.split("\n");
    const edited = setReleases(text, "dev", { release: "v9.9.9-5e15f0a", tags: {} }).split("\n");
    expect(edited.filter((line, at) => line !== lines[at])).toEqual(["  slipway:release: v9.9.9-5e15f0a"]);
    expect(edited).toHaveLength(lines.length);
  });

  const start = "config:\n  slipway:release: v1\n  slipway:environment:\n    services";
  it.each([
    [
      "not YAML",
      "config: [\n",
      /^stacks\/Pulumi\.dev\.yaml: \S.*; the release cannot be written into it\. Fix the file\.$/,
    ],
    ["empty", "", /^stacks\/Pulumi\.dev\.yaml: it is not a map; /],
    ["a list", "- config\n", /^stacks\/Pulumi\.dev\.yaml: it is not a map; /],
    [
      "one with services that are a list",
      `${start}: [api]\n`,
      /: config\.slipway:environment\.services is not a map; /,
    ],
    [
      "one with a service without fields",
      `${start}:\n      api:\n`,
      /: config\.slipway:environment\.services\.api is not a map; /,
    ],
    [
      "one with a tag that is a map",
      `${start}: { api: { tag: { a: 1 } } }\n`,
      /\.services\.api\.tag is not a plain value; /,
    ],
  ])("names the file and its fault if it is %s", (_, text, message) => {
    const write = () => setReleases(text, "dev", { release: "v2", tags: { api: "v3" } });
    expect(write).toThrow(Failure);
    expect(write).toThrow(message);
  });
});

describe("setRestartedAt", () => {
  it.each(realFiles)("writes a time that stays a string into %s, once per service, and nothing else", (_, text) => {
    const first = setRestartedAt(text, "dev", ["api", "worker"], "2026-01-31T12:00:00.000Z");
    const second = setRestartedAt(first, "dev", ["worker"], "2026-02-01T12:00:00.000Z");
    for (const version of ["1.1", "1.2"] as const) {
      const { services } = (parse(second, { version }) as StackData).config["slipway:environment"];
      expect(services?.api?.restartedAt).toBe("2026-01-31T12:00:00.000Z");
      expect(services?.worker?.restartedAt).toBe("2026-02-01T12:00:00.000Z");
    }
    expect(readReleases(second)).toEqual(readReleases(text));
    expect(restOf(second)).toEqual(restOf(text));
    expect(second.match(/restartedAt/g)).toHaveLength(2);
  });
});

describe("copyRecord", () => {
  it.each(realFiles)("copies releases and restarts into %s and keeps later changes", (_, text) => {
    fc.assert(
      fc.property(releases, fc.uniqueArray(service), (next, restarted) => {
        const copy = setRestartedAt(setReleases(text, "dev", next), "dev", restarted, "2026-01-31T12:00:00.000Z");
        const meanwhile = text.replace("slipway:environment:\n", "slipway:environment:\n    team: mall # new\n");
        const both = copyRecord(meanwhile, "dev", copy);
        expect(readReleases(both)).toEqual({ ...next, tags: { ...next.tags } });
        const { services = {} } = (parse(both) as StackData).config["slipway:environment"];
        expect(restarted.map((name) => services[name]?.restartedAt)).toEqual(
          restarted.map(() => "2026-01-31T12:00:00.000Z"),
        );
        expect(restOf(both)).toEqual(restOf(meanwhile));
        expect(copyRecord(both, "dev", copy)).toBe(both);
      }),
      { numRuns: 10 },
    );
  });
});

describe("assignRelease", () => {
  it("gives the release to all services, or to those named while the others keep theirs", () => {
    fc.assert(
      fc.property(releases, tag, fc.uniqueArray(service), (now, next, named) => {
        const after = assignRelease(now, next, named);
        for (const name of SERVICES) {
          expect(releaseOf(after, name)).toBe(named.length === 0 || named.includes(name) ? next : releaseOf(now, name));
        }
        expect(after.release).toBe(named.length === 0 ? next : now.release);
        expect(Object.values(after.tags)).not.toContain(after.release);
      }),
    );
  });
});

describe("readStackFile", () => {
  it("lists the existing stacks if one does not exist", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "stacks"));
    for (const name of ["dev", "prod"]) writeFileSync(join(root, `stacks/Pulumi.${name}.yaml`), "config: {}\n");
    expect(readStackFile(root, "dev")).toBe("config: {}\n");
    expect(() => readStackFile(root, "prd")).toThrow(Failure);
    expect(() => readStackFile(root, "prd")).toThrow(
      /^There is no stack prd: stacks\/Pulumi\.prd\.yaml does not exist\..*dev, prod/,
    );
  });

  it("names the file if it is not YAML", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "stacks"));
    writeFileSync(join(root, "stacks/Pulumi.dev.yaml"), "config: [\n");
    expect(() => readStackFile(root, "dev")).toThrow(Failure);
    expect(() => readStackFile(root, "dev")).toThrow(/^stacks\/Pulumi\.dev\.yaml:2: \S.* Fix the file\.$/);
  });
});
