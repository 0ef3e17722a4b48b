import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { jsonSchemas } from "../../config/schema/json-schema.ts";

const root = join(import.meta.dirname, "../..");

it.each(Object.entries(jsonSchemas()))("%s is up to date: run npm run schema if not", (path, text) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(text);
});

it("the schema of stack files knows defaults, and null wherever it takes a value away", () => {
  const text = jsonSchemas()["stacks/services.schema.json"] ?? "";
  const accepts = new Ajv2020({ strict: false, logger: false, validateFormats: false }).compile(JSON.parse(text));
  const web = (fields: object | null) => ({ services: { web: fields } });
  for (const config of [
    { defaults: { port: 8080, resources: { limits: { memory: "64Mi" } } } },
    { defaults: null, aws: null, protect: null },
    web({
      config: { DEBUG: null },
      secrets: null,
      kind: null,
      resources: { limits: { cpu: null } },
      rollout: { maxSurge: null },
    }),
  ]) {
    expect(accepts(config), JSON.stringify(config)).toBe(true);
  }
  for (const config of [{ defaults: { hosts: ["a.example.com"] } }, web({ secrets: [null] }), web({ port: "80" })]) {
    expect(accepts(config), JSON.stringify(config)).toBe(false);
  }
});

it("the schema of charts/service has no lookahead, which Helm cannot read", () => {
  expect(jsonSchemas()["charts/service/values.schema.json"]).not.toMatch(/"pattern": ".*\(\?[=!]/);
});
