import type { V1PersistentVolumeClaim, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../../config/index.ts";
import { compareQuantities } from "../../config/quantity.ts";
import type { StatefulSets } from "../cluster/stateful-sets.ts";
import { claimsOf, requestOf, type StatefulService, sizeOfTemplate, type VolumeGrowth } from "./volume-growth.ts";

const RUNBOOK = "docs/runbooks/grow-a-volume.md";

/** What cannot become of the volumes of a service. A larger size is no fault: see grow-volumes.ts. */
export function volumeFaults(
  service: StatefulService,
  set: V1StatefulSet | undefined,
  claims: readonly V1PersistentVolumeClaim[],
): Fault[] {
  const { name, chartFields } = service;
  const { volume } = chartFields;
  const fault = (field: string[], message: string): Fault => ({
    path: ["services", name, "volume", ...field],
    message: `${message}, or follow ${RUNBOOK}`,
  });
  if (set === undefined) return volume === undefined ? [] : shrinks(volume.size, largest(name, claims), fault);
  const size = sizeOfTemplate(set);
  const was = "and Kubernetes does not change that. Set it back";
  if (volume === undefined)
    return size === undefined ? [] : [fault([], `its pods run with a volume of ${size}, ${was}`)];
  if (size === undefined) return [fault([], `its pods run without a volume, ${was}`)];
  const faults = shrinks(volume.size, { size, owner: "its pods run" }, fault);
  const { storageClassName } = set.spec?.volumeClaimTemplates?.[0]?.spec ?? {};
  if (volume.storageClass !== storageClassName)
    faults.push(
      fault(["storageClass"], `its pods run with ${storageClassName ?? "the cluster's default class"}, ${was}`),
    );
  const mountPath = pathOf(set);
  if (mountPath !== undefined && mountPath !== volume.mountPath)
    faults.push(
      fault(
        ["mountPath"],
        `its pods have their data at ${mountPath}. A new path finds the data only if the image does. Set it back`,
      ),
    );
  return faults;
}

interface Size {
  size: string;
  owner: string;
}

function largest(service: string, claims: readonly V1PersistentVolumeClaim[]): Size | undefined {
  const sizes = claimsOf(service, claims).map((claim) => ({
    size: requestOf(claim),
    owner: `its claim ${claim.metadata?.name} is there`,
  }));
  return sizes.sort((a, b) => compareQuantities(a.size, b.size)).at(-1);
}

function shrinks(wanted: string, is: Size | undefined, fault: (field: string[], message: string) => Fault): Fault[] {
  if (is === undefined || compareQuantities(wanted, is.size) >= 0) return [];
  return [fault(["size"], `${is.owner} with ${is.size}, and a volume cannot shrink. Set it to ${is.size}`)];
}

function pathOf({ spec }: V1StatefulSet): string | undefined {
  const name = spec?.volumeClaimTemplates?.[0]?.metadata?.name;
  const mounts = spec?.template.spec?.containers.flatMap(({ volumeMounts = [] }) => volumeMounts) ?? [];
  return mounts.find((mount) => mount.name === name)?.mountPath;
}

/**
 * Claims that the API would not let grow. Whoever previews may have no right to change claims, which says nothing about those.
 */
export async function growthFaults(
  sets: StatefulSets,
  namespace: string,
  growths: readonly VolumeGrowth[],
): Promise<Fault[]> {
  const asked = growths.flatMap(({ service, size, claims }) =>
    claims.map(async (claim): Promise<Fault[]> => {
      const name = claim.metadata?.name ?? "";
      const refusal = await sets.refusalOfGrowth(namespace, name, size);
      if (refusal === undefined || (pulumi.runtime.isDryRun() && refusal.isByRights)) return [];
      const { message } = refusal;
      const was = `its claim ${name} has ${requestOf(claim)} and cannot grow: ${message.replace(/\.$/, "")}`;
      return [{ path: ["services", service, "volume", "size"], message: `${was}. Set it back, or follow ${RUNBOOK}` }];
    }),
  );
  return (await Promise.all(asked)).flat();
}
