import type { EnvironmentSettings } from "../config/environment.ts";
import { ConfigError, mergeSources, valueAt } from "../config/fault.ts";
import { publicUrl, releaseOf, urlFormOf } from "../config/naming.ts";
import { nearest } from "../config/nearest.ts";
import { readEnvironment as readConfig } from "../config/read.ts";
import { stackFileConfig } from "../config/stack-file.ts";
import { Failure } from "./failure.ts";
import type { Releases } from "./releases.ts";

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
  config: EnvironmentSettings;
  services: StackService[];
}

/**
 * Reads the stack's file together with stacks/services.yaml, with the program's own checks.
 *
 * @param text of the stack's file
 * @throws Failure that lists every fault.
 */
export function readEnvironment(root: string, stack: string, text: string): StackEnvironment {
  try {
    const config = readConfig(root, stackFileConfig(stack, text));
    const services = config.services.map(({ name, release, build }) => ({ name, release, context: build.context }));
    return { stack, config, services };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(error.message);
  }
}

/** The same environment with other releases, as after an edit of the stack's file that changes nothing else. */
export function atReleases(environment: StackEnvironment, { release, tags }: Releases): StackEnvironment {
  const services = environment.services.map((service) => ({
    ...service,
    release: releaseOf(tags[service.name] ?? sharedTag(environment, service.name), release),
  }));
  return { ...environment, services };
}

/** The tag that stacks/services.yaml gives a service. The stack's file, which is the last source, may give another. */
function sharedTag({ config }: StackEnvironment, service: string): string | undefined {
  return valueAt(mergeSources(config.sources.environment.slice(0, -1)), ["services", service, "tag"]) as
    | string
    | undefined;
}

/** Where a service answers: the URL of its first host. @param name @default - the first service with hosts */
export function urlOf({ config }: StackEnvironment, name?: string): string | undefined {
  const service = config.services.find((known) => (name === undefined ? known.hosts.length > 0 : known.name === name));
  const [host] = service?.hosts ?? [];
  return service && host ? publicUrl(host, service.path, urlFormOf(service.tls, config.url)) : undefined;
}

/** @throws Failure that lists the services of the stack, if it does not run one of those named. */
export function requireServices({ services, stack }: StackEnvironment, named: readonly string[]): void {
  const known = services.map(({ name }) => name);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const meant = unknown.flatMap((name) => nearest(name, known) ?? []);
    throw new Failure(
      `--service ${unknown.join(", ")}: ${stack} does not run it. It runs ${known.join(", ")}.` +
        (meant.length > 0 ? ` Did you mean ${meant.join(", ")}?` : ""),
    );
  }
}
