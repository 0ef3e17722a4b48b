import type { Environment } from "../../config/index.ts";
import { HELM_RELEASE } from "../../config/naming.ts";
import { lastOutput } from "../last-update.ts";
import { stateResources, urnOfServices } from "../state-resources.ts";
import type { Handover } from "./handover.ts";

/**
 * Services that only Argo CD has rolled out so far, and that Helm takes over in this update, or could not take over in the one before: its
 * outputs are those of a stack that changed its mode, even if it failed.
 */
export async function servicesToAdopt(
  { services }: Pick<Environment, "services">,
  { handedBack }: Pick<Handover, "handedBack">,
): Promise<ReadonlySet<string>> {
  if (handedBack === "") return new Set();
  const [state, before = {}] = await Promise.all([stateResources(), lastOutput<Record<string, unknown>>("services")]);
  return new Set(
    services.map(({ name }) => name).filter((name) => name in before && !state.has(urnOfServices(HELM_RELEASE, name))),
  );
}
