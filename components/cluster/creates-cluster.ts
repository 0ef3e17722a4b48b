import { lastOutput } from "../last-update.ts";
import type { ClusterConnection } from "./connection.ts";

/** Whether this update creates the cluster: nothing can be asked there yet. */
export async function createsCluster({ cluster }: Pick<ClusterConnection, "cluster">): Promise<boolean> {
  return cluster !== undefined && (await lastOutput("platform")) === undefined;
}
