import type { z } from "zod";
import { type Fault, type Path, valueAt } from "../fault.ts";
import { isMap } from "../merge.ts";
import { nearest } from "../nearest.ts";
import { environmentSchema } from "./environment.ts";

/** What zod found, in words that say what is allowed. */
export function schemaFaults(error: z.ZodError, value: unknown): Fault[] {
  const faults = error.issues.flatMap((issue) => faultsOfIssue(issue, value));
  return faults.map((fault) => (namesSecrets(fault.path) ? { ...fault, hideValue: true } : fault));
}

/** Where names of secrets belong, somebody may have written a secret. */
function namesSecrets(path: Path): boolean {
  const field = path[0] === "services" ? path.slice(2) : path.slice(1);
  return field.includes("secrets") || field.includes("secretFiles");
}

function faultsOfIssue(issue: z.core.$ZodIssue, value: unknown): Fault[] {
  const path = issue.path as Path;
  if (issue.code !== "unrecognized_keys") return [{ path, message: messageOf(issue) }];
  const known = keysAllowedAt(path, value);
  return issue.keys.map((key) => ({ path: [...path, key], message: `not a known key. ${suggestion(key, known)}` }));
}

/** Kinds of values in the words of YAML. */
const KINDS: Record<string, string> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type": {
      const kind = KINDS[issue.expected] ?? issue.expected;
      if (issue.input === undefined) return `required, ${kind}. Add it`;
      if (!issue.message.startsWith("Invalid input")) return `must be ${issue.message}`;
      return `must be ${kind}${quotesHint(issue.expected, issue.input)}`;
    }
    case "invalid_value":
      // A schema with a message of its own says it better.
      if (!issue.message.startsWith("Invalid")) return issue.message;
      return `must be one of ${issue.values.map((allowed) => JSON.stringify(allowed)).join(", ")}`;
    case "invalid_format":
      return issue.message.startsWith("Invalid string: ")
        ? issue.message.slice("Invalid string: ".length)
        : `must be ${issue.message}`;
    case "too_small":
      if (issue.origin !== "number" && issue.minimum === 1) return "must not be empty";
      return `must ${issue.origin === "number" ? "be" : "have"} ${issue.minimum}${unitOf(issue.origin)} or more`;
    case "too_big":
      return `must ${issue.origin === "number" ? "be" : "have"} ${issue.maximum}${unitOf(issue.origin)} or less`;
    case "invalid_union":
      if (issue.message !== "Invalid input") return `must be ${issue.message}`;
      return issue.errors.flatMap((errors) => errors.map(messageOf)).join(", or ");
    case "invalid_key":
      return `this name is not allowed. It must be ${issue.issues[0]?.message}`;
    default:
      return issue.message;
  }
}

/** YAML decides by quotes whether a value is text. */
function quotesHint(expected: string, given: unknown): string {
  if (expected === "string" && (typeof given === "number" || typeof given === "boolean")) return ". Put it in quotes";
  if (expected === "number" && typeof given === "string" && /^[0-9]+$/.test(given)) return ". Remove the quotes";
  return "";
}

function unitOf(origin: string): string {
  return { string: " characters", array: " items" }[origin] ?? "";
}

function suggestion(key: string, known: readonly string[]): string {
  if (known.length === 0) return "Remove it";
  const meant = nearest(key, known);
  return `${meant ? `Did you mean ${meant}? ` : ""}Known here: ${known.join(", ")}`;
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

/**
 * The schema of the value itself. Of a union: the option that the value's discriminator names, else the map that has most of the value's
 * keys, else the first.
 */
function unwrap(schema: z.core.$ZodType | undefined, value: unknown): z.core.$ZodType | undefined {
  const def = schema?._zod.def as SchemaDef | undefined;
  if (def?.innerType) return unwrap(def.innerType, value);
  if (!def?.options) return schema;
  const key = def.discriminator ?? "";
  const named = def.options.find((option) => step(option, key)?._zod.values?.has(valueAt(value, [key]) as string));
  return unwrap(named ?? mapOf(def.options, value) ?? def.options[0], value);
}

function mapOf(options: readonly z.core.$ZodType[], value: unknown): z.core.$ZodType | undefined {
  if (!isMap(value)) return undefined;
  const keys = Object.keys(value);
  const shared = options.flatMap((option) => {
    const { shape } = option._zod.def as SchemaDef;
    return shape ? [{ option, count: keys.filter((key) => Object.hasOwn(shape, key)).length }] : [];
  });
  return shared.sort((a, b) => b.count - a.count)[0]?.option;
}

function step(schema: z.core.$ZodType | undefined, key: string | number): z.core.$ZodType | undefined {
  const def = schema?._zod.def as SchemaDef | undefined;
  return (def?.shape && Object.hasOwn(def.shape, key) ? def.shape[key] : undefined) ?? def?.valueType ?? def?.element;
}
