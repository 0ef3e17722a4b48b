import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { IngressAccess } from "../cluster/connection.ts";

/** A namespace that every cluster has. Add-ons in any other namespace get one of their own. */
export const SYSTEM_NAMESPACE = "kube-system";

/** What add-ons read of an environment to know whether and how they run. */
export type AddonEnvironment = Pick<Environment, "cluster" | "addons">;

export const inSystemNamespace = () => SYSTEM_NAMESPACE;

/** Something that a cluster runs once, for all services: one Helm release of a chart in charts/. */
export interface Addon {
  /** Name of the Helm release, and of the chart's folder. */
  name: string;
  namespace(environment: Pick<Environment, "namespace">): string;
  /** Seconds that Helm waits for an installation or an upgrade before it rolls back. */
  timeoutSeconds: number;
  enabled(environment: AddonEnvironment): boolean;
  /**
   * Values of its chart, over those in its values.yaml.
   *
   * @param ingress undefined where no load balancer is declared apart.
   */
  values(environment: Environment, ingress: IngressAccess | undefined): Record<string, pulumi.Input<unknown>>;
  /** Secrets that it reads, by their names. They are there, and change, before its release does. @default - none */
  secrets?(environment: Environment): Record<string, Record<string, pulumi.Input<string>>>;
  /** API group of the kinds that it installs. @default - none */
  group?: string;
  /** Whether a cluster may have several, of one stack each. They share their kinds: see kinds.ts. @default false */
  sharesKinds?: boolean;
  /** Whether it has objects in the services' namespace, which must exist before. @default false */
  needsServicesNamespace?(environment: Pick<Environment, "rebalance">): boolean;
  /** Number of its pods. @default - `replicas` of the chart's values.yaml, or 1 */
  replicas?(environment: AddonEnvironment): number;
  /** Whether a node never runs two of its pods. @default false */
  onePerNode?(environment: AddonEnvironment): boolean;
}
