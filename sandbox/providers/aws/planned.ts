import { isMap, type PropertyMap, Secret, Unknown, unwrap, type Value } from "../protocol/value.ts";
import { itemOf, means, unmatched } from "./difference.ts";
import type { InputRule } from "./resource.ts";
import { isInternal } from "./values.ts";

/**
 * What a resource will be, as far as that can be told before it is made or changed: the new inputs; where they leave
 * something to AWS, what it was before, else an unknown; and the old outputs.
 *
 * @param old undefined when there is none.
 */
export function planned(
  rules: Record<string, InputRule>,
  old: PropertyMap | undefined,
  next: PropertyMap,
): PropertyMap {
  const outputs = Object.entries(old ?? {}).filter(([key]) => !(key in rules) && !isInternal(key));
  const inputs = Object.entries(rules).flatMap(([key, rule]): [string, Value][] => {
    const value = plannedValue(rule, old?.[key], next[key]);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries([...outputs, ...inputs]);
}

function plannedValue(rule: InputRule, old: Value | undefined, next: Value | undefined): Value | undefined {
  if (next === undefined || next === null) {
    return rule.computed || rule.output ? (old ?? Unknown.value) : undefined;
  }
  return rule.fields ? plannedInside(rule, rule.fields, unwrap(old), next) : next;
}

function plannedInside(rule: InputRule, fields: Record<string, InputRule>, old: Value | undefined, next: Value): Value {
  if (next instanceof Secret) return new Secret(plannedInside(rule, fields, old, next.element));
  if (Array.isArray(next)) {
    const before = Array.isArray(old) ? old : [];
    const partner = partners(rule, before, next);
    return next.map((item, index) => plannedInside(itemOf(rule), fields, unwrap(before[partner(index)]), item));
  }
  return isMap(next) ? planned(fields, isMap(old) ? old : undefined, next) : next;
}

/** Which old item a new one continues: in a set its equal, in a list the one at its place. */
function partners(rule: InputRule, old: Value[], next: Value[]): (index: number) => number {
  if (!rule.set) return (index) => index;
  const [, added] = unmatched(itemOf(rule), old, next);
  return (index) => (added.includes(index) ? -1 : old.findIndex((item) => means(itemOf(rule), item, next[index])));
}
