import { isMap, type PropertyMap, Secret, Unknown, unwrap, type Value } from "../protocol/value.ts";
import type { InputRule } from "./resource.ts";
import { isInternal } from "./values.ts";

/**
 * What a resource will be, as far as that can be told before it is made or changed: the new inputs; where they leave
 * something to AWS, what it was before, else an unknown; and the old outputs.
 *
 * @param old undefined when there is none.
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
    // An item of a set holds nothing that AWS fills in.
    const before = Array.isArray(old) && !rule.set ? old : [];
    return next.map((item, index) => previewNested(rule, fields, unwrap(before[index]), item));
  }
  return isMap(next) ? previewOutputs(fields, isMap(old) ? old : undefined, next) : next;
}
