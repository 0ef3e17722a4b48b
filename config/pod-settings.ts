import type { z } from "zod";
import { parsePatch } from "./pod-patch.ts";
import { versionOfImage } from "./schema/service/image.ts";
import type { chartValuesSchema, ParsedService } from "./schema/service/index.ts";
import { arrangeVariables, configData, type SecretKey } from "./variables.ts";

type ChartValues = z.input<typeof chartValuesSchema>;

/** What the pods of a service read. */
export interface PodSettings {
  /** Data of the ConfigMap whose keys are environment variables. */
  config: Record<string, string>;
  /** Data of the ConfigMap whose keys are files: a text, or a file of the project. */
  files: Record<string, string | { from: string }>;
  /** Names of the secrets whose values are files, by the key in their Secret. */
  secretFiles: Record<string, string>;
  /** Values for charts/service that follow from the fields of the service. */
  podValues: Pick<
    ChartValues,
    "podVersion" | "variables" | "files" | "secretFiles" | "secretRefs" | "initContainers" | "sidecars" | "patch"
  >;
}

type Container = NonNullable<ParsedService["sidecars"]>[string];

/** @param service without faults: see rules/service/ */
export function resolvePod(service: ParsedService): PodSettings {
  const { image, config, secrets } = service;
  const refs = keyedRefs(service);
  const files = withKeys(Object.entries(service.files ?? {}));
  const secretFiles = withKeys(Object.entries(service.secretFiles ?? {}));
  const ownSecretFiles = secretFiles.flatMap(({ key, value }) => (typeof value === "string" ? [[key, value]] : []));
  const refNames = Object.keys(refs);
  return {
    config: configData(config),
    files: Object.fromEntries(files.map(({ key, value }) => [key, value])),
    secretFiles: Object.fromEntries(ownSecretFiles),
    podValues: withoutEmpty({
      podVersion: image && versionOfImage(image),
      variables: arrangeVariables({ config, secrets, refs, own: {} }, refNames),
      files: files.map(({ path, key }) => ({ path, key })),
      secretFiles: secretFiles.map(({ path, key, value }) => ({
        path,
        ...(typeof value === "string" ? { key } : value),
      })),
      secretRefs: (service.secretRefs ?? []).flatMap(({ secret, keys }) => (keys === undefined ? [secret] : [])),
      initContainers: Object.entries(service.initContainers ?? {}).map((entry) => resolveContainer(service, ...entry)),
      sidecars: Object.entries(service.sidecars ?? {}).map((entry) => resolveContainer(service, ...entry)),
      patch: service.patch && patchJson(service.patch),
    }),
  };
}

/** As JSON: Helm reads YAML 1.1, where no is false. */
function patchJson(text: string): string | undefined {
  const parsed = parsePatch(text);
  return "patch" in parsed ? JSON.stringify(parsed.patch) : undefined;
}

/** Variables from keys of Secrets that exist. */
export function keyedRefs({ secretRefs = [] }: Pick<ParsedService, "secretRefs">): Record<string, SecretKey> {
  return Object.fromEntries(
    secretRefs.flatMap(({ secret, keys = {} }) =>
      Object.entries(keys).map(([variable, key]): [string, SecretKey] => [variable, { secret, key }]),
    ),
  );
}

/** The service's own image gets all that the service has. Any other gets what it names. */
function resolveContainer<C extends Omit<Container, "port" | "probe">>(
  service: ParsedService,
  name: string,
  { config: own, secrets: picked, secretFiles, ...fields }: C,
) {
  const refs = keyedRefs(service);
  const variables =
    fields.image === undefined
      ? arrangeVariables({ config: service.config, secrets: service.secrets, refs, own }, Object.keys(refs))
      : arrangeVariables({ config: {}, secrets: service.secrets, refs, own }, picked);
  return { name, ...fields, ...withoutEmpty({ variables, secretFiles }) };
}

/** A path is no key, so each file gets one: its place in the order, which no other has, and its name. */
function withKeys<T>(files: [string, T][]): { path: string; key: string; value: T }[] {
  return files
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, value], index) => {
      const name = path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^A-Za-z0-9._-]/g, "-");
      return { path, key: `${index}-${name}`, value };
    });
}

function withoutEmpty<T extends object>(values: T): T {
  const isGiven = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isGiven(value))) as T;
}
