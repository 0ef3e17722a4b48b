import type { V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { descriptionIn } from "./helm-record.ts";

const AGAIN = "Again, because an update was interrupted after revision ";

/** By namespace and release, as the last look at the cluster found them. */
const descriptions = new Map<string, string | undefined>();

/** Reads what {@link upgradeDescription} gives, after pending revisions are cleared. In a preview, before. */
export async function readDescriptions(
  reader: Pick<ClusterReader, "revisionRecords">,
  { namespace, services }: Pick<Environment, "namespace" | "services">,
): Promise<void> {
  const records = await reader.revisionRecords(namespace, {});
  for (const { name } of services) {
    const own = records.filter(({ metadata }) => metadata?.labels?.name === name);
    descriptions.set(`${namespace}/${name}`, describeRecords(own));
  }
}

/**
 * The description of a service's Helm release, for its input. It makes the engine upgrade a release that a killed update has changed: the
 * engine has recorded nothing of that update. If the config is that of the update before, it would find nothing to change, and what was
 * killed would go on. The description then stays as Helm has recorded it, so that it is no change in the next update.
 *
 * @param ready resolves when the cluster was read
 * @returns undefined for a release that was never interrupted
 */
export function upgradeDescription(
  namespace: pulumi.Output<string>,
  release: string,
  ready: pulumi.Output<unknown>,
): pulumi.Output<string | undefined> {
  return pulumi.all([namespace, ready]).apply(([name]) => descriptions.get(`${name}/${release}`));
}

/** @param records of one release */
export function describeRecords(records: readonly V1Secret[]): string | undefined {
  const sorted = [...records].sort((a, b) => revision(a) - revision(b));
  const last = sorted.at(-1);
  const deployed = sorted.findLast((record) => status(record) === "deployed");
  if (last === undefined || deployed === undefined) return undefined;
  // A preview sees the pending revision, and an update the copy that takes its place: see killed-upgrade.ts.
  const isInterrupted = status(last) === "superseded" || status(last).startsWith("pending-");
  if (isInterrupted) return `${AGAIN}${revision(deployed)}`;
  return new RegExp(`${AGAIN}\\d+`).exec(descriptionIn(deployed.data?.release ?? ""))?.[0];
}

const status = ({ metadata }: V1Secret) => metadata?.labels?.status ?? "";
const revision = ({ metadata }: V1Secret) => Number(metadata?.labels?.version);
