import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { growthOf, isReleased, provisioner, storageClass, volumeFor } from "../../cluster/volumes.ts";

const claim = (spec: object = {}, annotations: object = {}): V1PersistentVolumeClaim => ({
  metadata: {
    name: "data-ledger-0",
    namespace: "shop",
    uid: "1",
    annotations: {
      "volume.kubernetes.io/storage-provisioner": provisioner,
      "volume.kubernetes.io/selected-node": "node-2",
      ...annotations,
    },
  },
  spec: { storageClassName: "folders", resources: { requests: { storage: "2Gi" } }, ...spec },
});

describe("the volume for a claim", () => {
  it("has its size, is reserved for it, and is bound to the node of its first pod", () => {
    const { metadata, spec } = volumeFor(claim()) ?? {};
    expect(metadata?.name).toBe("pvc-1");
    expect(spec).toMatchObject({ capacity: { storage: "2Gi" }, claimRef: { name: "data-ledger-0", uid: "1" } });
    expect(JSON.stringify(spec?.nodeAffinity)).toContain('"values":["node-2"]');
    expect(spec?.persistentVolumeReclaimPolicy).toBe(storageClass.reclaimPolicy);
  });

  it.each([
    ["has one", claim({ volumeName: "pvc-1" })],
    ["waits for the node of its first pod", claim({}, { "volume.kubernetes.io/selected-node": "" })],
    ["is for another driver", claim({}, { "volume.kubernetes.io/storage-provisioner": "ebs.csi.aws.com" })],
  ])("is not made if the claim %s", (_, given) => {
    expect(volumeFor(given)).toBeUndefined();
  });
});

const volume = (storage: string, uid = "1"): V1PersistentVolume => ({
  spec: { capacity: { storage }, claimRef: { uid } },
});

it("a volume grows to what its claim asks for, and never shrinks", () => {
  expect(growthOf(volume("1Gi"), [claim()])).toBe("2Gi");
  expect(growthOf(volume("2048Mi"), [claim()])).toBeUndefined();
  expect(growthOf(volume("3Gi"), [claim()])).toBeUndefined();
  expect(growthOf(volume("1Gi", "2"), [claim()])).toBeUndefined();
});

it("a volume is deleted once its claim is gone, unless somebody asked to keep the data", () => {
  const released = (persistentVolumeReclaimPolicy: string, phase = "Released") =>
    isReleased({ spec: { persistentVolumeReclaimPolicy }, status: { phase } });
  expect(released("Delete")).toBe(true);
  expect(released("Delete", "Bound")).toBe(false);
  expect(released("Retain")).toBe(false);
});
