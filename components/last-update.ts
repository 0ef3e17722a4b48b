import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "./cluster/connection.ts";

let reference: pulumi.StackReference | undefined;

/** An output of this stack's last update. Undefined in the first update, or if the last one had no such output. */
export async function lastOutput<T>(name: string): Promise<T | undefined> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  reference ??= new pulumi.StackReference("last-update", { name: self });
  const { value } = await reference.getOutputDetails(name);
  return value as T | undefined;
}

/** Whether this update creates the cluster: nothing can be asked there yet. */
export async function createsCluster({ cluster }: Pick<ClusterConnection, "cluster">): Promise<boolean> {
  return cluster !== undefined && (await lastOutput("platform")) === undefined;
}
