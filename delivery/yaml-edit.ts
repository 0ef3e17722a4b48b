import { isMap, isPair, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";

/**
 * Edits of YAML that keep comments, order, quotes and spaces. Serialising a parsed document would reformat every line, and the diff
 * of a one-line record would have fifty.
 */

/** A path that cannot be edited. */
export class YamlEditError extends Error {}

interface Place {
  map: YAMLMap;
  /** Number of keys of the path that lead to the map. */
  depth: number;
}

/**
 * Sets the scalar at a path of keys and adds missing maps.
 *
 * @throws YamlEditError if the text is not YAML, or a key of the path does not lead to a map.
 */
export function setInText(text: string, path: readonly string[], value: string): string {
  const root = rootOf(text);
  const { map, depth } = deepest(root, path);
  const written = scalar(value);
  if (depth === path.length - 1) {
    const pair = pairOf(map, path.at(-1) as string);
    if (pair) return replaceValue(text, pair, written, path);
  }
  const missing = path.slice(depth);
  return isFlow(map) ? insertInFlow(text, map, missing, written) : insertInBlock(text, map, missing, written);
}

/** Removes the key at a path and its value. A path that does not exist needs no change. */
export function deleteInText(text: string, path: readonly string[]): string {
  const { map, depth } = deepest(rootOf(text), path);
  const pair = depth === path.length - 1 ? pairOf(map, path.at(-1) as string) : undefined;
  if (!pair) return text;
  const last = path.at(-1) as string;
  // An empty block map would read as null.
  if (map.items.length === 1) return path.length > 1 ? deleteInText(text, path.slice(0, -1)) : "";
  const [start] = rangeOf(pair.key);
  const end = endOf(text, pair);
  if (!isFlow(map)) return text.slice(0, lineStart(text, start)) + text.slice(lineEnd(text, end));
  const index = map.items.findIndex((item) => isPair(item) && keyOf(item) === last);
  const next = map.items[index + 1];
  if (next) return text.slice(0, start) + text.slice(rangeOf(next.key)[0]);
  const before = map.items[index - 1];
  return text.slice(0, rangeOf(before?.value ?? before?.key)[1]) + text.slice(end);
}

/** The scalar at a path, as a string. */
export function getInText(text: string, path: readonly string[]): string | undefined {
  const value = parseDocument(text).getIn(path);
  return value === undefined || value === null ? undefined : String(value);
}

function rootOf(text: string): YAMLMap {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new YamlEditError(fault.message.split("\n")[0]);
  if (!isMap(document.contents)) throw new YamlEditError("it is not a map");
  return document.contents as YAMLMap;
}

function deepest(root: YAMLMap, path: readonly string[]): Place {
  let map = root;
  for (const [depth, key] of path.slice(0, -1).entries()) {
    const value = pairOf(map, key)?.value;
    if (value === undefined) return { map, depth };
    if (!isMap(value)) throw new YamlEditError(`${path.slice(0, depth + 1).join(".")} is not a map`);
    map = value as YAMLMap;
  }
  return { map, depth: path.length - 1 };
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => keyOf(item) === key);
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function replaceValue(text: string, { key, value }: Pair, written: string, path: readonly string[]): string {
  if (!isScalar(value)) throw new YamlEditError(`${path.join(".")} is not a plain value`);
  const [start, end] = rangeOf(value);
  // The value of a key without one, with or without a comment after it, belongs right after the colon.
  const colon = afterColon(text, key);
  if (start === end) return `${text.slice(0, colon)} ${written}${text.slice(colon).replace(/^ +(?=,)/, "")}`;
  // The range of a multi-line value includes its last line break, which stays.
  const [lineBreak = ""] = /(\r?\n)?$/.exec(text.slice(start, end)) ?? [];
  return text.slice(0, start) + written + text.slice(end - lineBreak.length);
}

function insertInFlow(text: string, map: YAMLMap, missing: readonly string[], written: string): string {
  const nested = missing.slice(1).reduceRight((inner, key) => `{ ${scalar(key)}: ${inner} }`, written);
  const entry = `${scalar(missing[0] as string)}: ${nested}`;
  const last = map.items.at(-1);
  if (!last) {
    const [start, end] = rangeOf(map);
    return `${text.slice(0, start)}{ ${entry} }${text.slice(end)}`;
  }
  const end = rangeOf(last.value ?? last.key)[1];
  return `${text.slice(0, end)}, ${entry}${text.slice(end)}`;
}

function insertInBlock(text: string, map: YAMLMap, missing: readonly string[], written: string): string {
  const [start] = rangeOf(map.items[0]?.key);
  const column = start - lineStart(text, start);
  const lineBreak = lineBreakOf(text);
  const lines = missing.map((key, index) => {
    const indent = " ".repeat(column + 2 * index);
    return `${indent}${scalar(key)}:${index === missing.length - 1 ? ` ${written}` : ""}${lineBreak}`;
  });
  const last = map.items.at(-1);
  const end = last ? lineEnd(text, endOf(text, last)) : text.length;
  const before = text.slice(0, end);
  return `${before}${before.endsWith("\n") ? "" : lineBreak}${lines.join("")}${text.slice(end)}`;
}

/** The end of a pair. The range of a block map includes the blank lines and comments after it. */
function endOf(text: string, { key, value }: Pair): number {
  if (isMap(value) && !isFlow(value as YAMLMap) && value.items.length > 0)
    return endOf(text, value.items.at(-1) as Pair);
  if (!value) return rangeOf(key)[1];
  const [start, end] = rangeOf(value);
  return start === end ? afterColon(text, key) : end;
}

function afterColon(text: string, key: unknown): number {
  return text.indexOf(":", rangeOf(key)[1]) + 1;
}

/** How the text ends its lines. */
function lineBreakOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

function isFlow(map: YAMLMap): boolean {
  return map.flow === true;
}

function rangeOf(node: unknown): [number, number] {
  const { range } = (node ?? {}) as { range?: [number, number, number] };
  if (!range) throw new YamlEditError("a value has no position in the text");
  return [range[0], range[1]];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** The start of the next line. The range of a multi-line value ends there already. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

/**
 * Quotes a string that a parser could read as another type, or end early: "no" in YAML 1.1, which the engine uses, "0o17" in
 * YAML 1.2, and anything with a comma in a flow map.
 */
function scalar(value: string): string {
  const isPlain = (version: "1.1" | "1.2") => stringify(value, { lineWidth: 0, version }).trimEnd() === value;
  return /^\w([\w.+:-]*\w)?$/.test(value) && isPlain("1.1") && isPlain("1.2") ? value : JSON.stringify(value);
}
