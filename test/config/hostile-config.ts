import fc from "fast-check";
import { parse } from "yaml";

/** A config that keeps what no value of JavaScript can hold: a key twice, an alias, a tag. */
type Tree = { map: [string, Tree][] } | { list: Tree[] } | { text: string };

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { list: value.map(treeOf) };
  if (typeof value !== "object" || value === null) return { text: JSON.stringify(value) };
  return { map: Object.entries(value).map(([key, inner]) => [JSON.stringify(key), treeOf(inner)]) };
}

function print(tree: Tree): string {
  if ("text" in tree) return tree.text;
  if ("list" in tree) return `[${tree.list.map(print).join(", ")}]`;
  return `{ ${tree.map.map(([key, inner]) => `${key}: ${print(inner)}`).join(", ")} }`;
}

const laughs = ["b", "c", "d", "e", "f"].reduce(
  (text, name, at) => `${text}, ${name}: &${name} [${Array(10).fill(`*${"abcde"[at]}`).join(", ")}]`,
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
);

/** Values that a parser, a merge or a check may trip over. */
export const VALUES = [
  ...[
    "null",
    "~",
    '""',
    "true",
    "yes",
    "off",
    "0",
    "-1",
    "1.5",
    "1.10",
    "1e400",
    "0x10",
    "08",
    "0o17",
    "0755",
    "1_000",
  ],
  ...[
    ".nan",
    ".inf",
    "-.inf",
    "9007199254740993",
    "1e300",
    "123456789012345678901234567890",
    "2024-01-01",
    "190:20:30",
  ],
  ...["[]", "{}", "[1, two, null]", "{ a: { b: [{ c: d }] } }", JSON.stringify("x".repeat(20_000))],
  ...[`${"[".repeat(2000)}${"]".repeat(2000)}`, `${'{ "a": '.repeat(1500)}1${" }".repeat(1500)}`, `{ ${laughs} }`],
  ...[
    '"a\\0b"',
    '"a\\nb: c\\n---\\nkind: Secret"',
    '"\\ud800"',
    '"{{ .Values }}"',
    '"/`) || Host(`x"',
    '"/../../etc"',
    '"-rf"',
  ],
  ...[
    "!!binary aGVsbG8=",
    "!!set { a, b }",
    "!!omap [a: 1]",
    "!!timestamp 2001-12-14",
    "!!js/function 'f'",
    '!!int "7"',
  ],
  ...[
    "*nowhere",
    "&x 1",
    "&s [*s]",
    "&m { m: *m }",
    "{ <<: { evil: 1 } }",
    "{ <<: *nowhere }",
    "{ <<: 1 }",
    "{ ? [a] : b }",
  ],
  ...[
    '{ "__proto__": { "polluted": true } }',
    '{ "constructor": { "prototype": { "polluted": true } } }',
    '{ secure: "v1:A:B" }',
  ],
];

const KEYS = [
  ...[
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "",
    " ",
    "a.b",
    "services ",
    "null",
  ],
  ...["true", "on", "~", "<<", "0", "1e3", "x".repeat(5000), "a\nb", "-rf", "{{x}}", "é"],
];

type Change = (tree: Tree) => void;

function nodesOf(tree: Tree): Tree[] {
  const inner = "map" in tree ? tree.map.map(([, node]) => node) : "list" in tree ? tree.list : [];
  return [tree, ...inner.flatMap(nodesOf)];
}

const at = fc.nat(10_000);
const value = fc.constantFrom(...VALUES);

/** Changes of one map or list in the tree: a value is set, a key added, renamed, left out or given twice. */
const change: fc.Arbitrary<Change> = fc
  .record({
    node: at,
    item: at,
    kind: fc.constantFrom("set", "add", "rename", "delete", "twice"),
    value,
    key: fc.constantFrom(...KEYS),
  })
  .map(({ node, item, kind, value, key }) => (tree: Tree) => {
    const parents = nodesOf(tree).filter((inner) => !("text" in inner));
    const parent = parents[node % parents.length];
    if (parent === undefined) return;
    if ("list" in parent) {
      parent.list[item % (parent.list.length + 1)] = { text: value };
      return;
    }
    if (!("map" in parent)) return;
    const index = item % Math.max(1, parent.map.length);
    const pair = parent.map[index];
    if (kind === "add" || pair === undefined) parent.map.push([JSON.stringify(key), { text: value }]);
    else if (kind === "set") pair[1] = { text: value };
    else if (kind === "rename") pair[0] = JSON.stringify(key);
    else if (kind === "delete") parent.map.splice(index, 1);
    else parent.map.push([pair[0], { text: value }]);
  });

const PIECES = [
  "&a ",
  "*a",
  "<<: ",
  "? ",
  "! ",
  "|\n",
  "%",
  "@",
  "`",
  "\t",
  "\u2028",
  "\ufeff",
  "- ",
  ": ",
  "'",
  '"',
  "{",
  "]",
  "#",
  "\0",
];

/** Changes of the text itself. */
const edit: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.constantFrom<((text: string) => string)[]>(
    (text) => `\ufeff${text}`,
    (text) => text.replaceAll("\n", "\r\n"),
    (text) => text.replaceAll("  ", "\t"),
    (text) => `%YAML 1.1\n---\n${text}`,
    (text) => `${text}\n---\n${text}`,
    (text) => Buffer.from(text, "utf16le").toString("latin1"),
  ),
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => (text: string) => text.slice(0, text.length * share)),
  fc
    .record({ share: fc.double({ min: 0, max: 1, noNaN: true }), piece: fc.constantFrom(...PIECES) })
    .map(({ share, piece }) => (text: string) => {
      const place = Math.floor(text.length * share);
      return text.slice(0, place) + piece + text.slice(place);
    }),
);

/** Texts of both files of a stack, with a change or a few. */
export function hostileConfig(own: string, shared: string): fc.Arbitrary<{ own: string; shared: string }> {
  const changed = (text: string, changes: readonly Change[]) => {
    const tree = treeOf(parse(text));
    for (const apply of changes) apply(tree);
    return print(tree);
  };
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  const kinds: fc.Arbitrary<(text: string) => string> = fc.oneof(
    { weight: 3, arbitrary: changes.map((list) => (text: string) => changed(text, list)) },
    { weight: 1, arbitrary: edit },
  );
  return fc
    .record({ apply: kinds, isOwn: fc.boolean() })
    .map(({ apply, isOwn }) => (isOwn ? { own: apply(own), shared } : { own, shared: apply(shared) }));
}
