import { ConfigError, type Source } from "../../config/fault.ts";
import { ENVIRONMENT_KEY, RELEASE_KEY } from "../../config/naming.ts";
import { mergeEnvironment } from "../../config/read.ts";
import type { StackConfig } from "../../config/stack-config.ts";

/** A source whose lines are not known. */
export function sourceOf(file: string, value: unknown): Source {
  return { file, value, lineOf: () => undefined };
}

/** The config of a stack at v1.0.0. */
export function configOf(environment: unknown, stack = "test"): StackConfig {
  return {
    stack,
    source: sourceOf("stack.yaml", { [RELEASE_KEY]: "v1.0.0", [ENVIRONMENT_KEY]: environment }),
    isSecret: () => false,
    needsRelease: true,
    isComplete: false,
  };
}

/** The environment of a stack. */
export function environmentOf(shared: unknown, own: unknown = {}, stack = "test") {
  return mergeEnvironment(sourceOf("services.yaml", shared), configOf(own, stack));
}

/** The faults of a config, each as people see it. */
export function faultsOf(shared: unknown, own: unknown = {}, stack = "test"): readonly string[] {
  try {
    environmentOf(shared, own, stack);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
