import { randomBytes } from "node:crypto";
import { formatPath } from "../protocol/compare.ts";
import type { CheckArgs, CheckFailure, Operation } from "../protocol/handler.ts";
import {
  hasUnknown,
  isMap,
  type PropertyMap,
  Secret,
  toPlainMap,
  Unknown,
  unwrap,
  type Value,
} from "../protocol/value.ts";
import type { InputRule } from "./resource.ts";
import type { ResourceType } from "./resource-type.ts";
import { DEFAULTS, withoutInternals } from "./values.ts";

/** Random characters of a name that is made, as many as the official plugin takes. */
const RANDOM = 7;

type Path = readonly (string | number)[];

/**
 * The inputs as the state keeps them: defaults, name, region and all tags filled in; and what is wrong with them.
 *
 * @param provider the provider's region and default tags.
 */
export function checkInputs(
  type: ResourceType,
  args: CheckArgs,
  op: Operation,
  provider: { region: string; defaultTags: Record<string, string> },
): { inputs: PropertyMap; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const given = withoutInternals(args.news);
  const defaults: string[] = [];

  const name = madeName(type, given, args, op);
  if (name && "reason" in name) failures.push(name);
  if (name && "value" in name) {
    given[name.property] = name.value;
    defaults.push(name.property);
  }
  const inputs = taken(type.rules, given, [], type.token, failures, defaults);
  if (!type.resource.global) inputs.region ??= provider.region;
  if (type.resource.tagged) inputs.tagsAll = allTags(provider.defaultTags, inputs.tags);
  if (failures.length === 0 && type.resource.validate && !hasUnknown(inputs)) {
    failures.push(...type.resource.validate(toPlainMap(inputs)));
  }
  return { inputs: { ...inputs, [DEFAULTS]: defaults.sort() }, failures };
}

/** What the rules let through of an object, with its defaults; the rest goes to `failures`. */
function taken(
  rules: Record<string, InputRule>,
  given: PropertyMap,
  path: Path,
  token: string,
  failures: CheckFailure[],
  defaults: string[],
): PropertyMap {
  const inputs: PropertyMap = {};
  for (const [key, value] of Object.entries(given)) {
    const at = [...path, key];
    const rule = rules[key];
    if (!rule || rule.output) failures.push({ property: formatPath(at), reason: refusal(key, rules, token) });
    else inputs[key] = rule.fields ? takenInside(rule, value, at, token, failures) : value;
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (key in inputs) continue;
    if (rule.default !== undefined) {
      inputs[key] = rule.default;
      defaults.push(key);
    } else if (rule.required) {
      failures.push({ property: formatPath([...path, key]), reason: `${token} needs "${key}", which was left out` });
    }
  }
  return inputs;
}

function takenInside(rule: InputRule, value: Value, path: Path, token: string, failures: CheckFailure[]): Value {
  if (value instanceof Unknown) return value;
  if (value instanceof Secret) return new Secret(takenInside(rule, value.element, path, token, failures));
  if (Array.isArray(value)) {
    return value.map((item, index) => takenInside(rule, item, [...path, index], token, failures));
  }
  if (isMap(value)) return taken(rule.fields ?? {}, value, path, token, failures, []);
  failures.push({ property: formatPath(path), reason: `was ${JSON.stringify(value)}; ${token} takes an object here` });
  return value;
}

function refusal(key: string, rules: Record<string, InputRule>, token: string): string {
  const names = Object.keys(rules).filter((name) => !rules[name]?.output && name !== "tagsAll");
  return (
    `the stand-in for the aws plugin does not take "${key}" here, in ${token} (it takes: ${names.sort().join(", ")}); ` +
    "leave it out, or use the official plugin"
  );
}

type Name = { property: string; value: Value } | CheckFailure | undefined;

/** The name of a resource whose program gives none: that of the last time, else a new one. */
function madeName({ autoname, rules }: ResourceType, given: PropertyMap, args: CheckArgs, op: Operation): Name {
  if (!autoname || given[autoname.property] !== undefined) return undefined;
  const { property, limit, lowercase } = autoname;
  if (`${property}Prefix` in rules && given[`${property}Prefix`] !== undefined) return undefined;

  const before = args.olds[property];
  if (before !== undefined && before !== null && wasDefault(property, args.olds)) return { property, value: before };
  if (args.namingDisabled) return { property, reason: `autonaming is switched off: set ${property}` };
  if (args.proposedName) return { property, value: args.proposedName };
  const prefix = `${lowercase ? op.name.toLowerCase() : op.name}-`;
  if (prefix.length + RANDOM > limit) {
    const reason = `"${prefix}" and ${RANDOM} random characters are longer than the ${limit} that AWS takes; set ${property}`;
    return { property, reason };
  }
  return { property, value: prefix + randomBytes(4).toString("hex").slice(0, RANDOM) };
}

/** Inputs that a refresh has written name no defaults; then all may have been. */
function wasDefault(property: string, olds: PropertyMap): boolean {
  const defaults = unwrap(olds[DEFAULTS]);
  return !Array.isArray(defaults) || defaults.includes(property);
}

/** The provider's default tags and the resource's own, which win. */
function allTags(defaultTags: Record<string, string>, tags: Value | undefined): Value {
  if (tags instanceof Unknown) return tags;
  if (tags instanceof Secret) return new Secret(allTags(defaultTags, tags.element));
  return { ...defaultTags, ...(isMap(tags) ? tags : {}) };
}
