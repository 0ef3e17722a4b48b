import * as pulumi from "@pulumi/pulumi";
import type { AwsConfig, EksClusterConfig, RegistryConfig } from "./schema/aws.ts";
import type { EnvironmentConfig } from "./schema/environment.ts";
import { releaseTag, type ServiceSpec } from "./schema/service.ts";
import { readShared } from "./services-file.ts";
import { ConfigError, type Source, validateEnvironment } from "./validate.ts";

/** A service that this environment runs. */
export interface Service extends Omit<ServiceSpec, "enabled" | "tag" | "secrets"> {
  name: string;
  /** What is to run: the service's own tag, else the stack's release. */
  release: string;
  /** Secret config by environment variable. Values are secret outputs and never anything else. */
  secrets: Record<string, pulumi.Output<string>>;
}

export interface Environment extends Omit<EnvironmentConfig, "services" | "images"> {
  /** The stack's name. */
  name: string;
  /** `slipway:release`: what every service without a tag of its own runs. */
  release: string;
  images: NonNullable<EnvironmentConfig["images"]>;
  services: Service[];
  /** Names of all services that there are, those included that this environment leaves out. */
  knownServices: string[];
}

/** An environment on a cluster that is there already. */
export type ExistingEnvironment = Environment & { cluster: { target: "existing" }; images: { repository: string } };

/** An environment on an EKS cluster of its own. */
export type EksEnvironment = Environment & { cluster: EksClusterConfig; aws: AwsConfig; registry: RegistryConfig };

/** Rules.ts has seen to it that each target has what it needs. */
export function isEks(environment: Environment): environment is EksEnvironment {
  return environment.cluster.target === "eks";
}

/** Exported by the SDK, yet left out of its type declarations. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/**
 * The environment of the stack that is being updated: stacks/services.yaml with the stack's `slipway:environment` over it.
 *
 * @throws ConfigError (as a pulumi.RunError, so that no stack trace is shown) with every fault of all of it.
 */
export function loadEnvironment(root: string): Environment {
  const stack = pulumi.getStack();
  const config = new pulumi.Config("slipway");
  const stackFile = `stacks/Pulumi.${stack}.yaml`;
  const faults: string[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(...error.faults);
      return undefined;
    }
  };

  const shared = collect(() => readShared(root));
  const own = collect(() => readOwn(config, stackFile));
  const environment = shared && own && collect(() => validateEnvironment([shared, own], stack));
  const release = collect(() => readRelease(config, stackFile));
  const services = environment && collect(() => servicesOf(environment, release ?? "", config, stackFile));
  if (!environment || !services || release === undefined || faults.length > 0)
    throw new pulumi.RunError(new ConfigError(faults).message);
  const knownServices = Object.keys(environment.services);
  return { ...environment, images: environment.images ?? {}, name: stack, release, services, knownServices };
}

function readOwn(config: pulumi.Config, stackFile: string): Source {
  const name = `${stackFile} slipway:environment`;
  // A secret in there would be a plain value from here on: in Helm's values, in the state, in this very error.
  if (isConfigSecret("slipway:environment")) {
    throw new ConfigError([
      `${name}: holds an encrypted value. Secrets are keys of their own: name it in the service's secrets and set it by ` +
        "pulumi config set --secret slipway:secret.<service>.<NAME>.",
    ]);
  }
  try {
    return { name, value: config.getObject("environment") ?? {} };
  } catch {
    throw new ConfigError([`${name}: not a map. Give it as nested YAML.`]);
  }
}

function readRelease(config: pulumi.Config, stackFile: string): string {
  const given = config.get("release");
  if (given !== undefined && releaseTag.safeParse(given).success) return given;
  const allowed = releaseTag.safeParse(given ?? "").error?.issues[0]?.message;
  throw new ConfigError([
    `${stackFile}: slipway:release: ${given === undefined ? "nothing" : JSON.stringify(given)} given; takes ${allowed}. ` +
      "Set it: pulumi config set slipway:release <tag>.",
  ]);
}

function servicesOf(
  environment: EnvironmentConfig,
  release: string,
  config: pulumi.Config,
  stackFile: string,
): Service[] {
  const faults: string[] = [];
  const services = Object.entries(environment.services)
    .filter(([, spec]) => spec.enabled !== false)
    .map(([name, { enabled: _, tag, secrets, ...spec }]) => ({
      ...spec,
      name,
      release: tag ?? release,
      secrets: Object.fromEntries((secrets ?? []).map((variable) => [variable, secretOf(name, variable)])),
    }));
  faults.push(...services.flatMap(({ name, release }) => tagFaults(name, release, Object.keys(environment.services))));
  if (faults.length > 0) throw new ConfigError(faults);
  return services;

  function secretOf(service: string, variable: string): pulumi.Output<string> {
    const key = `secret.${service}.${variable}`;
    const where = `${stackFile}: slipway:${key}`;
    const set = `pulumi config set --secret slipway:${key}`;
    const value = config.getSecret(key);
    if (value === undefined) faults.push(`${where}: nothing given; ${service} needs this secret. Set it: ${set}.`);
    else if (!isConfigSecret(`slipway:${key}`))
      faults.push(`${where}: given in plain text; it must be encrypted. Set it: ${set}.`);
    return value ?? pulumi.secret("");
  }
}

/** In the one repository the tag is <service>-<release>: api with v2-v1.0.0 would be api-v2 with v1.0.0. */
function tagFaults(name: string, release: string, known: string[]): string[] {
  const other = known.find(
    (service) => service.startsWith(`${name}-`) && `${name}-${release}`.startsWith(`${service}-`),
  );
  if (other === undefined) return [];
  return [
    `services.${name}: its image tag ${name}-${release} would be one of the service ${other}. Take another release tag.`,
  ];
}
