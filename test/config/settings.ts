import type { z } from "zod";
import type { AlertsConfig } from "../../config/environment.ts";
import {
  type AddonSettings,
  type DeliveryConfig,
  type EksClusterConfig,
  type LoadBalancerConfig,
  type NetworkConfig,
  type NodeGroupConfig,
  type RegistryConfig,
  resolveAddons,
  resolveNetwork,
} from "../../config/index.ts";
import { addonsSchema } from "../../config/schema/addons.ts";
import { alertsSchema, loadBalancerSchema, registrySchema } from "../../config/schema/aws.ts";
import { eksCluster, nodeGroup } from "../../config/schema/cluster.ts";
import { deliverySchema } from "../../config/schema/delivery.ts";

/** Parts of an environment as the loader resolves them: what a test leaves out has its default. */

export function nodeGroupOf(config: Partial<z.input<typeof nodeGroup>> = {}): NodeGroupConfig {
  return nodeGroup.parse({ instanceTypes: ["t3.medium"], min: 2, max: 8, ...config });
}

export function eksClusterOf(config: Parameters<typeof nodeGroupOf>[0] = {}): EksClusterConfig {
  const admins = ["arn:aws:iam::123456789012:role/admin"];
  const cluster = eksCluster.parse({ target: "eks", version: "1.36", admins, nodeGroup: nodeGroupOf(config) });
  return { ...cluster, name: "shop-prod", network: networkOf() };
}

export function networkOf(
  config: z.input<typeof eksCluster>["network"] = {},
  zoneNames?: readonly string[],
): NetworkConfig {
  return resolveNetwork(config, zoneNames);
}

export function alertsOf(config: z.input<typeof alertsSchema> = {}): AlertsConfig {
  return alertsSchema.parse(config);
}

export function loadBalancerOf(config: z.input<typeof loadBalancerSchema> = {}): LoadBalancerConfig {
  return loadBalancerSchema.parse(config);
}

export function registryOf(config: Partial<z.input<typeof registrySchema>> = {}): RegistryConfig {
  const registry = registrySchema.parse({ repository: "shop", owner: "prod", ...config });
  return { ...registry, accountId: registry.accountId ?? "123456789012" };
}

type GitHubConfig = NonNullable<z.input<typeof deliverySchema>["github"]>;

export function deliveryOf(github: Partial<GitHubConfig> = {}): DeliveryConfig {
  const given = { repository: "example/shop", previews: "pull-request" as const, ...github };
  const parsed = deliverySchema.parse({ github: given }).github as DeliveryConfig["github"];
  return { github: { ...parsed, environment: given.environment ?? "prod" } };
}

export function addonsOf(config: z.input<typeof addonsSchema> = {}, target: "eks" | "existing" = "eks"): AddonSettings {
  return resolveAddons({ addons: addonsSchema.parse(config), cluster: { target }, namespace: "shop" });
}
