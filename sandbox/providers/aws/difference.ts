import { formatPath } from "../protocol/compare.ts";
import type { Change } from "../protocol/handler.ts";
import {
  hasUnknown,
  isMap,
  type PropertyMap,
  reveal,
  sameValue,
  toPlain,
  Unknown,
  type Value,
} from "../protocol/value.ts";
import { sameJson } from "./json-content.ts";
import type { InputRule } from "./resource.ts";
import { isEmpty } from "./values.ts";

type Path = readonly (string | number)[];
type Rules = Record<string, InputRule>;

/**
 * What must change so that a resource of the state `olds` is as the inputs `news` want it, property by property. As with the
 * official plugin it is the state that is compared, so what was changed behind our back shows; what the inputs leave
 * out and AWS fills in is no difference; a value that says nothing is the same as none; an unknown counts as a change.
 */
export function differences(rules: Rules, olds: PropertyMap, news: PropertyMap): Map<string, Change> {
  const changes = new Map<string, Change>();
  const record = (path: Path, kind: Change["kind"], replace: boolean): void => {
    changes.set(formatPath(path), { kind, replace });
  };
  compareFields(rules, revealed(olds), revealed(news), [], false, record);
  return changes;
}

/** Whether two values of a property mean the same. */
export function means(rule: InputRule, old: Value | undefined, next: Value | undefined): boolean {
  let same = true;
  compareValue(rule, bare(old), bare(next), [], false, () => {
    same = false;
  });
  return same;
}

type Recorder = (path: Path, kind: Change["kind"], replace: boolean) => void;

function compareFields(rules: Rules, a: PropertyMap, b: PropertyMap, path: Path, force: boolean, record: Recorder) {
  for (const [key, rule] of Object.entries(rules)) {
    compareValue(rule, bare(a[key]), bare(b[key]), [...path, key], force || rule.forcesNew === true, record);
  }
}

function compareValue(
  rule: InputRule,
  a: Value | undefined,
  b: Value | undefined,
  path: Path,
  force: boolean,
  record: Recorder,
): void {
  if (rule.output) return;
  const changed = (kind: Change["kind"], value: Value | undefined): void =>
    record(path, kind, force || forces(rule, value));
  if (b instanceof Unknown) changed(a === undefined ? "add" : "update", a);
  else if (b === undefined) {
    if (!rule.computed && !isEmpty(a)) changed("delete", a);
  } else if (a === undefined) {
    if (!isEmpty(b)) changed("add", b);
  } else if (!isSame(rule, a, b)) {
    if (Array.isArray(a) && Array.isArray(b)) compareLists(rule, a, b, path, force, record);
    else if (isMap(a) && isMap(b)) compareObjects(rule, a, b, path, force, record);
    else changed("update", b);
  }
}

function compareObjects(
  { fields }: InputRule,
  a: PropertyMap,
  b: PropertyMap,
  path: Path,
  force: boolean,
  record: Recorder,
): void {
  if (fields) compareFields(fields, a, b, path, force, record);
  else compareMaps(a, b, path, force, record);
}

function compareLists(rule: InputRule, a: Value[], b: Value[], path: Path, force: boolean, record: Recorder): void {
  const item = itemOf(rule);
  const [left, right] = rule.set ? unmatched(item, a, b) : [a.map((_, i) => i), b.map((_, i) => i)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [from, to] = [left[i], right[i]];
    const at = [...path, to ?? from ?? i];
    const [old, next] = [from === undefined ? undefined : a[from], to === undefined ? undefined : b[to]];
    // An item that says nothing, as an empty object, is an item all the same.
    if (old === undefined) record(at, "add", force || forces(item, next));
    else if (next === undefined) record(at, "delete", force || forces(item, old));
    else compareValue(item, bare(old), bare(next), at, force, record);
  }
}

/** A map of the user's, as tags: every key of it counts. */
function compareMaps(a: PropertyMap, b: PropertyMap, path: Path, force: boolean, record: Recorder): void {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [old, next] = [bare(a[key]), bare(b[key])];
    if (next === undefined) record([...path, key], "delete", force);
    else if (old === undefined) record([...path, key], "add", force);
    else compareValue({}, old, next, [...path, key], force, record);
  }
}

/** The places of the items that have no equal on the other side. */
export function unmatched(item: InputRule, a: Value[], b: Value[]): [number[], number[]] {
  const right = b.map((_, index) => index);
  const left = a.flatMap((old, index) => {
    const match = right.findIndex((place) => means(item, old, b[place]));
    if (match < 0) return [index];
    right.splice(match, 1);
    return [];
  });
  return [left, right];
}

/** The rule of an item of the list that a rule is for. */
export function itemOf(rule: InputRule): InputRule {
  const { set: _, computed: __, ...item } = rule;
  return item;
}

function isSame(rule: InputRule, a: Value, b: Value): boolean {
  if (hasUnknown(b) || hasUnknown(a)) return false;
  if (rule.same && !Array.isArray(a) && rule.same(toPlain(a), toPlain(b))) return true;
  if (rule.json && typeof a === "string" && typeof b === "string") return sameJson(a, b, rule.json);
  // A port is a number here and a string there.
  return isScalar(a) && isScalar(b) ? String(a) === String(b) : sameValue(a, b);
}

const isScalar = (value: Value): boolean => typeof value !== "object";

/** Whether a property that comes or goes as a whole brings along one that cannot be changed in place. */
function forces(rule: InputRule, value: Value | undefined): boolean {
  if (rule.forcesNew) return true;
  if (Array.isArray(value)) return value.some((item) => forces(itemOf(rule), bare(item)));
  return (
    isMap(value) &&
    Object.entries(rule.fields ?? {}).some(
      ([key, field]) => !isEmpty(bare(value[key])) && forces(field, bare(value[key])),
    )
  );
}

const bare = (value: Value | undefined): Value | undefined => value ?? undefined;

function revealed(map: PropertyMap): PropertyMap {
  const value = reveal(map);
  return isMap(value) ? value : {};
}
