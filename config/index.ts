export { CHART_DEFAULTS } from "./defaults.ts";
export {
  type EksEnvironment,
  type Environment,
  type ExistingEnvironment,
  isEks,
  loadEnvironment,
  type Service,
} from "./load.ts";
export type { Fault } from "./rules/index.ts";
export type {
  AwsConfig,
  DeliveryConfig,
  EksClusterConfig,
  LoadBalancerConfig,
  NetworkConfig,
  NodeGroupConfig,
  RegistryConfig,
} from "./schema/aws.ts";
export type { EnvironmentConfig } from "./schema/environment.ts";
