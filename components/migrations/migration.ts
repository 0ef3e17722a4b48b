import { createHash } from "node:crypto";
import type { Service } from "../../config/index.ts";

export type MigrationConfig = NonNullable<Service["migration"]>;
export type Phase = MigrationConfig["phase"];

/** The part of the digest that is `sha256:`. */
const ALGORITHM = "sha256:";
const KEY_CHARACTERS = 10;

/** A migration of a service, with the image that runs it. */
export interface Migration {
  service: string;
  release: string;
  namespace: string;
  config: MigrationConfig;
  /** `repository@sha256:…` */
  image: string;
}

/** `sha256:…` of an image `repository@sha256:…`. */
export function digestOf(image: string): string {
  return image.slice(image.indexOf("@") + 1);
}

/** What makes two migrations the same: the image, the command and the phase. Neither the release's name nor the config. */
export function keyOf({ config, image }: Pick<Migration, "config" | "image">): string {
  const { command, args = [], phase } = config;
  return `${phase}.${hash([digestOf(image), command, args])}`;
}

/** Name of the migration's Job: 60 characters at most, since a service's name has 40. A label may have 63. */
export function jobName(migration: Pick<Migration, "service" | "config" | "image">): string {
  return `${migration.service}-${keyOf(migration).replace(".", "-")}`;
}

/** How messages begin. */
export function nameOf({ service, release, config }: Pick<Migration, "service" | "release" | "config">): string {
  return `${service} ${release}: migration ${config.phase}`;
}

export function shortDigest(digest: string): string {
  return digest.slice(ALGORITHM.length, ALGORITHM.length + KEY_CHARACTERS);
}

/** Labels by which the Jobs of a service's migrations are found. */
export function jobLabels(service: string): Record<string, string> {
  return { "app.kubernetes.io/name": service, ...ofMigration(service) };
}

/**
 * In place of the service's own instance: the service's Service, Deployment and NetworkPolicy do not find the pod. Its name is that of the
 * service, so whoever lets the service in lets the pod in. No service has a dot in its name.
 */
export function ofMigration(service: string): Record<string, string> {
  return { "app.kubernetes.io/instance": `${service}.migration`, "app.kubernetes.io/component": "migration" };
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, KEY_CHARACTERS);
}
