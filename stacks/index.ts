export type {
  AwsConfig,
  DeliveryConfig,
  EksClusterConfig,
  LoadBalancerConfig,
  NetworkConfig,
  NodeGroupConfig,
  RegistryConfig,
} from "./aws-schema.ts";
export { CHART_DEFAULTS } from "./chart-defaults.ts";
export type { EnvironmentConfig } from "./environment-schema.ts";
export {
  type EksEnvironment,
  type Environment,
  type ExistingEnvironment,
  isEks,
  loadEnvironment,
  type Service,
} from "./load.ts";
export type { Fault } from "./rules.ts";
