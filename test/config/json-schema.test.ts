import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jsonSchemas } from "../../config/schema/json-schema.ts";

const root = join(import.meta.dirname, "../..");

it.each(Object.entries(jsonSchemas()))("%s is up to date: run npm run schema if not", (path, text) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(text);
});
