import type { Fault } from "../fault.ts";
import { resolveAddons } from "../resolve.ts";
import type { Checked } from "./checked.ts";

/** The Job after a deploy is made from the add-on: its image, and its rights to the services' namespace. */
export function rebalanceFaults({ environment }: Checked): Fault[] {
  if (environment.rebalance !== "afterDeploy" || resolveAddons(environment).descheduler.enabled) return [];
  const message =
    "afterDeploy needs the add-on descheduler, which this stack does not install. Set addons.descheduler.enabled: true, or rebalance: never";
  return [{ path: ["rebalance"], message }];
}
