export { planSubnets, SERVICE_CIDR } from "./cidr.ts";
export { autoscalerTag } from "./cluster-autoscaler-versions.ts";
export { LOAD_BALANCER } from "./defaults.ts";
export {
  type AddonSettings,
  type ArtifactsConfig,
  type DeliveryConfig,
  type EksClusterConfig,
  isEks,
  isExistingNetwork,
  type LoadBalancerConfig,
  type NetworkConfig,
  type NodeGroupConfig,
  type RegistryConfig,
} from "./environment.ts";
export type { Fault } from "./fault.ts";
export { ConfigError } from "./fault.ts";
export {
  type EksEnvironment,
  type Environment,
  type ExistingEnvironment,
  loadEnvironment,
  refuseFaults,
  type Service,
} from "./load.ts";
export {
  DEPLOYED_TAGS,
  type DeployedSlot,
  deployedTag,
  INGRESS_NAMESPACE,
  imageTag,
  publicUrl,
  urlFormOf,
} from "./naming.ts";
export { resolveAddons, resolveNetwork } from "./resolve.ts";
export { type RolloutStrategy, usesArgoRollouts } from "./rollout-strategy.ts";
export { serviceRangeFault } from "./rules/network.ts";
export type { ExistingNetwork, OwnNetwork } from "./schema/cluster.ts";
export { PRINCIPAL_ARN } from "./schema/formats.ts";
