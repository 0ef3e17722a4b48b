import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { EksTarget, EnvironmentSettings, ExistingTarget, ServiceSettings } from "./environment.ts";
import { ConfigError, describeFault, type Fault, type Source } from "./fault.ts";
import { readFiles } from "./files.ts";
import { ENVIRONMENT_KEY, RELEASE_KEY, secretKey, stackFileOf } from "./naming.ts";
import { readEnvironment } from "./read.ts";
import { isReadingOf } from "./release.ts";
import type { StackConfig } from "./stack-config.ts";
import { configIn } from "./stack-file.ts";
import { parseYaml } from "./yaml-file.ts";

/** A service that an environment runs. */
export interface Service extends ServiceSettings {
  /** Secret config by environment variable. The values are secret outputs and never anything else. */
  secrets: Record<string, pulumi.Output<string>>;
  /** Text of its files, by the key in their ConfigMap. */
  fileTexts: Record<string, string>;
  /** Text of its secret files, by the key in their Secret. Secret outputs as well. */
  fileSecrets: Record<string, pulumi.Output<string>>;
}

/** An environment with every default resolved. */
export type Environment = EnvironmentSettings<Service>;
/** An environment on an existing cluster. */
export type ExistingEnvironment = Environment & ExistingTarget;
/** An environment on an EKS cluster of its own. */
export type EksEnvironment = Environment & EksTarget;

const HIDDEN = "(not shown)";

/** Exported by the SDK but missing from its type declarations. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/**
 * The environment of the stack that is being updated.
 *
 * @throws pulumi.RunError with every fault of the config, which Pulumi shows without a stack trace
 */
export function loadEnvironment(root: string): Environment {
  const stack = pulumi.getStack();
  try {
    const settings = readEnvironment(root, passedConfig(root, stack));
    const texts = readFiles(root, settings);
    const services = settings.services.map((service) => ({
      ...service,
      secrets: Object.fromEntries(
        service.secretNames.map((variable) => [variable, readSecret(service.name, variable)]),
      ),
      fileTexts: texts.get(service.name) ?? {},
      fileSecrets: Object.fromEntries(
        Object.entries(service.secretFiles).map(([key, secret]) => [key, readSecret(service.name, secret)]),
      ),
    }));
    return { ...settings, services };
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/**
 * Refuses an environment for faults that were found after its config was read, such as what AWS does not have.
 *
 * @param intro what the faults have in common
 * @throws pulumi.RunError with every fault, unless there are none
 */
export function refuseFaults({ sources }: Pick<Environment, "sources">, faults: readonly Fault[], intro: string): void {
  if (faults.length === 0) return;
  const lines = faults.map((fault) => describeFault(fault, sources));
  throw new pulumi.RunError(new ConfigError(lines, intro).message);
}

function readSecret(service: string, variable: string): pulumi.Output<string> {
  return pulumi.secret(pulumi.runtime.allConfig()[secretKey(service, variable)] ?? "");
}

function passedConfig(root: string, stack: string): StackConfig {
  const passed = pulumi.runtime.allConfig();
  const value: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(passed)) value[key] = shownValue(key, text);
  const { unquotedRelease, ...places } = placesInStackFile(root, stack, value);
  return {
    stack,
    source: { file: stackFileOf(stack), value, ...places },
    isSecret: isConfigSecret,
    needsRelease: true,
    isComplete: true,
    unquotedRelease,
    secretBytes: (key) => Buffer.byteLength(passed[key] ?? ""),
  };
}

/** Only what error messages may show. Of any other key, secrets above all, no more is kept than that it has a value. */
function shownValue(key: string, text: string): unknown {
  if (isConfigSecret(key)) return HIDDEN;
  if (key === ENVIRONMENT_KEY) return parseJson(text);
  return key === RELEASE_KEY ? text : HIDDEN;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Where the stack's file says what the engine passed. The engine passes values without their lines, and it may have read another file
 * (`--config-file`). So a place is given only if the file on disk says what was passed.
 */
function placesInStackFile(
  root: string,
  stack: string,
  passed: Record<string, unknown>,
): Pick<Source, "lineOf" | "replacesMerged"> & Pick<StackConfig, "unquotedRelease"> {
  const path = join(root, stackFileOf(stack));
  if (!existsSync(path)) return { lineOf: () => undefined };
  const file = parseYaml(path, readFileSync(path, "utf8"));
  if (file.errors.length > 0) return { lineOf: () => undefined };
  const written = configIn(file);
  if (!isDeepStrictEqual(written[ENVIRONMENT_KEY], passed[ENVIRONMENT_KEY])) return { lineOf: () => undefined };
  const unquoted = file.unquoted(["config", RELEASE_KEY]);
  const release = String(passed[RELEASE_KEY]);
  const isMangled = unquoted !== undefined && isReadingOf(unquoted, release);
  const sameRelease = isMangled || String(written[RELEASE_KEY]) === release;
  return {
    lineOf: ([key, ...rest]) =>
      key === undefined || (key === RELEASE_KEY && !sameRelease) ? undefined : file.lineOf(["config", key, ...rest]),
    replacesMerged: (at) => file.replacesMerged(["config", ...at]),
    ...(isMangled && { unquotedRelease: unquoted }),
  };
}
