import { isDeepStrictEqual } from "node:util";
import { merge } from "../../config/merge.ts";
import { ENVIRONMENT_KEY, RELEASE_KEY, stackFileOf } from "../../config/naming.ts";
import { mergeEnvironment } from "../../config/read.ts";
import { stackFileConfig } from "../../config/stack-file.ts";
import { parseYaml } from "../../config/yaml-file.ts";
import { splitServices } from "./differences.ts";
import type { ImportedEnvironment } from "./environment-services.ts";
import { environmentAround } from "./refused.ts";
import { yamlText } from "./yaml-text.ts";

const SHARED = "services.yaml";

const SHARED_COMMENT = ` Imported by slipway import. Move it to stacks/services.yaml, or its services into the one that is there.
 yaml-language-server: $schema=./services.schema.json`;
const OWN_COMMENT = ` Imported by slipway import: what differs in this stack. Move it to stacks/, and add cluster, images and
 what else belongs to the environment: docs/import.md`;

/** The texts of services.yaml and of each stack's file, by the file's name. The program's own checks have accepted them. */
export function configFiles(environments: readonly ImportedEnvironment[]): Record<string, string> {
  const { shared, own } = splitServices(environments.map(({ services }) => services));
  const fields = environments.map(fieldsOf);
  const common = Object.fromEntries(
    Object.entries(fields[0] ?? {}).filter(([key, value]) =>
      fields.every((other) => isDeepStrictEqual(other[key as keyof typeof other], value)),
    ),
  );
  const files: Record<string, string> = { [SHARED]: yamlText(SHARED_COMMENT, { ...common, services: shared }) };
  for (const [index, { name }] of environments.entries()) {
    if (name === undefined) continue;
    const rest = Object.fromEntries(Object.entries(fields[index] ?? {}).filter(([key]) => !(key in common)));
    const release = sameTag(own[index] ?? {});
    const services = withTags(own[index] ?? {}, release === undefined);
    const value = {
      config: {
        ...(release !== undefined && { [RELEASE_KEY]: release }),
        [ENVIRONMENT_KEY]: { ...rest, ...(Object.keys(services).length > 0 && { services }) },
      },
    };
    files[fileNameOf(name)] = yamlText(OWN_COMMENT, value);
  }
  for (const { name } of environments) checkTogether(files, name);
  return files;
}

function fileNameOf(stack: string): string {
  return stackFileOf(stack).replace(/^.*\//, "");
}

/** What the environment itself says. */
function fieldsOf({ namespace, ingress }: ImportedEnvironment) {
  return {
    ...(namespace !== undefined && { namespace }),
    ...(ingress !== undefined && { ingress, addons: { traefik: { enabled: false } } }),
  };
}

type Services = Record<string, Record<string, unknown>>;

/** The tag of all services that are built, if they have the same one: that is the stack's release. */
function sameTag(services: Record<string, unknown>): string | undefined {
  const tags = Object.values(services as Services).flatMap(({ tag }) => (tag === undefined ? [] : [String(tag)]));
  return tags.length > 0 && tags.every((tag) => tag === tags[0]) ? tags[0] : undefined;
}

/** The services with their tags, or without if the release says them. */
function withTags(services: Record<string, unknown>, isKept: boolean): Record<string, unknown> {
  if (isKept) return services;
  const rest = Object.entries(services as Services).map(([name, { tag: _, ...fields }]) => [name, fields] as const);
  return Object.fromEntries(rest.filter(([, fields]) => Object.keys(fields).length > 0));
}

/** Reads what was written as the program reads it. @throws ConfigError if it is not valid after all */
function checkTogether(files: Record<string, string>, name: string | undefined): void {
  const { value, lineOf } = parseYaml(SHARED, files[SHARED] ?? "");
  const shared = { file: SHARED, value: merge(environmentAround({}, {}), value), lineOf };
  const own = name === undefined ? "" : (files[fileNameOf(name)] ?? "");
  // Somebody sets the secrets later.
  mergeEnvironment(shared, { ...stackFileConfig(name ?? "imported", own), isComplete: false });
}
