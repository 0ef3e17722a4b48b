import type { Addon, AddonEnvironment } from "./addon.ts";
import { argoCd } from "./argo-cd.ts";
import { argoRollouts } from "./argo-rollouts.ts";
import { clusterAutoscaler } from "./cluster-autoscaler.ts";
import { descheduler } from "./descheduler.ts";
import { metricsServer } from "./metrics-server.ts";
import { prometheus } from "./prometheus.ts";
import { traefik } from "./traefik.ts";

const ADDONS: readonly Addon[] = [
  traefik,
  metricsServer,
  descheduler,
  clusterAutoscaler,
  argoRollouts,
  prometheus,
  argoCd,
];

/** The add-ons that an environment runs. */
export function enabledAddons(environment: AddonEnvironment): Addon[] {
  return ADDONS.filter((addon) => addon.enabled(environment));
}
