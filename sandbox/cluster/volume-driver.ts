/**
 * A storage driver in place of that of EBS: volumes are folders of the machine, bound to the node that their first pod is scheduled to.
 * Run as a process of its own. As external-provisioner and external-resizer do, it leaves the binding to the control plane, and the end
 * of a growth, which the pod sees, to the kubelet. A folder has no size, so nothing keeps a pod from writing more.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { readObject, sendObject } from "./api.ts";
import { growthOf, isOwn, isReleased, lookFile, volumeFor, volumesFolder } from "./volumes.ts";

const LOOK_MILLISECONDS = 1_000;
const VOLUMES = "/api/v1/persistentvolumes";

async function listed<T>(path: string): Promise<T[]> {
  return (await readObject<{ items: T[] }>(path)).items;
}

async function look(): Promise<void> {
  // Volumes first: a claim that is deleted between both is one whose volume is not grown, or is made and then released.
  const volumes = (await listed<V1PersistentVolume>(VOLUMES)).filter(isOwn);
  const claims = await listed<V1PersistentVolumeClaim>("/api/v1/persistentvolumeclaims");
  removeFolders(volumes);
  for (const claim of claims) {
    const volume = volumeFor(claim);
    if (volume === undefined || volumes.some(({ metadata }) => metadata?.name === volume.metadata?.name)) continue;
    mkdirSync(volume.spec?.local?.path ?? "", { recursive: true });
    await sendObject("POST", VOLUMES, volume);
  }
  for (const volume of volumes) {
    const path = `${VOLUMES}/${volume.metadata?.name}`;
    if (isReleased(volume)) await sendObject("DELETE", path);
    const storage = growthOf(volume, claims);
    if (storage === undefined) continue;
    await sendObject("PATCH", path, { spec: { capacity: { storage } } });
    const { namespace, name } = volume.spec?.claimRef ?? {};
    const type = "FileSystemResizePending";
    const status = { conditions: [{ type, status: "True", lastTransitionTime: new Date().toISOString() }] };
    await sendObject("PATCH", `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}/status`, { status });
  }
}

/** Folders without a volume: of one that is deleted, or of a cluster that was wiped. */
function removeFolders(volumes: readonly V1PersistentVolume[]): void {
  const known = new Set(volumes.map(({ metadata }) => metadata?.name));
  for (const name of readdirSync(volumesFolder)) {
    if (!known.has(name)) rmSync(join(volumesFolder, name), { recursive: true, force: true });
  }
}

mkdirSync(volumesFolder, { recursive: true });
for (;;) {
  try {
    await look();
    writeFileSync(lookFile, "");
  } catch (error) {
    // The API is away for a moment, or an object has changed meanwhile. The next look sees it as it is then.
    process.stderr.write(`${new Date().toISOString()} ${error}\n`);
  }
  await sleep(LOOK_MILLISECONDS);
}
