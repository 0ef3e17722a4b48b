import { parseDocument } from "yaml";
import type { EnvironmentConfig } from "../config/schema/environment.ts";
import { readShared } from "../config/services-file.ts";
import { ConfigError, validateEnvironment } from "../config/validate.ts";
import { Failure } from "./failure.ts";
import { stackFilePath } from "./stack-file.ts";

/** A service that an environment runs, as far as a deploy is concerned. */
export interface StackService {
  name: string;
  /** Its own tag, else the stack's release. */
  release: string;
  /** Folder it is built from, relative to the project. */
  context: string;
}

/** What the files say of an environment, without the engine: its secrets stay closed. */
export interface StackEnvironment {
  stack: string;
  config: EnvironmentConfig;
  services: StackService[];
}

/**
 * The environment that the stack's file describes together with stacks/services.yaml, checked as the program checks it.
 *
 * @param text of the stack's file
 * @throws Failure with every fault.
 */
export function readEnvironment(root: string, stack: string, text: string): StackEnvironment {
  const file = orFailure(() => readFile(stack, text));
  const own = { name: `${stackFilePath(stack)} slipway:environment`, value: file["slipway:environment"] };
  const config = orFailure(() => validateEnvironment([readShared(root), own], stack));
  const services = Object.entries(config.services)
    .filter(([, { enabled }]) => enabled !== false)
    .map(([name, { tag, build }]) => ({
      name,
      release: tag ?? String(file["slipway:release"] ?? ""),
      context: build.context,
    }));
  return { stack, config, services };
}

/** @throws Failure that names the services there are. */
export function requireServices({ services, stack }: StackEnvironment, named: readonly string[]): void {
  const known = services.map(({ name }) => name);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(`--service ${unknown.join(", ")}: ${stack} does not run it. It runs ${known.join(", ")}.`);
  }
}

function readFile(stack: string, text: string): Record<string, unknown> {
  const document = parseDocument(text);
  const faults = document.errors.map(({ message }) => `${stackFilePath(stack)}: ${message.split("\n")[0]}`);
  if (faults.length > 0) throw new ConfigError(faults);
  return document.toJS()?.config ?? {};
}

function orFailure<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(error.message);
  }
}
