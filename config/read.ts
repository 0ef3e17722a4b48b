import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentSettings } from "./environment.ts";
import { ConfigError, describeFault, type Fault, mergeSources, type Source, type Sources, valueAt } from "./fault.ts";
import { isMap } from "./merge.ts";
import { ENVIRONMENT_KEY, SERVICES_FILE, secretKey } from "./naming.ts";
import { releaseFaults, releaseIn } from "./release.ts";
import { resolveEnvironment } from "./resolve.ts";
import { imageTagFaults } from "./rules/image-tags.ts";
import { ruleFaults } from "./rules/index.ts";
import { nullFaults } from "./rules/nulls.ts";
import { type EnvironmentConfig, environmentSchema, type ParsedEnvironment } from "./schema/environment.ts";
import { schemaFaults } from "./schema/schema-faults.ts";
import { secretFaults } from "./secrets.ts";
import { withServiceDefaults } from "./service-defaults.ts";
import type { StackConfig } from "./stack-config.ts";
import { dateFaults } from "./unquoted-dates.ts";
import { parseYaml, type YamlFile } from "./yaml-file.ts";

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
  const environmentSources = withServiceDefaults(shared ? [shared, own] : [own]);
  const sources: Sources = { environment: environmentSources, stackConfig: config.source };
  const report = (found: readonly Fault[]) => {
    for (const fault of found) {
      const text = describeFault(fault, sources);
      // What is wrong with `defaults` itself is wrong with each service. Once is enough.
      if (!faults.includes(text.replace(/, for the service [^:]*:/, ":"))) faults.push(text);
    }
  };

  const release = releaseIn(config);
  report(releaseFaults(config));
  const unreadable = environmentKeyFaults(config);
  report(unreadable);
  report(sharedOnlyFaults(own));
  if (shared) report(imageTagFaults(shared));
  if (unreadable.length === 0) report(dateFaults(own.value, config.unquotedDates ?? []));
  if (unreadable.length === 0) report(nullFaults(environmentSources));
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
  if (!isMapOrNothing(file.value)) faults.push(`${SERVICES_FILE}: must be a map, such as {}.`);
  return file.errors.length > 0 || !isMapOrNothing(file.value) ? undefined : sourceOf(SERVICES_FILE, file);
}

function sourceOf(name: string, file: YamlFile): Source {
  const { value, lineOf, replacesMerged } = file;
  return { file: name, value, lineOf, replacesMerged };
}

function environmentSource({ source }: StackConfig): Source {
  return {
    file: source.file,
    value: valueAt(source.value, [ENVIRONMENT_KEY]),
    lineOf: (path) => source.lineOf([ENVIRONMENT_KEY, ...path]),
    replacesMerged: (path) => source.replacesMerged?.([ENVIRONMENT_KEY, ...path]) ?? true,
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
  return isMapOrNothing(valueAt(config.source.value, [ENVIRONMENT_KEY]))
    ? []
    : fault("must be a map. Write it as nested YAML");
}

/** What belongs to the repository, and not to one of its environments. */
const SHARED_ONLY = ["records", "versions"];

function sharedOnlyFaults({ value }: Source): Fault[] {
  const message = `belongs in ${SERVICES_FILE}: it is the same for all stacks`;
  const given = SHARED_ONLY.filter((key) => valueAt(value, [key]) !== undefined);
  return given.map((key) => ({ path: [key], message, hideValue: true }));
}

/** Nothing counts as an empty map, as `key:` is in YAML. */
function isMapOrNothing(value: unknown): boolean {
  return (value ?? undefined) === undefined || isMap(value);
}
