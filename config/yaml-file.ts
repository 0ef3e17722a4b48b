import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import type { Path } from "./fault.ts";

/** A YAML file, and the line on which each of its values is written. */
export interface YamlFile {
  /** Undefined if the file is empty. */
  value: unknown;
  /** Syntax errors, such as `stacks/services.yaml:3: Flow sequence …`. The value is of no use if there are any. */
  errors: string[];
  /**
   * Line of a key or list item, counted from 1. For a path that the file does not have: the line of the nearest parent
   * that it has. Undefined for the root.
   */
  lineOf(path: Path): number | undefined;
  /** Whether a merge key (`<<`) beside the key at a path gives that key as well. */
  replacesMerged(path: Path): boolean;
  /** A scalar as it is written, if it is written without quotes and without a tag such as !!str. Undefined for anything else. */
  unquoted(path: Path): string | undefined;
  /** Paths below this one, of scalars without quotes that the test finds. */
  findUnquoted(path: Path, test: (text: string) => boolean): Path[];
}

/** Far more than any config has. What has more could not be shown or compared. */
const MOST_LEVELS = 100;

/**
 * @param name how people know the file, for its errors
 */
export function parseYaml(name: string, text: string): YamlFile {
  const counter = new LineCounter();
  // With merge keys (`<<`), as Pulumi reads the stack's file.
  const document = parseDocument(text, { lineCounter: counter, merge: true, logLevel: "error" });
  // A warning is about something that would be ignored, such as a tag that nobody knows.
  const errors = [...document.errors, ...document.warnings].map(({ message, linePos }) => {
    const [problem] = message.split("\n");
    return `${name}${linePos ? `:${linePos[0].line}` : ""}: ${problem?.replace(/ at line \d+, column \d+:$/, "")}`;
  });
  let value: unknown;
  try {
    if (errors.length === 0) value = readValue(document);
  } catch (error) {
    errors.push(`${name}: cannot be read: ${(error as Error).message}.`);
  }
  const lineAt = (node: unknown) => {
    const offset = (node as Node | null)?.range?.[0];
    return offset === undefined ? undefined : counter.linePos(offset).line;
  };
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  /** The node at a path, or nothing, and the line of the last part of the path that exists. */
  const find = (path: Path): { node: unknown; line: number | undefined } => {
    let line: number | undefined;
    let node: unknown = document.contents;
    for (const key of path) {
      const parent = resolve(node);
      if (isMap(parent)) {
        const pair = findPair(parent, String(key), resolve);
        if (pair === undefined) return { node: undefined, line };
        line = lineAt(pair.key);
        node = pair.value;
      } else if (isSeq(parent) && parent.items[Number(key)] !== undefined) {
        node = parent.items[Number(key)];
        line = lineAt(node);
      } else return { node: undefined, line };
    }
    return { node: resolve(node), line };
  };
  const unquotedIn = (node: unknown) =>
    isScalar(node) && node.type === "PLAIN" && node.tag === undefined ? node.source : undefined;
  const findUnquoted = (node: unknown, path: Path, test: (text: string) => boolean): Path[] => {
    const text = unquotedIn(node);
    if (text !== undefined) return test(text) ? [path] : [];
    if (isSeq(node)) return node.items.flatMap((item, index) => findUnquoted(item, [...path, index], test));
    if (!isMap(node)) return [];
    return node.items.flatMap(({ key, value }) =>
      isScalar(key) && !isMergeKey(key.value) ? findUnquoted(value, [...path, String(key.value)], test) : [],
    );
  };
  return {
    value,
    errors,
    lineOf: (path) => find(path).line,
    replacesMerged(path) {
      const { node } = find(path.slice(0, -1));
      return isMap(node) && findMerged(node, String(path.at(-1)), resolve) !== undefined;
    },
    unquoted(path) {
      return unquotedIn(find(path).node);
    },
    findUnquoted: (path, test) => findUnquoted(find(path).node, path, test),
  };
}

/** The map's own pair, else the first one that it merges in by `<<`. */
function findPair(map: YAMLMap, key: string, resolve: (node: unknown) => unknown): Pair | undefined {
  const own = map.items.find(
    (pair) => isScalar(pair.key) && !isMergeKey(pair.key.value) && String(pair.key.value) === key,
  );
  return own ?? findMerged(map, key, resolve);
}

/** The first pair that the map merges in by `<<`. */
function findMerged(map: YAMLMap, key: string, resolve: (node: unknown) => unknown): Pair | undefined {
  for (const pair of map.items) {
    if (!isScalar(pair.key) || !isMergeKey(pair.key.value)) continue;
    const merged = resolve(pair.value);
    for (const source of isSeq(merged) ? merged.items.map(resolve) : [merged]) {
      const found = isMap(source) ? findPair(source, key, resolve) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

function isMergeKey(value: unknown): boolean {
  return typeof value === "symbol" && value.description === "<<";
}

/** The value of a document without errors. @throws Error if it cannot be had, such as for an alias without its anchor */
function readValue(document: Document): unknown {
  visit(document, {
    Pair(_, { key }) {
      if (isMap(key) || isSeq(key)) throw new Error(`a key is a ${isMap(key) ? "map" : "list"}. Keys are text`);
    },
  });
  const value: unknown = document.toJS();
  if (isTooDeep(value, MOST_LEVELS)) {
    throw new Error(`it has more than ${MOST_LEVELS} levels, or an anchor (&) contains its own alias (*)`);
  }
  return value ?? undefined;
}

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
