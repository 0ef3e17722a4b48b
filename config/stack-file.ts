import { ConfigError, mergeSources, valueAt } from "./fault.ts";
import { ENVIRONMENT_KEY, RELEASE_KEY, SERVICES_FILE, stackFileOf } from "./naming.ts";
import { withServiceDefaults } from "./service-defaults.ts";
import type { StackConfig } from "./stack-config.ts";
import { isUnquotedDate } from "./unquoted-dates.ts";
import { parseYaml, type YamlFile } from "./yaml-file.ts";

/**
 * The config in a stack's file, without the engine: secrets stay encrypted.
 *
 * @param text of the file
 * @throws ConfigError if it is not YAML
 */
export function stackFileConfig(stack: string, text: string): StackConfig {
  const name = stackFileOf(stack);
  const file = parseYaml(name, text);
  if (file.errors.length > 0) throw new ConfigError(file.errors);
  const values = configIn(file);
  const release = values[RELEASE_KEY];
  const isScalar = release !== undefined && release !== null && typeof release !== "object";
  return {
    stack,
    source: {
      file: name,
      // The engine reads every scalar as text.
      value: { ...values, ...(isScalar && { [RELEASE_KEY]: String(release) }) },
      lineOf: (path) => file.lineOf(["config", ...path]),
      replacesMerged: (path) => file.replacesMerged(["config", ...path]),
    },
    unquotedDates: file
      .findUnquoted(["config", ENVIRONMENT_KEY], isUnquotedDate)
      .map((path) => path.slice(["config", ENVIRONMENT_KEY].length)),
    unquotedRelease: file.unquoted(["config", RELEASE_KEY]),
    isSecret: (key) => hasSecret(values[key]),
    needsRelease: false,
    // Pulumi ESC environments add config: https://www.pulumi.com/docs/esc/integrations/infrastructure/pulumi-iac/
    isComplete: (file.value as { environment?: unknown } | undefined)?.environment === undefined,
  };
}

/**
 * The services as two files say them, merged and with `defaults`, but without the chart's defaults. Nothing is checked.
 *
 * @param shared text of stacks/services.yaml
 * @param own text of the stack's file
 * @throws ConfigError if the stack's file is not YAML
 */
export function servicesIn(shared: string, stack: string, own: string): unknown {
  const { source } = stackFileConfig(stack, own);
  const sources = [
    { file: SERVICES_FILE, ...parseYaml(SERVICES_FILE, shared) },
    { ...source, value: valueAt(source.value, [ENVIRONMENT_KEY]) },
  ];
  return valueAt(mergeSources(withServiceDefaults(sources)), ["services"]);
}

/** The config of a stack's file, by key, as written. */
export function configIn({ value }: YamlFile): Record<string, unknown> {
  const config = (value as { config?: unknown } | undefined)?.config;
  return typeof config === "object" && config !== null ? (config as Record<string, unknown>) : {};
}

function hasSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure") return true;
  return Object.values(value).some(hasSecret);
}
