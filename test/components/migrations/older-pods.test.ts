import type { V1Pod, V1ReplicaSet } from "@kubernetes/client-node";
import { beforeEach, expect, it, vi } from "vitest";
import { type OlderPods, waitForOlderPods } from "../../../components/migrations/older-pods.ts";
import { DIGEST } from "./fake-api.ts";

const image = `registry.example.com/shop@${DIGEST("2")}`;
const awaited = { namespace: "shop", service: "orders", image, stopSeconds: 30 };
const pod = (name: string, digit: string, over: Partial<V1Pod> = {}): V1Pod => ({
  metadata: {
    name,
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "set", uid: `set-${digit}` }],
  },
  spec: {
    containers: [
      { name: "orders", image: `registry.example.com/shop@${DIGEST(digit)}` },
      { name: "proxy", image: `registry.example.com/proxy@${DIGEST("9")}` },
    ],
  },
  status: { phase: "Running" },
  ...over,
});

let pods: V1Pod[];
let sets: V1ReplicaSet[];
let said: string[];
beforeEach(() => {
  pods = [];
  sets = [];
  said = [];
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

function wait() {
  const reader = { pods: async () => pods, replicaSets: async () => sets };
  let result: OlderPods | undefined | "waits" = "waits";
  void waitForOlderPods(reader, awaited, async (message) => void said.push(message)).then((left) => {
    result = left;
  });
  return async (seconds: number) => {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    return result;
  };
}
const ofRollout = (deadline?: string): V1ReplicaSet => ({
  metadata: {
    uid: "set-1",
    ownerReferences: [{ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "orders", uid: "r" }],
    ...(deadline && { annotations: { "argo-rollouts.argoproj.io/scale-down-deadline": deadline } }),
  },
});

it("is over at once if every pod runs the image, or is done", async () => {
  pods = [pod("new", "2"), pod("evicted", "1", { status: { phase: "Failed" } })];
  expect(await wait()(0)).toBeUndefined();
  expect(said).toEqual([]);
});

it("waits for an older pod that is stopping, and tells once", async () => {
  pods = [pod("new", "2"), pod("old", "1", { metadata: { name: "old", deletionTimestamp: new Date() } })];
  const after = wait();
  expect(await after(20)).toBe("waits");
  pods = [pod("new", "2")];
  expect(await after(3)).toBeUndefined();
  expect(said).toEqual([expect.stringContaining("old")]);
});

it("gives up on pods that nothing stops", async () => {
  pods = [pod("stuck", "1")];
  expect(await wait()(100)).toEqual({ names: ["stuck"], isByRollout: false });
});

it("waits as long as a Rollout keeps the ReplicaSet for a fast way back", async () => {
  pods = [pod("kept", "1")];
  sets = [ofRollout(new Date(Date.now() + 600_000).toISOString())];
  const after = wait();
  expect(await after(590)).toBe("waits");
  pods = [];
  expect(await after(3)).toBeUndefined();
});

it("leaves a Rollout that waits for somebody alone", async () => {
  pods = [pod("stable", "1"), pod("preview", "2")];
  sets = [ofRollout()];
  expect(await wait()(100)).toEqual({ names: ["stable"], isByRollout: true });
});
