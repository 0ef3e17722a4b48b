import { type Environment, refuseFaults } from "../../config/index.ts";
import { lastOutput } from "../last-update.ts";

export type DeliveryMode = "direct" | "gitops";

export function deliveryModeOf({ gitops }: Pick<Environment, "gitops">): DeliveryMode {
  return gitops === undefined ? "direct" : "gitops";
}

/**
 * A stack that runs services keeps its mode. In the other one the program does not declare what runs now: the update would uninstall the
 * Helm release of each service, or install one over objects that are Argo CD's.
 *
 * @throws pulumi.RunError if the last update had services, and another mode.
 */
export async function refuseModeChange(environment: Environment): Promise<void> {
  const [mode, services = {}] = await Promise.all([
    lastOutput<DeliveryMode>("deliveryMode"),
    lastOutput<Record<string, unknown>>("services"),
  ]);
  // States from before this output are all direct.
  const last = mode ?? "direct";
  if (Object.keys(services).length === 0 || last === deliveryModeOf(environment)) return;
  const message =
    `this stack runs ${Object.keys(services).join(", ")} with mode: ${last}, and would remove them. Set mode: ${last} again, or create ` +
    "another stack with a namespace of its own, deploy there, and move the hosts";
  refuseFaults(
    environment,
    [{ path: environment.gitops ? ["delivery", "mode"] : ["delivery"], message, hideValue: true }],
    "A stack that runs services cannot change its delivery mode. Nothing was changed.",
  );
}
