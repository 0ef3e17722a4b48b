import { isDeepStrictEqual } from "node:util";
import { formatPath } from "../protocol/compare.ts";
import type { Change } from "../protocol/handler.ts";
import { hasUnknown, isMap, type PropertyMap, reveal, sameValue, Unknown, type Value } from "../protocol/value.ts";
import type { InputRule } from "./resource.ts";
import { isEmpty } from "./values.ts";

type Path = readonly (string | number)[];
type Rules = Record<string, InputRule>;
type Found = [path: string, change: Change][];

/**
 * The changes from the state `olds` to the inputs `news`, by property. As in the official plugin, the state is compared, so
 * that drift shows. A property that is left out and filled in by AWS is no change. An empty value equals none. An unknown
 * is a change.
 */
export function differences(rules: Rules, olds: PropertyMap, news: PropertyMap): Map<string, Change> {
  return new Map(compareFields(rules, reveal(olds) as PropertyMap, reveal(news) as PropertyMap, [], false));
}

/** Whether two values of a property are equivalent. */
export function isEquivalent(rule: InputRule, old: Value | undefined, next: Value | undefined): boolean {
  return compareValue(rule, withoutNull(old), withoutNull(next), [], false).length === 0;
}

/** @param force whether a property around it cannot be changed in place. */
function compareFields(rules: Rules, a: PropertyMap, b: PropertyMap, path: Path, force: boolean): Found {
  return Object.entries(rules).flatMap(([key, rule]) =>
    compareValue(rule, withoutNull(a[key]), withoutNull(b[key]), [...path, key], force || rule.forcesNew === true),
  );
}

function compareValue(rule: InputRule, a: Value | undefined, b: Value | undefined, path: Path, force: boolean): Found {
  if (rule.output) return [];
  const changed = (kind: Change["kind"], value: Value | undefined): Found => [
    [formatPath(path), { kind, replace: force || forces(rule, value) }],
  ];
  if (b instanceof Unknown) return changed(a === undefined ? "add" : "update", a);
  if (b === undefined) return rule.computed || isEmpty(a) ? [] : changed("delete", a);
  if (a === undefined) return isEmpty(b) ? [] : changed("add", b);
  if (isSame(rule, a, b)) return [];
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(rule, a, b, path, force);
  if (!isMap(a) || !isMap(b)) return changed("update", b);
  return rule.fields ? compareFields(rule.fields, a, b, path, force) : compareMaps(a, b, path, force);
}

function compareLists(rule: InputRule, a: Value[], b: Value[], path: Path, force: boolean): Found {
  const item = itemOf(rule);
  const [left, right] = rule.set ? unmatched(item, a, b) : [[...a.keys()], [...b.keys()]];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index): Found => {
    const [from, to] = [left[index], right[index]];
    const at = [...path, to ?? from ?? index];
    const [old, next] = [from === undefined ? undefined : a[from], to === undefined ? undefined : b[to]];
    if (old !== undefined && next !== undefined)
      return compareValue(item, withoutNull(old), withoutNull(next), at, force);
    // An empty object is an item, too.
    const kind = old === undefined ? "add" : "delete";
    return [[formatPath(at), { kind, replace: force || forces(item, old ?? next) }]];
  }).flat();
}

/** A map whose keys the user chooses, as tags. */
function compareMaps(a: PropertyMap, b: PropertyMap, path: Path, replace: boolean): Found {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key): Found => {
    const [old, next, at] = [withoutNull(a[key]), withoutNull(b[key]), formatPath([...path, key])];
    if (next === undefined) return [[at, { kind: "delete", replace }]];
    if (old === undefined) return [[at, { kind: "add", replace }]];
    return compareValue({}, old, next, [...path, key], replace);
  });
}

/** The indexes of items without an equivalent in the other list. */
function unmatched(item: InputRule, a: Value[], b: Value[]): [number[], number[]] {
  const right = [...b.keys()];
  const left = a.flatMap((old, index) => {
    const match = right.findIndex((place) => isEquivalent(item, old, b[place]));
    if (match < 0) return [index];
    right.splice(match, 1);
    return [];
  });
  return [left, right];
}

/** The rule for an item of a list, from the rule for the list. */
export function itemOf(rule: InputRule): InputRule {
  const { set: _, computed: __, ...item } = rule;
  return item;
}

function isSame(rule: InputRule, a: Value, b: Value): boolean {
  if (hasUnknown(b) || hasUnknown(a)) return false;
  if (rule.json && typeof a === "string" && typeof b === "string") return sameJson(a, b);
  // Ports are numbers in some places and strings in others.
  return isScalar(a) && isScalar(b) ? String(a) === String(b) : sameValue(a, b);
}

const isScalar = (value: Value): boolean => typeof value !== "object";

/** Whether two texts contain the same JSON. Others must be equal. */
function sameJson(a: string, b: string): boolean {
  try {
    return a === b || isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
  } catch {
    return false;
  }
}

/** Whether a property that is added or removed contains one that cannot be changed in place. */
function forces(rule: InputRule, value: Value | undefined): boolean {
  if (rule.forcesNew) return true;
  if (Array.isArray(value)) return value.some((item) => forces(itemOf(rule), withoutNull(item)));
  const given = isMap(value) ? value : {};
  return Object.entries(rule.fields ?? {}).some(
    ([key, field]) => !isEmpty(given[key]) && forces(field, withoutNull(given[key])),
  );
}

const withoutNull = (value: Value | undefined): Value | undefined => value ?? undefined;
