import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults } from "../config/index.ts";
import { lastOutput } from "./last-update.ts";

/** Names of services that this update may remove, with commas between them. `slipway deploy --allow-delete` sets it. */
const ALLOWED = "SLIPWAY_ALLOW_DELETE";

/** Services that one update may remove without being told their names: whoever takes one out of the config means it. */
const WITHOUT_NAMES = 1;

/**
 * Refuses an update that removes several services at once, unless all of them are named. A merge that lost half of services.yaml, or a
 * deploy from the wrong branch, would take them all down. A preview only warns, so that it can be read to its end.
 *
 * @throws pulumi.RunError if an update removes more services than it may
 */
export async function refuseDeletions(environment: Environment): Promise<void> {
  const before = (await lastOutput<Record<string, unknown>>("services")) ?? {};
  const removed = servicesRemoved(Object.keys(before), environment.services);
  const named = [...environment.policies.allowDelete, ...(process.env[ALLOWED] ?? "").split(",")];
  if (removed.length <= WITHOUT_NAMES || removed.every((name) => named.includes(name))) return;
  const message =
    `this update removes ${removed.length} services: ${removed.join(", ")}. If that is meant, name them: policies.allowDelete, or ` +
    `npm run slipway -- deploy --stack ${pulumi.getStack()} --allow-delete ${removed.join(" ")}, or with the Pulumi CLI ` +
    `${ALLOWED}=${removed.join(",")}. If not, put them back, without enabled: false`;
  if (pulumi.runtime.isDryRun()) return pulumi.log.warn(`The update would be refused: services: ${message}.`);
  refuseFaults(
    environment,
    [{ path: ["services"], message, hideValue: true }],
    "Several services would be removed at once. Nothing was changed.",
  );
}

/** Services that ran and that the config no longer has. One that got another name is replaced, not removed. */
export function servicesRemoved(
  before: readonly string[],
  services: readonly { name: string; renamedFrom?: string | undefined }[],
): string[] {
  const kept = new Set(services.flatMap(({ name, renamedFrom }) => [name, renamedFrom]));
  return before.filter((name) => !kept.has(name)).sort();
}
