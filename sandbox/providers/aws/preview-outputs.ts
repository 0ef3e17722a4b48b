import { isMap, type PropertyMap, Secret, Unknown, unwrap, type Value } from "../protocol/value.ts";
import type { InputRule } from "./resource.ts";
import { isInternal } from "./values.ts";

/**
 * The state of a resource after a create or an update, as far as a preview can know it: the new inputs; for those that are
 * left to AWS, the old value or an unknown; and the old outputs.
 *
 * @param old undefined for a create.
 */
export function previewOutputs(
  rules: Record<string, InputRule>,
  old: PropertyMap | undefined,
  next: PropertyMap,
): PropertyMap {
  const outputs = Object.entries(old ?? {}).filter(([key]) => !(key in rules) && !isInternal(key));
  const inputs = Object.entries(rules).flatMap(([key, rule]): [string, Value][] => {
    const value = previewValue(rule, old?.[key], next[key]);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries([...outputs, ...inputs]);
}

function previewValue(rule: InputRule, old: Value | undefined, next: Value | undefined): Value | undefined {
  if (next === undefined || next === null) {
    return rule.computed || rule.output ? (old ?? Unknown.value) : undefined;
  }
  return rule.fields ? previewNested(rule, rule.fields, unwrap(old), next) : next;
}

function previewNested(rule: InputRule, fields: Record<string, InputRule>, old: Value | undefined, next: Value): Value {
  if (next instanceof Secret) return new Secret(previewNested(rule, fields, old, next.element));
  if (Array.isArray(next)) {
    // AWS fills nothing into the items of a set.
    const before = Array.isArray(old) && !rule.set ? old : [];
    return next.map((item, index) => previewNested(rule, fields, unwrap(before[index]), item));
  }
  return isMap(next) ? previewOutputs(fields, isMap(old) ? old : undefined, next) : next;
}
