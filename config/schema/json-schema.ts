import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { environmentSchema } from "./environment.ts";
import { chartValuesSchema } from "./service/index.ts";

/** The JSON schemas that editors and Helm check with, by path under the project. Generated, so that there is one source. */
export function jsonSchemas(): Record<string, string> {
  // A file of the merge holds only its part of an environment, so nothing is required there.
  const shared = withoutRequired(z.toJSONSchema(environmentSchema, { io: "input" }));
  return {
    "stacks/services.schema.json": print({ title: "stacks/services.yaml and slipway:environment", ...shared }),
    "charts/service/values.schema.json": print({
      title: "Values of charts/service",
      ...z.toJSONSchema(chartValuesSchema, { io: "input", target: "draft-7" }),
    }),
  };
}

function withoutRequired<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(withoutRequired) as T;
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => !(key === "required" && Array.isArray(value)));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutRequired(value)])) as T;
}

function print(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "../..");
  for (const [path, text] of Object.entries(jsonSchemas())) writeFileSync(join(root, path), text);
}
