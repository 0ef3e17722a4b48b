import { isMap, isPair, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";

/**
 * Edits of YAML that leave all the rest of the text as it is: comments, order, quotes, spaces. To write a parsed document
 * anew would lay out every line in the library's own way, and a record of one line would be a diff of fifty.
 */

/** A path that cannot be written to. */
export class YamlEditError extends Error {}

interface Place {
  map: YAMLMap;
  /** How many keys of the path lead to the map. */
  depth: number;
}

/**
 * Sets the scalar at a path of keys; maps that are missing on the way are added.
 *
 * @throws YamlEditError if the text is no YAML, or something on the way is no map.
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

/** Takes the key at a path away, with its value. A path that is not there is none to take away. */
export function deleteInText(text: string, path: readonly string[]): string {
  const { map, depth } = deepest(rootOf(text), path);
  const pair = depth === path.length - 1 ? pairOf(map, path.at(-1) as string) : undefined;
  if (!pair) return text;
  const last = path.at(-1) as string;
  // A map that would be left without any key in it would read as null.
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
  if (!isMap(document.contents)) throw new YamlEditError("it is no map");
  return document.contents as YAMLMap;
}

function deepest(root: YAMLMap, path: readonly string[]): Place {
  let map = root;
  for (const [depth, key] of path.slice(0, -1).entries()) {
    const value = pairOf(map, key)?.value;
    if (value === undefined) return { map, depth };
    if (!isMap(value)) throw new YamlEditError(`${path.slice(0, depth + 1).join(".")} is no map`);
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
  if (!isScalar(value)) throw new YamlEditError(`${path.join(".")} is no plain value`);
  const [start, end] = rangeOf(value);
  // A key without a value, be there a remark behind it: the value's place is right behind the colon.
  const colon = behindColon(text, key);
  if (start === end) return `${text.slice(0, colon)} ${written}${text.slice(colon).replace(/^ +(?=,)/, "")}`;
  // A value of several lines ends with its last line's end, which stays.
  const last = text[end - 1] === "\n" ? end - 1 : end;
  return text.slice(0, start) + written + text.slice(last);
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
  const lines = missing.map((key, index) => {
    const indent = " ".repeat(column + 2 * index);
    return `${indent}${scalar(key)}:${index === missing.length - 1 ? ` ${written}` : ""}\n`;
  });
  const last = map.items.at(-1);
  const end = last ? lineEnd(text, endOf(text, last)) : text.length;
  const before = text.slice(0, end);
  return `${before}${before.endsWith("\n") ? "" : "\n"}${lines.join("")}${text.slice(end)}`;
}

/** Where a pair's last character is: a block map's own range goes on over the blank lines and remarks behind it. */
function endOf(text: string, { key, value }: Pair): number {
  if (isMap(value) && !isFlow(value as YAMLMap) && value.items.length > 0)
    return endOf(text, value.items.at(-1) as Pair);
  if (!value) return rangeOf(key)[1];
  const [start, end] = rangeOf(value);
  return start === end ? behindColon(text, key) : end;
}

function behindColon(text: string, key: unknown): number {
  return text.indexOf(":", rangeOf(key)[1]) + 1;
}

function isFlow(map: YAMLMap): boolean {
  return map.flow === true;
}

function rangeOf(node: unknown): [number, number] {
  const { range } = (node ?? {}) as { range?: [number, number, number] };
  if (!range) throw new YamlEditError("a value has no place in the text");
  return [range[0], range[1]];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Behind the line's end; a value that ended with its line ends there already. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

/**
 * To be the same string to every reader, wherever it stands: to one of YAML 1.1, which the engine is, "no" is none, to one of 1.2
 * "0o17", and in a flow map a comma ends it.
 */
function scalar(value: string): string {
  const ways = (["1.1", "1.2"] as const).map((version) => stringify(value, { lineWidth: 0, version }).trimEnd());
  return /^\w([\w.+:-]*\w)?$/.test(value) && ways.every((written) => written === value) ? value : JSON.stringify(value);
}
