export { CHART_DEFAULTS } from "./chart-defaults.ts";
export type { EnvironmentConfig } from "./environment-schema.ts";
export { type Environment, loadEnvironment, type Service } from "./load.ts";
