import {
  isMap,
  isPlainMap,
  type Plain,
  type PlainMap,
  type PropertyMap,
  unwrap,
  type Value,
} from "../protocol/value.ts";
import { isEquivalent, itemOf } from "./difference.ts";
import type { InputRule, Output, Outputs } from "./resource.ts";
import type { ResourceType } from "./resource-type.ts";
import { isInternal } from "./values.ts";

type Rules = Record<string, InputRule>;

/**
 * The state of a resource as AWS answers it. A value that is equivalent to the known one, as a policy in another format or a
 * set in another order, keeps the known form.
 *
 * @param known inputs, or the last state.
 * @param region of the resource.
 * @param defaultTags of the provider.
 */
export function refreshedOutputs(
  type: ResourceType,
  live: Outputs,
  known: PlainMap,
  region: string,
  defaultTags: Record<string, string>,
): PlainMap {
  const { tags, ...plain } = withoutUndefined(live);
  const outputs = {
    ...plain,
    ...(type.resource.tags ? splitTags(tags, known.tags, defaultTags) : {}),
    ...(type.resource.global ? {} : { region }),
  };
  return inKnownForm(type.rules, known, outputs);
}

/** The last inputs with the values of AWS. Properties that were not given stay left out. */
export function refreshedInputs(rules: Rules, inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([key, value]): [string, Value][] => {
      const now = outputs[key];
      return isInternal(key) || now === undefined ? [] : [[key, refreshed(rules[key] ?? {}, value, now)]];
    }),
  );
}

/** The answer of a type as JSON, without undefined values. */
export function withoutUndefined(live: Outputs): PlainMap {
  return Object.fromEntries(
    Object.entries(live).flatMap(([key, value]): [string, Plain][] => {
      const plain = definedValue(value);
      return plain === undefined || plain === null ? [] : [[key, plain]];
    }),
  );
}

function definedValue(value: Output): Plain | undefined {
  if (value === undefined || value === null || typeof value !== "object") return value;
  if (isList(value)) return value.flatMap((item) => definedValue(item) ?? []);
  return withoutUndefined(value);
}

const isList = (value: Output): value is readonly Output[] => Array.isArray(value);

/** Splits the tags in AWS into all tags and the resource's own: all but the provider's default tags that it does not give. */
function splitTags(tags: Plain | undefined, known: Plain | undefined, defaultTags: Record<string, string>): PlainMap {
  const own = isPlainMap(known) ? known : {};
  // Only AWS sets these.
  const all = Object.fromEntries(
    Object.entries(isPlainMap(tags) ? tags : {}).filter(([key]) => !key.startsWith("aws:")),
  );
  const given = Object.entries(all).filter(([key, value]) => key in own || defaultTags[key] !== value);
  return {
    tagsAll: all,
    ...(given.length > 0 || isPlainMap(known) ? { tags: Object.fromEntries(given) } : {}),
  };
}

/** The outputs, in the known form where they are equivalent. */
function inKnownForm(rules: Rules, known: PlainMap, outputs: PlainMap): PlainMap {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, knownFormOf(rules[key], known[key], value)]),
  );
}

function knownFormOf(rule: InputRule | undefined, known: Plain | undefined, value: Plain): Plain {
  if (!rule || known === undefined) return value;
  if (isPlainMap(value) && isPlainMap(known) && rule.fields) return inKnownForm(rule.fields, known, value);
  if (Array.isArray(value) && Array.isArray(known)) return knownOrderOf(rule, known, value);
  return rule.fields || !isEquivalent(rule, value, known) ? value : known;
}

/** A list; a set has the known order, with new items last. */
function knownOrderOf(rule: InputRule, known: Plain[], value: Plain[]): Plain[] {
  const item = itemOf(rule);
  if (!rule.set) return value.map((now, index) => knownFormOf(item, known[index], now));
  const rest = [...value];
  const kept = known.flatMap((before) => {
    const place = rest.findIndex((now) => isEquivalent(item, now, before));
    return place < 0 ? [] : rest.splice(place, 1).map((now) => knownFormOf(item, before, now));
  });
  return [...kept, ...rest];
}

function refreshed(rule: InputRule, input: Value, now: Value): Value {
  const [before, after] = [unwrap(input), unwrap(now)];
  if (Array.isArray(before) && Array.isArray(after)) {
    const item = itemOf(rule);
    return after.map((value, index) => {
      const source = rule.set ? before.find((old) => isEquivalent(item, value, old)) : before[index];
      return source === undefined ? value : refreshed(item, source, value);
    });
  }
  return isMap(before) && isMap(after) ? refreshedInputs(rule.fields ?? {}, before, after) : now;
}
