import { parseDocument } from "yaml";
import type { EnvironmentConfig } from "../config/schema/environment.ts";
import { readShared } from "../config/services-file.ts";
import { ConfigError, validateEnvironment } from "../config/validate.ts";
import { Failure } from "./failure.ts";
import type { Releases } from "./releases.ts";
import { stackFilePath } from "./stack-file.ts";

/** A service that a stack runs. */
export interface StackService {
  name: string;
  /** Its own tag, else the stack's release. */
  release: string;
  /** Folder that its image is built from, relative to the project. */
  context: string;
}

/** A stack as its files describe it. Secrets stay encrypted: the engine is not asked. */
export interface StackEnvironment {
  stack: string;
  config: EnvironmentConfig;
  /** Without those that are switched off. */
  services: StackService[];
  /** Releases that stacks/services.yaml sets for services, in place of the stack's, by service. */
  sharedTags: Record<string, string>;
}

/**
 * Reads the stack's file together with stacks/services.yaml, with the program's own checks.
 *
 * @param text of the stack's file
 * @throws Failure that lists every fault.
 */
export function readEnvironment(root: string, stack: string, text: string): StackEnvironment {
  try {
    const file = parseStackFile(stack, text);
    const own = { name: `${stackFilePath(stack)} slipway:environment`, value: file["slipway:environment"] };
    const shared = readShared(root);
    const config = validateEnvironment([shared, own], stack);
    const services = Object.entries(config.services)
      .filter(([, { enabled }]) => enabled !== false)
      .map(([name, { tag, build }]) => ({
        name,
        release: tag ?? String(file["slipway:release"] ?? ""),
        context: build.context,
      }));
    return { stack, config, services, sharedTags: tagsIn(shared.value) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(error.message);
  }
}

/** The same environment with other releases, as after an edit of the stack's file that changes nothing else. */
export function atReleases(environment: StackEnvironment, { release, tags }: Releases): StackEnvironment {
  const own = { ...environment.sharedTags, ...tags };
  const services = environment.services.map((service) => ({ ...service, release: own[service.name] ?? release }));
  return { ...environment, services };
}

/** @throws Failure that lists the services of the stack, if it does not run one of those named. */
export function requireServices({ services, stack }: StackEnvironment, named: readonly string[]): void {
  const known = services.map(({ name }) => name);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(`--service ${unknown.join(", ")}: ${stack} does not run it. It runs ${known.join(", ")}.`);
  }
}

function tagsIn(shared: unknown): Record<string, string> {
  const { services = {} } = (shared ?? {}) as { services?: Record<string, { tag?: unknown } | null> };
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, service]) =>
      service?.tag === undefined ? [] : [[name, String(service.tag)]],
    ),
  );
}

function parseStackFile(stack: string, text: string): Record<string, unknown> {
  const document = parseDocument(text);
  const faults = document.errors.map(({ message }) => `${stackFilePath(stack)}: ${message.split("\n")[0]}`);
  if (faults.length > 0) throw new ConfigError(faults);
  return document.toJS()?.config ?? {};
}
