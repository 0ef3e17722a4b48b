import type { EnvironmentSettings } from "../config/environment.ts";
import { ConfigError } from "../config/fault.ts";
import { readEnvironment as readConfig } from "../config/read.ts";
import { stackFileConfig } from "../config/stack-file.ts";
import { Failure } from "./failure.ts";

/** A service that an environment runs, as far as a deploy is concerned. */
export interface DeliveredService {
  name: string;
  /** Its own tag, else the stack's release. */
  release: string;
  /** Folder it is built from, relative to the project. */
  context: string;
}

/** What the files say of an environment, without the engine: its secrets stay encrypted. */
export interface DeliveredEnvironment {
  stack: string;
  config: EnvironmentSettings;
  services: DeliveredService[];
}

/**
 * The environment that the stack's file describes together with stacks/services.yaml, checked as the program checks it.
 *
 * @param text of the stack's file
 * @throws Failure with every fault.
 */
export function readEnvironment(root: string, stack: string, text: string): DeliveredEnvironment {
  try {
    const config = readConfig(root, stackFileConfig(stack, text));
    const services = config.services.map(({ name, release, build }) => ({ name, release, context: build.context }));
    return { stack, config, services };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(error.message);
  }
}

/** @throws Failure that names the services there are. */
export function checkServices({ services, stack }: DeliveredEnvironment, named: readonly string[]): void {
  const known = services.map(({ name }) => name);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(`--service ${unknown.join(", ")}: ${stack} does not run it. It runs ${known.join(", ")}.`);
  }
}
