import { lastOutput } from "../last-update.ts";
import type { ClusterConnection } from "./connection.ts";

/** Whether this update creates the cluster. Nothing can be asked of it yet, and nothing of the services is in it. */
export async function isNewCluster({ cluster }: Pick<ClusterConnection, "cluster">): Promise<boolean> {
  return cluster !== undefined && (await lastOutput("platform")) === undefined;
}
