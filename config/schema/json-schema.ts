import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { environmentSchema } from "./environment.ts";
import { chartValuesSchema } from "./service/index.ts";

/** The JSON schemas that editors and Helm check with, by path under the project. Generated, so that there is one source. */
export function jsonSchemas(): Record<string, string> {
  // A file of the merge holds only its part of an environment, so nothing is required there.
  const shared = nullable(withoutRequired(z.toJSONSchema(environmentSchema, { io: "input" })));
  return {
    "stacks/services.schema.json": print({ title: "stacks/services.yaml and slipway:environment", ...shared }),
    "charts/service/values.schema.json": print({
      title: "Values of charts/service",
      ...withoutLookaheads(z.toJSONSchema(chartValuesSchema, { io: "input", target: "draft-7" })),
    }),
  };
}

type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };

function withoutRequired(schema: object): object {
  return change(schema, ({ required, ...rest }) => (Array.isArray(required) ? rest : { required, ...rest }));
}

/** With null allowed for every key of a map: it takes away what an earlier part of the merge gives. */
function nullable(schema: object): object {
  return change(schema, (part) => {
    const { properties, additionalProperties } = part;
    return {
      ...part,
      ...(isObject(properties) && {
        properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, orNull(value)])),
      }),
      ...(isObject(additionalProperties) && { additionalProperties: orNull(additionalProperties) }),
    };
  });
}

function orNull(schema: Json): Json {
  if (!isObject(schema)) return schema;
  const { type, enum: values, anyOf, oneOf } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  if (Array.isArray(oneOf)) return { ...schema, oneOf: [...oneOf, { type: "null" }] };
  if (typeof type !== "string" || schema.const !== undefined) return schema;
  return { ...schema, type: [type, "null"], ...(Array.isArray(values) && { enum: [...values, null] }) };
}

/** Helm checks with Go's regular expressions, which have no lookahead. What such a pattern says is checked by config/ only. */
function withoutLookaheads(schema: object): object {
  const has = (value: Json) => typeof value === "string" && /\(\?[=!]/.test(value);
  return change(schema, ({ pattern, allOf, ...part }) => ({
    ...part,
    ...(pattern !== undefined && !has(pattern) && { pattern }),
    ...(Array.isArray(allOf) && {
      allOf: allOf.filter((item) => Object.keys(item as object).length > 0),
    }),
  }));
}

/** The schema with a change of each of its maps, the innermost first. */
function change(schema: object, edit: (part: { [key: string]: Json }) => object): object {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    return edit(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner)]))) as Json;
  };
  return visit(schema as Json) as object;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function print(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "../..");
  for (const [path, text] of Object.entries(jsonSchemas())) writeFileSync(join(root, path), text);
}
