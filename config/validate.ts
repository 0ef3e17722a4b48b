import { deepmergeCustom } from "deepmerge-ts";
import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { crossFieldFaults, type Fault } from "./rules/index.ts";
import { type EnvironmentConfig, environmentSchema } from "./schema/environment.ts";

type Path = readonly PropertyKey[];

/** A config source: what it holds, and the name a person finds it under. */
export interface Source {
  /** Such as stacks/services.yaml, or `slipway:environment` of the stack's file. */
  name: string;
  value: unknown;
}

/** Every fault of a config, one a line. The message is for people: no stack trace belongs with it. */
export class ConfigError extends Error {
  constructor(
    readonly faults: readonly string[],
    intro = "The config has faults; nothing was changed.",
  ) {
    super([intro, ...faults.map((fault) => `  - ${fault}`)].join("\n"));
    this.name = "ConfigError";
  }
}

/** Maps merge; lists and scalars of the later source replace those of the earlier. */
export const merge = deepmergeCustom({ mergeArrays: false });

/**
 * Merges the sources, the later over the earlier, and checks the result as one.
 *
 * @param stack the stack's name: some rules are only its owner's.
 * @throws ConfigError that lists every fault with its source, path, the value given, what is allowed and what to do.
 */
export function validateEnvironment(sources: readonly Source[], stack: string): EnvironmentConfig {
  const merged = sources.map((source) => source.value ?? {}).reduce((base, over) => merge(base, over), {});
  const parsed = environmentSchema.safeParse(merged, { reportInput: true });
  const faults = parsed.success
    ? crossFieldFaults(parsed.data, stack)
    : parsed.error.issues.flatMap((issue) => schemaFaults(issue, merged));
  if (faults.length > 0) throw new ConfigError(faults.map((fault) => describe(fault, merged, sources)));
  return parsed.data as EnvironmentConfig;
}

function schemaFaults(issue: z.core.$ZodIssue, merged: unknown): Fault[] {
  const path = issue.path as (string | number)[];
  if (issue.code === "unrecognized_keys") {
    const known = keysAllowedAt(path, merged);
    return issue.keys.map((key) => ({ path: [...path, key], message: `not a known key. ${suggestion(key, known)}` }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const options = issue.errors.flatMap((errors) => errors.map((error) => error.message));
    return [{ path, message: issue.message === "Invalid input" ? options.join(", or ") : `takes ${issue.message}` }];
  }
  if (issue.code === "invalid_format") {
    return [{ path, message: `takes ${issue.message.replace(/^Invalid string: /, "a string that ")}` }];
  }
  if (issue.code === "invalid_key")
    return [{ path, message: `this name is not allowed: it takes ${issue.issues[0]?.message}` }];
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ path, message: `required, ${issue.expected === "object" ? "a map" : `a ${issue.expected}`}. Add it` }];
  }
  return [{ path, message: issue.message.replace(/^Invalid (input|option): /, "") }];
}

function suggestion(key: string, known: readonly string[]): string {
  if (known.length === 0) return "Remove it";
  const nearest = closest(key, [...known]);
  const hint = distance(key, nearest) <= 3 ? `Did you mean ${nearest}? ` : "";
  return `${hint}Known here: ${known.join(", ")}`;
}

/** The keys of the map at a path, read off the schema itself so that the hint cannot go stale. */
function keysAllowedAt(path: Path, merged: unknown): string[] {
  let schema = unwrap(environmentSchema, merged);
  path.forEach((key, index) => {
    schema = unwrap(step(schema, key), at(merged, path.slice(0, index + 1)));
  });
  const def = schema?._zod.def as { shape?: object } | undefined;
  return Object.keys(def?.shape ?? {});
}

interface SchemaDef {
  innerType?: z.core.$ZodType;
  shape?: Record<PropertyKey, z.core.$ZodType>;
  valueType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  discriminator?: string;
}

/** The schema of the value itself: of a union's options the one that the value's discriminator names, else the first. */
function unwrap(schema: z.core.$ZodType | undefined, value: unknown): z.core.$ZodType | undefined {
  const def = schema?._zod.def as SchemaDef | undefined;
  if (def?.innerType) return unwrap(def.innerType, value);
  if (!def?.options) return schema;
  const key = def.discriminator ?? "";
  const named = def.options.find((option) => step(option, key)?._zod.values?.has(at(value, [key]) as string));
  return unwrap(named ?? def.options[0], value);
}

function step(schema: z.core.$ZodType | undefined, key: PropertyKey): z.core.$ZodType | undefined {
  const def = schema?._zod.def as SchemaDef | undefined;
  return def?.shape?.[key] ?? def?.valueType ?? def?.element;
}

function describe(fault: Fault, merged: unknown, sources: readonly Source[]): string {
  const given = at(merged, fault.path);
  // The last source that says anything on the way to the field is where a person mends it.
  const said = [...sources].reverse().find((source) => at(source.value, fault.path) !== undefined);
  const near = said ?? [...sources].reverse().find((source) => at(source.value, fault.path.slice(0, -1)) !== undefined);
  const where = `${(near ?? sources[0])?.name}: ${dotted(fault.path)}`;
  const value = given === undefined ? "nothing given" : `${shorten(given)} given`;
  return `${where}: ${value}; ${fault.message}.`;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined | null)?.[key], value);
}

function dotted(path: Path): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index ? "." : ""}${String(key)}`))
    .join("");
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
