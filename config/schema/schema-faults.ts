import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { type Fault, type Path, valueAt } from "../fault.ts";
import { environmentSchema } from "./environment.ts";

/** What zod found, in words that say what is allowed. */
export function schemaFaults(error: z.ZodError, value: unknown): Fault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue, value));
}

function faultsOfIssue(issue: z.core.$ZodIssue, value: unknown): Fault[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const known = keysAllowedAt(path, value);
    return issue.keys.map((key) => ({ path: [...path, key], message: `not a known key. ${suggestion(key, known)}` }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const options = issue.errors.flatMap((errors) => errors.map(({ message }) => message));
    return [{ path, message: issue.message === "Invalid input" ? options.join(", or ") : `must be ${issue.message}` }];
  }
  if (issue.code === "invalid_format") {
    return [{ path, message: `must be ${issue.message.replace(/^Invalid string: /, "a string that ")}` }];
  }
  if (issue.code === "invalid_key")
    return [{ path, message: `this name is not allowed, it must be ${issue.issues[0]?.message}` }];
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ path, message: `required, ${issue.expected === "object" ? "a map" : `a ${issue.expected}`}. Add it` }];
  }
  return [{ path, message: issue.message.replace(/^Invalid (input|option): /, "") }];
}

function suggestion(key: string, known: readonly string[]): string {
  if (known.length === 0) return "Remove it";
  const nearest = closest(key, [...known]);
  const hint = distance(key, nearest) <= Math.min(3, key.length / 2) ? `Did you mean ${nearest}? ` : "";
  return `${hint}Known here: ${known.join(", ")}`;
}

/** The keys of the map at a path, read from the schema itself so that the hint stays true. */
function keysAllowedAt(path: Path, value: unknown): string[] {
  let schema = unwrap(environmentSchema, value);
  path.forEach((key, index) => {
    schema = unwrap(step(schema, key), valueAt(value, path.slice(0, index + 1)));
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

/** The schema of the value itself. Of a union: the option that the value's discriminator names, else the first. */
function unwrap(schema: z.core.$ZodType | undefined, value: unknown): z.core.$ZodType | undefined {
  const def = schema?._zod.def as SchemaDef | undefined;
  if (def?.innerType) return unwrap(def.innerType, value);
  if (!def?.options) return schema;
  const key = def.discriminator ?? "";
  const named = def.options.find((option) => step(option, key)?._zod.values?.has(valueAt(value, [key]) as string));
  return unwrap(named ?? def.options[0], value);
}

function step(schema: z.core.$ZodType | undefined, key: string | number): z.core.$ZodType | undefined {
  const def = schema?._zod.def as SchemaDef | undefined;
  return def?.shape?.[key] ?? def?.valueType ?? def?.element;
}
