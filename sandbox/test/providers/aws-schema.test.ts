import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { functions } from "../../providers/aws/functions.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { resources } from "../../providers/aws/resources.ts";

/** What the SDK of the official plugin sends: made from its schema, it tells every input and which are required. */
const SDK = dirname(createRequire(import.meta.url).resolve("@pulumi/aws/package.json"));

function sourceOf(token: string): string {
  const [, path = ""] = token.split(":");
  return readFileSync(join(SDK, ...path.replace(/^index\//, "").split("/")).concat(".js"), "utf8");
}

const namesIn = (source: string, pattern: RegExp): string[] =>
  [...new Set([...source.matchAll(pattern)].map((match) => match[1] ?? ""))].sort();

describe.each(Object.entries(resources))("%s", (token, resource) => {
  const source = sourceOf(token);
  const { rules, autoname } = resourceType(token, resource);
  const inputs = namesIn(source, /resourceInputs\["(\w+)"\] = (?:pulumi\.secret)?\(?args\?/g);

  test("is the type that the SDK declares", () => {
    expect(source).toContain(`__pulumiType = '${token}'`);
  });

  test("takes inputs of the official type only", () => {
    expect(Object.keys(rules).filter((name) => !inputs.includes(name) && name !== "tagsAll")).toEqual([]);
  });

  test("requires what the official type requires, if not more", () => {
    const needed = namesIn(source, /Missing required property '(\w+)'/g);
    expect(needed.filter((name) => !rules[name]?.required && name !== autoname?.property)).toEqual([]);
  });

  test("has tags and a region if the official type has", () => {
    expect("tagsAll" in rules).toBe(/resourceInputs\["tagsAll"\]/.test(source));
    expect("region" in rules).toBe(inputs.includes("region"));
  });
});

test.each(Object.entries(functions))("%s takes arguments of the official function only", (token, row) => {
  const source = sourceOf(token);
  expect(source).toContain(`invoke("${token}"`);
  const names = namesIn(source, /"(\w+)": args\.\w+/g);
  expect(Object.keys(row.arguments).filter((name) => !names.includes(name))).toEqual([]);
  expect(row.global ?? false).toBe(!names.includes("region"));
});
