import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { program } from "../programs.ts";

/** The part of an OpenAPI v3 schema that the conversion looks at. */
interface Schema {
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

/** How kubeconform finds what `writeSchemas` writes. */
export const SCHEMA_NAMES = "{{.ResourceKind}}{{.KindSuffix}}.json";

/**
 * Writes a JSON schema for every kind of some API versions, from the API server's own OpenAPI v3 documents: what it validates
 * against is exactly the cluster that the manifests will meet.
 *
 * @param apiVersions such as `apps/v1` or `v1`
 */
export async function writeSchemas(folder: string, apiVersions: Iterable<string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const apiVersion of apiVersions) {
    const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const { stdout } = await execa(program("kubectl"), ["get", "--raw", `/openapi/v3/${path}`]);
    const { components } = JSON.parse(stdout) as { components: { schemas: Record<string, Schema> } };
    const schemas = closed(components.schemas);
    for (const schema of Object.values(schemas)) {
      for (const { group, version, kind } of schema["x-kubernetes-group-version-kind"] ?? []) {
        if ((group ? `${group}/${version}` : version) !== apiVersion) continue;
        // References stay as they are: the document brings along all that they point to.
        await writeFile(
          join(folder, fileName(group, version, kind)),
          JSON.stringify({ ...schema, components: { schemas } }),
        );
      }
    }
  }
}

/** As kubeconform's `KindSuffix` has it: the first part of the group only. */
function fileName(group: string, version: string, kind: string): string {
  return `${[kind.toLowerCase(), group.split(".")[0], version].filter(Boolean).join("-")}.json`;
}

/** An object with named fields admits no others. The API server's documents leave that open, so a misspelt field would pass. */
function closed(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      schema.properties && schema.additionalProperties === undefined
        ? { ...schema, additionalProperties: false }
        : schema,
    ]),
  );
}
