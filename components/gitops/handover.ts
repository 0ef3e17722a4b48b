import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { lastOutput } from "../last-update.ts";
import { inTime } from "../rollout/in-time.ts";
import { type DeliveryMode, modeChange } from "./delivery-mode.ts";
import { handBackToHelm } from "./hand-back.ts";
import { keptNames } from "./kept-names.ts";
import { handedBackSince, resumeApplications } from "./paused-applications.ts";
import { manifestsFolder } from "./render-only.ts";
import { takeOverFromHelm } from "./take-over.ts";

/** What a stack keeps of its changes between Helm and Argo CD: the stack's output `handover`. */
export interface Handover {
  /** Folder of a service's manifests. Each time that Argo CD takes running services over, it is a new one: what it had from an earlier time is old. */
  manifests: string;
  /** Names of ConfigMaps and Secrets that are older than names by content, by the name that their content would give them. */
  names: Record<string, string>;
  /** When Argo CD handed the services back to Helm last. Empty if it never did. */
  handedBack: string;
}

/**
 * Hands what runs over to who rolls it out from this update on. It is the last thing that is done before the first object changes, and
 * replaces and deletes nothing.
 *
 * @throws pulumi.RunError if what runs cannot be handed over as it is
 */
export async function handOver(
  environment: Environment,
  { reader }: Pick<ClusterConnection, "reader">,
  key: pulumi.Output<string> | undefined,
): Promise<Handover> {
  const last = { manifests: "manifests", names: {}, handedBack: "", ...(await lastOutput<Handover>("handover")) };
  // It neither needs nor asks the cluster, and an update that changes the mode is not one: see refuseEarlyCommit.
  if (manifestsFolder() !== undefined) return last;
  const isPreview = pulumi.runtime.isDryRun();
  const change = await modeChange(environment);
  if (change === "toGitOps" && key !== undefined) {
    const found = reader().then((it) => keptNames(it, environment, key));
    // A preview may not be able to ask.
    const names = isPreview ? await inTime(found, {}) : await found;
    if (!isPreview) await takeOverFromHelm(await reader(), environment);
    return { ...last, manifests: `manifests-${timestamp()}`, names: { ...last.names, ...names } };
  }
  if (change === "toDirect") {
    const since = isPreview ? timestamp() : await handBack(await reader(), environment);
    return { ...last, handedBack: since };
  }
  if (!isPreview && environment.gitops && (await lastOutput<DeliveryMode>("deliveryMode")) === "gitops")
    await resumeApplications(await reader(), environment);
  return last;
}

async function handBack(reader: ClusterReader, environment: Environment): Promise<string> {
  // Another attempt goes on with the one that was interrupted.
  const since = (await handedBackSince(reader, environment)) ?? timestamp();
  await handBackToHelm(reader, environment, since);
  return since;
}

/** `20261130-131205`: a label and a file can have it. */
function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
