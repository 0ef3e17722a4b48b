import { type Environment, refuseFaults } from "../../config/index.ts";
import { lastOutput } from "../last-update.ts";
import { manifestsFolder } from "./render-only.ts";

export type DeliveryMode = "direct" | "gitops";

export function deliveryModeOf({ gitops }: Pick<Environment, "gitops">): DeliveryMode {
  return gitops === undefined ? "direct" : "gitops";
}

/** How an update changes who rolls the services out: Helm, or Argo CD. Undefined if it does not, or if nothing runs yet. */
export type ModeChange = "toGitOps" | "toDirect" | undefined;

export async function modeChange(environment: Pick<Environment, "gitops">): Promise<ModeChange> {
  const [mode, services = {}] = await Promise.all([
    lastOutput<DeliveryMode>("deliveryMode"),
    lastOutput<Record<string, unknown>>("services"),
  ]);
  const wanted = deliveryModeOf(environment);
  // States from before this output are all direct.
  if (Object.keys(services).length === 0 || (mode ?? "direct") === wanted) return undefined;
  return wanted === "gitops" ? "toGitOps" : "toDirect";
}

/**
 * An update that only renders cannot change the mode: no Application reads what would be committed, and the names of what the pods use are
 * not known.
 *
 * @throws pulumi.RunError if the last update had services, and another mode.
 */
export async function refuseEarlyCommit(environment: Environment): Promise<void> {
  if (manifestsFolder() === undefined || (await modeChange(environment)) === undefined) return;
  const message =
    `the services of this stack still run in mode: direct. First run pulumi up --stack ${environment.name} with credentials for the ` +
    "cluster, which hands them over. Then deploy";
  refuseFaults(
    environment,
    [{ path: ["delivery", "mode"], message, hideValue: true }],
    "Argo CD does not have the services yet. Nothing was changed.",
  );
}
