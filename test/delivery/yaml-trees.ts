import fc from "fast-check";

/** YAML as people write it, with blank lines and comments above a key and after its value. */
export interface Entry {
  key: string;
  /** Blank lines and comments. */
  above: string[];
  behind: string;
  value: Tree;
  /** Removed, while the lines above it stay. */
  gone?: boolean;
}

/** A map, or a value as it is written: its first line is the key's, the others are indented like the key. */
export type Tree = { flow: boolean; indent: number; entries: Entry[] } | { lines: string[]; replaceable: boolean };

export const KEYS = ["config", "slipway:release", "services", "api", "web", "tag", "no"];

const leaf = fc.constantFrom<string[]>("v0.1.0", '"quoted # no comment"', "'it''s: quoted'", "12", "true", "two words");
const deadEnd = fc.constantFrom<string[][]>(
  [""],
  ["[a, b]"],
  ["", "- a", "- b"],
  ["", "  - name: a", "    value: b"],
  ["|-", "  text", "", "  # no comment"],
  [">", "  text"],
);
const scalar = fc.oneof(
  { weight: 3, arbitrary: leaf.map((line) => ({ lines: [line], replaceable: true })) },
  { weight: 1, arbitrary: deadEnd.map((lines) => ({ lines, replaceable: false })) },
);
const inFlow = scalar.filter(({ lines }) => lines.length === 1 && lines[0] !== "");

const above = fc.array(fc.constantFrom("", "# at the margin", ">  # set off as the key is"), { maxLength: 2 });
const behind = fc.constantFrom("", "", "  # a remark", " # { not: yaml, tag: v1 }");

const { block } = fc.letrec<{ block: Tree; flow: Tree }>((tie) => {
  const entries = (value: fc.Arbitrary<Tree>, minLength: number) =>
    fc.uniqueArray(fc.record({ key: fc.constantFrom(...KEYS), above, behind, value }), {
      selector: ({ key }) => key,
      minLength,
      maxLength: 4,
    });
  return {
    block: fc.record({
      flow: fc.constant(false),
      indent: fc.constantFrom(2, 4),
      entries: entries(fc.oneof({ maxDepth: 4 }, scalar, tie("block"), tie("flow")), 1),
    }),
    flow: fc.record({
      flow: fc.constant(true),
      indent: fc.constant(0),
      entries: entries(fc.oneof({ maxDepth: 3 }, inFlow, tie("flow")), 1),
    }),
  };
});

export { block as blockTree };

export function textOf(tree: Tree, indent = ""): string {
  if (!("entries" in tree)) return tree.lines.map((line) => (line === "" ? "" : `${indent}${line}`)).join("\n");
  if (tree.flow) {
    const pairs = tree.entries.filter(({ gone }) => !gone).map(({ key, value }) => `${keyText(key)}: ${textOf(value)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  return tree.entries.map((entry) => entryText(entry, indent)).join("");
}

function entryText({ key, above, behind, value, gone }: Entry, indent: string): string {
  const lines = above.map((line) => `${line.replace(/^> */, indent)}\n`).join("");
  if (gone) return lines;
  const start = `${lines}${indent}${keyText(key)}:`;
  if ("entries" in value && !value.flow)
    return `${start}${behind}\n${textOf(value, `${indent}${" ".repeat(value.indent)}`)}`;
  const [first, ...more] = "entries" in value ? [textOf(value)] : value.lines;
  const rest = more.map((line) => (line === "" ? "\n" : `${indent}${line}\n`)).join("");
  return `${start}${first ? ` ${first}` : ""}${behind}\n${rest}`;
}

function keyText(key: string): string {
  return key === "no" ? '"no"' : key;
}

/** The tree with a value at a path; undefined if it cannot be set. */
export function withValue(tree: Tree, [key = "", ...rest]: readonly string[], value: string): Tree | undefined {
  if (!("entries" in tree)) return undefined;
  const known = tree.entries.find((entry) => entry.key === key);
  if (!known) {
    const added = { key, above: [], behind: "", value: chain(rest, value, tree.flow) };
    return { ...tree, entries: [...tree.entries, added] };
  }
  const inner: Tree | undefined =
    rest.length > 0
      ? withValue(known.value, rest, value)
      : "lines" in known.value && known.value.replaceable
        ? { lines: [value], replaceable: true }
        : undefined;
  return (
    inner && { ...tree, entries: tree.entries.map((entry) => (entry === known ? { ...entry, value: inner } : entry)) }
  );
}

function chain([key, ...rest]: readonly string[], value: string, flow: boolean): Tree {
  if (key === undefined) return { lines: [value], replaceable: true };
  return { flow, indent: 2, entries: [{ key, above: [], behind: "", value: chain(rest, value, flow) }] };
}

/** The tree without the value at a path and the maps that would be empty then. */
export function withoutKey(tree: Tree, [key = "", ...rest]: readonly string[]): Tree {
  if (!("entries" in tree)) return tree;
  const entries = tree.entries.map((entry) => {
    if (entry.key !== key) return entry;
    if (rest.length === 0) return { ...entry, gone: true };
    const value = withoutKey(entry.value, rest);
    const emptied = value !== entry.value && "entries" in value && value.entries.every(({ gone }) => gone);
    return emptied && value.entries.length > 0 ? { ...entry, gone: true } : { ...entry, value };
  });
  return { ...tree, entries };
}

/** The paths of every key in the tree. */
export function pathsOf(tree: Tree): string[][] {
  if (!("entries" in tree)) return [];
  return tree.entries.flatMap(({ key, value }) => [[key], ...pathsOf(value).map((path) => [key, ...path])]);
}
