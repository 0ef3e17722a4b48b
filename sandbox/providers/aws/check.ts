import { randomBytes } from "node:crypto";
import { formatPath } from "../protocol/compare.ts";
import type { CheckArgs, CheckFailure, Operation } from "../protocol/handler.ts";
import { isMap, type Plain, type PropertyMap, Secret, Unknown, unwrap, type Value } from "../protocol/value.ts";
import type { InputRule } from "./resource.ts";
import type { ResourceType } from "./resource-type.ts";
import { DEFAULTS, withoutInternals } from "./values.ts";

/** Random characters of a generated name, as many as in the official plugin. */
const RANDOM = 7;

type Path = readonly (string | number)[];
type Rules = Record<string, InputRule>;

/**
 * Validates inputs, and completes them with defaults, name, region and all tags, as the state keeps them.
 *
 * @param provider its region and default tags.
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

  const name = nameOf(type, given, args, op);
  if (name && "reason" in name) failures.push(name);
  if (name && "value" in name) {
    given[name.property] = name.value;
    defaults.push(name.property);
  }
  const inputs = acceptedInputs(type.rules, given, [], { token: type.token, failures }, defaults);
  if (!type.resource.global) inputs.region ??= provider.region;
  if (type.resource.tags) inputs.tagsAll = allTags(provider.defaultTags, inputs.tags);
  if (type.resource.oneOf) failures.push(...choiceFaults(type.resource.oneOf, inputs));
  return { inputs: { ...inputs, [DEFAULTS]: defaults.sort() }, failures };
}

interface Findings {
  token: string;
  failures: CheckFailure[];
}

/**
 * The accepted properties of an object, with defaults. Adds the others to the failures.
 *
 * @param defaults gets the names of properties that have their default.
 */
function acceptedInputs(
  rules: Rules,
  given: PropertyMap,
  path: Path,
  to: Findings,
  defaults: string[] = [],
): PropertyMap {
  const inputs: PropertyMap = {};
  for (const [key, value] of Object.entries(given)) {
    const at = [...path, key];
    const rule = rules[key];
    if (!rule || rule.output) {
      to.failures.push({ property: formatPath(at), reason: refusal(key, rules, to.token) });
    } else {
      inputs[key] = rule.fields ? acceptedNested(rule.fields, value, at, to) : value;
      if (rule.allowed) checkValue(rule.allowed, value, at, to);
    }
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (key in inputs) continue;
    if (rule.default !== undefined) {
      inputs[key] = rule.default;
      defaults.push(key);
    } else if (rule.required) {
      const reason = `${to.token} needs "${key}", which is missing`;
      to.failures.push({ property: formatPath([...path, key]), reason });
    }
  }
  return inputs;
}

function acceptedNested(fields: Rules, value: Value, path: Path, to: Findings): Value {
  if (value instanceof Unknown) return value;
  if (value instanceof Secret) return new Secret(acceptedNested(fields, value.element, path, to));
  if (Array.isArray(value)) return value.map((item, index) => acceptedNested(fields, item, [...path, index], to));
  if (isMap(value)) return acceptedInputs(fields, value, path, to);
  const reason = `was ${JSON.stringify(value)}; ${to.token} takes an object here`;
  to.failures.push({ property: formatPath(path), reason });
  return value;
}

/** Refuses a value that is not allowed; in a list, each such item. */
function checkValue(allowed: readonly Plain[], value: Value, path: Path, to: Findings): void {
  const given = unwrap(value);
  if (Array.isArray(given)) {
    for (const [index, item] of given.entries()) checkValue(allowed, item, [...path, index], to);
  } else if (!(given instanceof Unknown) && !allowed.some((one) => one === given)) {
    const takes = `the stand-in for the aws plugin takes ${allowed.join(", ")} here, in ${to.token}`;
    to.failures.push({ property: formatPath(path), reason: `was ${JSON.stringify(given)}; ${takes}` });
  }
}

function refusal(key: string, rules: Rules, token: string): string {
  const names = Object.keys(rules).filter((name) => !rules[name]?.output && name !== "tagsAll");
  return (
    `the stand-in for the aws plugin does not take "${key}" here, in ${token} (it takes: ${names.sort().join(", ")}); ` +
    "leave it out, or use the official plugin"
  );
}

/** The failure of properties of which exactly one must be given. */
function choiceFaults(names: readonly string[], inputs: PropertyMap): CheckFailure[] {
  const given = names.filter((name) => inputs[name] !== undefined && inputs[name] !== "");
  if (given.length === 1) return [];
  const reason = `give exactly one of ${names.join(", ")} (given: ${given.join(", ") || "none"})`;
  return [{ property: given[0] ?? names[0] ?? "", reason }];
}

type Name = { property: string; value: Value } | CheckFailure | undefined;

/** The name of a resource that is not given one: that of the last time, else a new one. */
function nameOf({ autoname }: ResourceType, given: PropertyMap, args: CheckArgs, op: Operation): Name {
  if (!autoname || given[autoname.property] !== undefined) return undefined;
  const { property, limit, lowercase } = autoname;
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

/** Inputs from a refresh list no defaults; then any of them may be one. */
function wasDefault(property: string, olds: PropertyMap): boolean {
  const defaults = unwrap(olds[DEFAULTS]);
  return !Array.isArray(defaults) || defaults.includes(property);
}

/** The provider's default tags, overridden by the resource's own. */
function allTags(defaultTags: Record<string, string>, tags: Value | undefined): Value {
  if (tags instanceof Unknown) return tags;
  if (tags instanceof Secret) return new Secret(allTags(defaultTags, tags.element));
  return { ...defaultTags, ...(isMap(tags) ? tags : {}) };
}
