import { describe, expect, it } from "vitest";
import { parseYaml } from "../../config/yaml-file.ts";

const file = parseYaml(
  "stack.yaml",
  [
    "# A comment.", // 1
    "defaults: &defaults", // 2
    "  port: 80", // 3
    "  probes: { path: /a }", // 4
    "config:", // 5
    '  "slipway:environment":', // 6
    "    cluster: { target: eks, api: {", // 7
    "      publicCidrs: [203.0.113.0/24] } }", // 8
    "    1: one", // 9
    "    hosts:", // 10
    "      - a", // 11
    "      - b", // 12
    "    alias: *defaults", // 13
    "    merged:", // 14
    "      <<: *defaults", // 15
    "      port: 81", // 16
    "    both:", // 17
    "      <<: [{ kind: a }, *defaults]", // 18
  ].join("\n"),
);
const line = (...path: (string | number)[]) => file.lineOf(["config", "slipway:environment", ...path]);

describe("the line of a value is that of", () => {
  it("its key, quoted or not, whatever the style of the map", () => {
    expect(line()).toBe(6);
    expect(line("cluster", "target")).toBe(7);
    expect(line("cluster", "api", "publicCidrs")).toBe(8);
  });

  it("its key even if that is a number", () => {
    expect(line("1")).toBe(9);
  });

  it("the item of a list", () => {
    expect(line("hosts", 0)).toBe(11);
    expect(line("hosts", 1)).toBe(12);
  });

  it("the nearest parent, if the file does not have it", () => {
    expect(line("hosts", 2)).toBe(10);
    expect(line("cluster", "version")).toBe(7);
    expect(line("aws", "region")).toBe(6);
    expect(file.lineOf(["other", "key"])).toBeUndefined();
    expect(file.lineOf([])).toBeUndefined();
  });

  it("the place where an anchor says it, for what an alias or a merge key takes from there", () => {
    expect(line("alias")).toBe(13);
    expect(line("alias", "port")).toBe(3);
    expect(line("merged", "probes", "path")).toBe(4);
    expect(line("both", "kind")).toBe(18);
    expect(line("both", "port")).toBe(3);
  });

  it("the map's own key, if it overrides a merged one", () => {
    expect(line("merged", "port")).toBe(16);
  });
});

describe("a YAML file", () => {
  it("is read with its merge keys, as Pulumi reads it", () => {
    expect(file.value).toMatchObject({
      config: { "slipway:environment": { merged: { port: 81, probes: { path: "/a" } } } },
    });
  });

  it("has its syntax errors with their lines", () => {
    expect(parseYaml("services.yaml", "a: 1\na: 2\n").errors).toEqual([
      expect.stringMatching(/^services\.yaml:2: .*unique/i),
    ]);
  });

  it("may not have an alias of what it stands in, but of anything else", () => {
    for (const text of ["a: &a [*a]", "a: &a { b: { c: *a } }"]) {
      expect(parseYaml("services.yaml", text)).toMatchObject({
        value: undefined,
        errors: [expect.stringContaining("contains its own alias")],
      });
    }
    for (const text of ["a: *nowhere", "a: { <<: 1 }", `${"[".repeat(101)}1${"]".repeat(101)}`]) {
      expect(parseYaml("services.yaml", text).errors).toHaveLength(1);
    }
    expect(parseYaml("services.yaml", "a: &a [1]\nb: [*a, *a]").errors).toEqual([]);
  });

  it("tells what is written without quotes, and what replaces a merged value", () => {
    const { unquoted, replacesMerged, findUnquoted } = parseYaml(
      "s",
      "x: &x { p: 1.10 }\nb: { <<: *x, p: '1', q: [2.0, v] }",
    );
    expect(unquoted(["x", "p"])).toBe("1.10");
    expect(unquoted(["b", "p"])).toBeUndefined();
    expect(unquoted(["b"])).toBeUndefined();
    expect(replacesMerged(["b", "p"])).toBe(true);
    expect(replacesMerged(["b", "q"])).toBe(false);
    expect(findUnquoted(["b"], (text) => /^[0-9]/.test(text))).toEqual([["b", "q", 0]]);
  });

  it("may be empty", () => {
    expect(parseYaml("services.yaml", "# nothing\n")).toMatchObject({ value: undefined, errors: [] });
  });
});

it.each([
  ["a: !!js/function 'f'\n", /^s\.yaml:1: Unresolved tag/],
  ["%NEW 1\n---\na: 1\n", /^s\.yaml:1: Unknown directive/],
  ["{ ? [a, b] : 1 }\n", /^s\.yaml: cannot be read: a key is a list\. Keys are text\.$/],
])("what a parser would ignore or change is an error: %j", (text, message) => {
  expect(parseYaml("s.yaml", text).errors).toEqual([expect.stringMatching(message)]);
});
