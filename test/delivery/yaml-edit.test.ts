import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { deleteInText, getInText, setInText, YamlEditError } from "../../delivery/yaml-edit.ts";
import { blockTree, KEYS, pathsOf, textOf, withoutKey, withValue } from "./yaml-trees.ts";

const path = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 4 });
const release = fc.constantFrom("v1.2.3-5e15f0a", "v0.1.0", "latest");
const treeAndPath = blockTree.chain((tree) =>
  fc.record({ tree: fc.constant(tree), path: fc.constantFrom(...pathsOf(tree)) }),
);

function isMap(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function setInData(data: unknown, [key = "", ...rest]: readonly string[], value: string): unknown {
  const map = isMap(data) ? data : {};
  return { ...map, [key]: rest.length === 0 ? value : setInData(map[key], rest, value) };
}

function hasInData(data: unknown, [key, ...rest]: readonly string[]): boolean {
  return key === undefined || (isMap(data) && key in data && hasInData(data[key], rest));
}

function canSet(text: string, path: readonly string[]): boolean {
  try {
    setInText(text, path, "v1");
    return true;
  } catch (error) {
    if (error instanceof YamlEditError) return false;
    throw error;
  }
}

describe("setInText", () => {
  it("sets the value and keeps every other character", () => {
    fc.assert(
      fc.property(blockTree, path, release, (tree, path, value) => {
        const changed = withValue(tree, path, value);
        fc.pre(changed !== undefined);
        const text = textOf(tree);
        const after = setInText(text, path, value);
        expect(parse(after)).toEqual(setInData(parse(text), path, value));
        expect(after).toBe(textOf(changed));
      }),
      { numRuns: 500 },
    );
  });

  it("ends lines as the file does", () => {
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    fc.assert(
      fc.property(blockTree, path, release, (tree, path, value) => {
        const text = textOf(tree);
        fc.pre(canSet(text, path));
        expect(setInText(windows(text), path, value)).toBe(windows(setInText(text, path, value)));
        expect(deleteInText(windows(text), path)).toBe(windows(deleteInText(text, path)));
      }),
      { numRuns: 500 },
    );
  });

  const places: [string, string, string[], string][] = [
    ["a key that has no value", "a:\nb: 1\n", ["a"], "a: v1\nb: 1\n"],
    ["a key that has a remark and no value", "a: # none yet\nb: 1\n", ["a"], "a: v1 # none yet\nb: 1\n"],
    ["a key of a flow map that has no value", "a: { b: , c: 1 }\n", ["a", "b"], "a: { b: v1, c: 1 }\n"],
    ["a value of several lines", "a: |\n  x\n  y\nb: 1\n", ["a"], "a: v1\nb: 1\n"],
    ["a value that goes on in the next line", "a: x\n  y # z\nb: 1\n", ["a"], "a: v1 # z\nb: 1\n"],
    ["a file that ends without a line break", "a: x", ["b"], "a: x\nb: v1\n"],
    [
      "a map that ends with a key of no value",
      "a:\n  b:\n    c:\n# on d\nd: 1\n",
      ["a", "e"],
      "a:\n  b:\n    c:\n  e: v1\n# on d\nd: 1\n",
    ],
    ["an empty map", "a: {}\nb: 1\n", ["a", "c", "d"], "a: { c: { d: v1 } }\nb: 1\n"],
    [
      "a flow map of several lines",
      "a: {\n  b: 1, # x\n  c: 2 # y\n}\n",
      ["a", "d"],
      "a: {\n  b: 1, # x\n  c: 2, d: v1 # y\n}\n",
    ],
  ];
  it.each(places)("edits %s", (_, text, path, expected) => {
    expect(setInText(text, path, "v1")).toBe(expected);
  });

  const faults: [string, string, string[], string][] = [
    ["text that is not YAML", "a: [\nb: 1\n", ["b"], "Flow sequence in block collection must be"],
    ["a duplicate key", "a: 1\na: 2\n", ["b"], "Map keys must be unique at line 2, column 1"],
    ["a file of comments only", "# a: 1\n", ["a"], "it is not a map"],
    ["a value in place of a map", "a: { b: 1 }\n", ["a", "b", "c"], "a.b is not a map"],
    ["a list in place of a map", "a:\n  - b\n", ["a", "b"], "a is not a map"],
    ["a map in place of a value", "a: { b: 1 }\n", ["a"], "a is not a plain value"],
    ["an alias", "a: &x 1\nb: *x\n", ["b"], "b is not a plain value"],
  ];
  it.each(faults)("refuses %s", (_, text, path, message) => {
    expect(() => setInText(text, path, "v1")).toThrow(YamlEditError);
    expect(() => setInText(text, path, "v1")).toThrow(message);
  });
});

describe("a string that was set", () => {
  const places = [
    ["in place of another", "m:\n  key: v1 # x\n"],
    ["in a block map", "m:\n  other: 1\n"],
    ["in a flow map", "m: { other: 1 }\n"],
    ["as the key of a flow map's own", "m: { key: v1, other: 1 }\n"],
  ] as const;
  // Strings that YAML 1.1 or 1.2 reads as a boolean, a number, a date, null or an operator, or that a style changes.
  const telling = fc.constantFrom(
    ...[
      "no",
      "Yes",
      "on",
      "1.0",
      "0123456",
      "0o17",
      "0x1f",
      "1e5",
      "1_000",
      "12:30:45",
      "2026-01-31",
      "null",
      "~",
      "<<",
    ],
    ...[
      "",
      " x ",
      "# x",
      "x # y",
      "x: y",
      "- x",
      "*x",
      "&x",
      "!x",
      "%x",
      "@x",
      "x, y",
      "[x]",
      "{x",
      "'x\"",
      ".inf",
      "\\n",
    ],
  );
  const string = fc.oneof(telling, fc.string(), fc.string({ unit: "grapheme" }));

  it.each(places)("is the same string to every parser: %s", (_, text) => {
    const plain = parse(setInText(text, ["m", "key"], "v1"));
    fc.assert(
      fc.property(string, (value) => {
        const after = setInText(text, ["m", "key"], value);
        expect(getInText(after, ["m", "key"])).toBe(value);
        for (const version of ["1.1", "1.2"] as const) expect(parse(after, { version }).m.key).toBe(value);
        expect(parse(setInText(after, ["m", "key"], "v1"))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });
});

describe("deleteInText", () => {
  it("removes the key, the maps that become empty, and nothing else", () => {
    fc.assert(
      fc.property(treeAndPath, ({ tree, path }) => {
        const without = withoutKey(tree, path);
        const isEmpty = "entries" in without && without.entries.every(({ gone }) => gone);
        expect(deleteInText(textOf(tree), path)).toBe(isEmpty ? "" : textOf(without));
      }),
      { numRuns: 500 },
    );
  });

  it("undoes setInText for a new key", () => {
    fc.assert(
      fc.property(blockTree, path, release, (tree, path, value) => {
        const text = textOf(tree);
        fc.pre(withValue(tree, path, value) !== undefined && !hasInData(parse(text), path));
        expect(deleteInText(setInText(text, path, value), path)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps a comment after a last key without a value", () => {
    expect(deleteInText("a:\n  b:\n# on c\nc: 1\n", ["a"])).toBe("# on c\nc: 1\n");
  });

  it("changes nothing if the key does not exist", () => {
    expect(deleteInText("a: { b: 1 } # x\n", ["a", "c"])).toBe("a: { b: 1 } # x\n");
    expect(deleteInText("a: { b: 1 } # x\n", ["c", "d"])).toBe("a: { b: 1 } # x\n");
  });
});
