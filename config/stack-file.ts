import { ConfigError } from "./fault.ts";
import { RELEASE_KEY, stackFileOf } from "./naming.ts";
import type { StackConfig } from "./read.ts";
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
  return {
    stack,
    source: {
      file: name,
      // The engine reads every scalar as text.
      value: { ...values, ...(release !== undefined && release !== null && { [RELEASE_KEY]: String(release) }) },
      lineOf: (path) => file.lineOf(["config", ...path]),
      replacesMerged: (path) => file.replacesMerged(["config", ...path]),
    },
    unquotedRelease: file.unquoted(["config", RELEASE_KEY]),
    isSecret: (key) => hasSecret(values[key]),
    needsRelease: false,
    // Pulumi ESC environments add config: https://www.pulumi.com/docs/esc/integrations/infrastructure/pulumi-iac/
    isComplete: (file.value as { environment?: unknown } | undefined)?.environment === undefined,
  };
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
