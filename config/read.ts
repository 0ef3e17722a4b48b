import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentSettings } from "./environment.ts";
import { ConfigError, describeFault, type Fault, mergeSources, type Source, type Sources, valueAt } from "./fault.ts";
import { ENVIRONMENT_KEY, RELEASE_KEY, SERVICES_FILE, secretKey } from "./naming.ts";
import { resolveEnvironment } from "./resolve.ts";
import { ruleFaults } from "./rules/index.ts";
import { type EnvironmentConfig, environmentSchema, type ParsedEnvironment } from "./schema/environment.ts";
import { releaseTag } from "./schema/formats.ts";
import { schemaFaults } from "./schema/schema-faults.ts";
import { parseYaml, type YamlFile } from "./yaml-file.ts";

/** The config of a stack. */
export interface StackConfig {
  /** The stack's name. */
  stack: string;
  /** By key, such as slipway:release. */
  source: Source;
  /** Whether the value of a key is encrypted, or contains an encrypted value. */
  isSecret(key: string): boolean;
  /** Whether the stack needs a release already. */
  needsRelease: boolean;
  /** Whether these are all keys. If not, a missing secret is not a fault: it may come from elsewhere. */
  isComplete: boolean;
}

/**
 * The environment of a stack: stacks/services.yaml with the stack's `slipway:environment` merged over it, checked, and with
 * every default resolved.
 *
 * @throws ConfigError with every fault
 */
export function readEnvironment(root: string, config: StackConfig): EnvironmentSettings {
  const faults: string[] = [];
  const shared = readShared(root, faults);
  return mergeEnvironment(shared, config, faults);
}

/**
 * The environment of a stack's config and what all environments share: see readEnvironment.
 *
 * @param shared undefined if it cannot be read
 * @param faults why it cannot be read; they are part of the error
 */
export function mergeEnvironment(
  shared: Source | undefined,
  config: StackConfig,
  faults: string[] = [],
): EnvironmentSettings {
  const own = environmentSource(config);
  const sources: Sources = { environment: shared ? [shared, own] : [own], stackConfig: config.source };
  const report = (found: readonly Fault[]) => {
    faults.push(...found.map((fault) => describeFault(fault, sources)));
  };

  const release = releaseIn(config);
  report(releaseFaults(config));
  const unreadable = environmentKeyFaults(config);
  report(unreadable);
  report(sharedOnlyFaults(own));
  const environment =
    shared && unreadable.length === 0 ? checkEnvironment(sources, config.stack, release, report) : undefined;
  if (environment) report(secretFaults(environment, config));
  if (environment === undefined || faults.length > 0) throw new ConfigError(faults);
  return resolveEnvironment(environment, { stack: config.stack, release: release ?? "", sources });
}

/** A service's config as people wrote it, merged and without defaults. */
export function writtenService({ sources }: EnvironmentSettings, name: string): unknown {
  return valueAt(mergeSources(sources.environment), ["services", name]);
}

/** What all environments share. @returns undefined if it cannot be read; `faults` says why */
export function readShared(root: string, faults: string[]): Source | undefined {
  const path = join(root, SERVICES_FILE);
  if (!existsSync(path)) {
    faults.push(`${SERVICES_FILE}: not found. It holds what all environments share. Create it; {} is enough.`);
    return undefined;
  }
  const file = parseYaml(SERVICES_FILE, readFileSync(path, "utf8"));
  faults.push(...file.errors);
  if (!isMap(file.value)) faults.push(`${SERVICES_FILE}: must be a map, such as {}.`);
  return file.errors.length > 0 || !isMap(file.value) ? undefined : sourceOf(SERVICES_FILE, file);
}

function sourceOf(name: string, file: YamlFile): Source {
  return { file: name, value: file.value, lineOf: (path) => file.lineOf(path) };
}

function environmentSource({ source }: StackConfig): Source {
  return {
    file: source.file,
    value: valuesOf(source)[ENVIRONMENT_KEY],
    lineOf: (path) => source.lineOf([ENVIRONMENT_KEY, ...path]),
  };
}

function checkEnvironment(
  sources: Sources,
  stack: string,
  release: string | undefined,
  report: (faults: readonly Fault[]) => void,
): ParsedEnvironment | undefined {
  const merged = mergeSources(sources.environment);
  const parsed = environmentSchema.safeParse(merged, { reportInput: true });
  if (!parsed.success) {
    report(schemaFaults(parsed.error, merged));
    return undefined;
  }
  report(ruleFaults({ environment: parsed.data, written: merged as EnvironmentConfig, stack, release }));
  return parsed.data;
}

/** An encrypted value in there would become plain: in Helm's values, in the state, in error messages. */
function environmentKeyFaults(config: StackConfig): Fault[] {
  const fault = (message: string) => [{ key: ENVIRONMENT_KEY, path: [], message, hideValue: true }];
  if (config.isSecret(ENVIRONMENT_KEY)) {
    return fault(
      "has an encrypted value. Secrets have keys of their own: add the name to the service's secrets and set it with " +
        `pulumi config set --secret ${secretKey("<service>", "<NAME>")}`,
    );
  }
  return isMap(valuesOf(config.source)[ENVIRONMENT_KEY]) ? [] : fault("must be a map. Write it as nested YAML");
}

/** What belongs to the repository, and not to one of its environments. */
const SHARED_ONLY = ["records", "versions"];

function sharedOnlyFaults({ value }: Source): Fault[] {
  const message = `belongs in ${SERVICES_FILE}: it is the same for all stacks`;
  const given = SHARED_ONLY.filter((key) => valueAt(value, [key]) !== undefined);
  return given.map((key) => ({ path: [key], message, hideValue: true }));
}

function releaseIn({ source }: StackConfig): string | undefined {
  const release = valuesOf(source)[RELEASE_KEY];
  return releaseTag.safeParse(release).success ? (release as string) : undefined;
}

function releaseFaults(config: StackConfig): Fault[] {
  const given = valuesOf(config.source)[RELEASE_KEY];
  if (given === undefined && !config.needsRelease) return [];
  const allowed = releaseTag.safeParse(given ?? "").error?.issues[0]?.message;
  if (allowed === undefined) return [];
  return [
    { key: RELEASE_KEY, path: [], message: `must be ${allowed}. Set it: pulumi config set ${RELEASE_KEY} <tag>` },
  ];
}

function secretFaults({ services }: ParsedEnvironment, config: StackConfig): Fault[] {
  const values = valuesOf(config.source);
  return Object.entries(services).flatMap(([service, { enabled, secrets, secretFiles = {} }]) => {
    const inFiles = Object.values(secretFiles).filter((secret) => typeof secret === "string");
    return [...new Set(enabled ? [...secrets, ...inFiles] : [])].flatMap((variable) => {
      const key = secretKey(service, variable);
      const fault = (message: string) => [
        { key, path: [], message: `${message}. Set it: pulumi config set --secret ${key}`, hideValue: true },
      ];
      if (values[key] === undefined) return config.isComplete ? fault(`the service ${service} needs this secret`) : [];
      return config.isSecret(key) ? [] : fault("given in plain text, must be encrypted");
    });
  });
}

/** Nothing counts as an empty map, as `key:` is in YAML. */
function isMap(value: unknown): boolean {
  return (value ?? undefined) === undefined || (typeof value === "object" && !Array.isArray(value));
}

function valuesOf({ value }: Source): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>;
}
