import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadEnvironment } from "../../config/index.ts";
import { readEnvironment } from "../../delivery/environment.ts";
import { Failure } from "../../delivery/failure.ts";
import { readReleases, readStackFile, setReleases, setRestartedAt } from "../../delivery/stack-file.ts";
import { projectRoot } from "../project-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { hostileConfig, VALUES } from "./hostile-config.ts";

/** SLIPWAY_CASES=12500 is the long form. */
const CASES = Number(process.env.SLIPWAY_CASES ?? 300);
const SEED = Number(process.env.SLIPWAY_SEED ?? 4711);

const textOf = (file: string) => readFileSync(join(projectRoot, "stacks", file), "utf8");
const SHARED = textOf("services.yaml");

beforeAll(() =>
  pulumi.runtime.setMocks(
    { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) },
    "slipway",
    "dev",
    false,
  ),
);

/** Runs what reads a config. @returns the message of a refusal @throws whatever nobody refused it with */
function refusalOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof Failure || pulumi.RunError.isInstance(error)) return error.message;
    throw error;
  }
}

/** What the engine hands to the program: each value as text. */
function passConfig(own: string): boolean {
  try {
    const config = Object.entries(parse(own, { logLevel: "silent" })?.config ?? {}).map(([key, value]) => {
      const isSecret = typeof value === "object" && value !== null && "secure" in value;
      return [key, isSecret ? "opened" : typeof value === "string" ? value : (JSON.stringify(value) ?? "")];
    });
    pulumi.runtime.setAllConfig(Object.fromEntries(config), []);
    return config.length > 0;
  } catch {
    return false;
  }
}

function refusalsOf(root: string, stack: string, { own, shared }: { own: string; shared: string }): string[] {
  writeFileSync(join(root, "stacks/services.yaml"), shared);
  writeFileSync(join(root, `stacks/Pulumi.${stack}.yaml`), own);
  const messages = [
    refusalOf(() => readEnvironment(root, stack, readStackFile(root, stack))),
    refusalOf(() => readReleases(readStackFile(root, stack))),
    refusalOf(() => setReleases(readStackFile(root, stack), stack, { release: "v9.9.9", tags: {} })),
    refusalOf(() => setRestartedAt(readStackFile(root, stack), stack, ["api"], "2026-01-01T00:00:00.000Z")),
    stack === "dev" && passConfig(own) ? refusalOf(() => loadEnvironment(root)) : undefined,
  ];
  return messages.filter((message) => message !== undefined);
}

function folder(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  return root;
}

describe("a config that nobody meant", () => {
  it.each(["dev", "prod", "local"])(
    "is refused with a clear fault, or accepted, but never ends a command: %s",
    (stack) => {
      const root = folder();
      const config = hostileConfig(textOf(`Pulumi.${stack}.yaml`), SHARED);
      fc.assert(
        fc.property(config, (texts) => {
          for (const message of refusalsOf(root, stack, texts)) {
            expect(message).not.toMatch(
              /\[object |undefined given|Cannot read propert|is not a function|is not iterable/,
            );
          }
          expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
        }),
        { numRuns: Math.ceil(CASES / 3), seed: SEED },
      );
    },
    600_000,
  );

  it.each(VALUES.map((value) => [value.slice(0, 60), value]))("may have any value in any place: %s", (_, value) => {
    const root = folder();
    const own = textOf("Pulumi.dev.yaml");
    for (const text of [value, `config: ${value}`, `config: { "slipway:environment": ${value} }`]) {
      refusalsOf(root, "dev", { own: text, shared: SHARED });
    }
    for (const text of [value, `services: ${value}`, `defaults: ${value}`, `services: { api: ${value} }`]) {
      refusalsOf(root, "dev", { own, shared: text });
    }
  });
});
