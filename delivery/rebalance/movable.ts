import { DESCHEDULER_DEFAULTS } from "../../config/defaults.ts";
import type { EnvironmentSettings, ServiceSettings } from "../../config/environment.ts";

/** Why the descheduler never moves the pods of a service. Undefined if it may. */
export function whyPodsStay({ chartFields }: Pick<ServiceSettings, "chartFields">): string | undefined {
  if (chartFields.rebalance === "never") return "rebalance: never";
  return chartFields.volume ? "they have a volume, which may be bound to a zone" : undefined;
}

/** Whether pods of a service may be moved after a deploy. With recreate, a new pod would start while the old one ends. */
export function isMovedAfterDeploy(service: Pick<ServiceSettings, "chartFields" | "rollout">): boolean {
  return whyPodsStay(service) === undefined && service.rollout.strategy !== "recreate";
}

/** What evens out the pods of a service, for whoever reads that they are uneven. */
export function whatMovesPods(
  { addons, services }: Pick<EnvironmentSettings, "addons" | "services">,
  name: string,
): string {
  const service = services.find((known) => known.name === name);
  const stays = service && whyPodsStay(service);
  if (stays) return `Nothing moves them: ${stays}.`;
  const { enabled, values } = addons.descheduler;
  if (!enabled) return "Nothing moves them by itself: docs/services.md#where-pods-run.";
  const { intervalMinutes = DESCHEDULER_DEFAULTS.intervalMinutes } = values;
  return `The descheduler looks every ${intervalMinutes} minutes, and moves one as far as disruption budgets allow.`;
}
