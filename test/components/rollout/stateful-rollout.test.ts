import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import { nextPartition, stepStatefulSet, takenBack } from "../../../components/rollout/stateful-rollout.ts";

const NOW = Date.parse("2026-01-01T00:10:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000);

interface Set {
  partition?: number;
  current?: string;
  replicas?: number;
  observed?: number;
}

const set = ({ partition = 3, current = "v1", replicas = 3, observed = 2 }: Set = {}): V1StatefulSet => ({
  metadata: { uid: "set", generation: 2 },
  spec: {
    replicas,
    selector: {},
    template: {},
    updateStrategy: { rollingUpdate: { partition } },
  },
  status: { observedGeneration: observed, replicas, currentRevision: current, updateRevision: "v2" },
});

const pod = (ordinal: number, revision: string, readyFor?: number, owner = "set"): V1Pod => ({
  metadata: {
    name: `ledger-${ordinal}`,
    labels: { "controller-revision-hash": revision },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "ledger", uid: owner }],
  },
  status: {
    conditions: [
      {
        type: "Ready",
        status: readyFor === undefined ? "False" : "True",
        lastTransitionTime: ago(readyFor ?? 0),
      },
    ],
  },
});
const crashing = (ordinal: number, revision: string, owner?: string): V1Pod => ({
  ...pod(ordinal, revision, undefined, owner),
  status: {
    containerStatuses: [
      {
        name: "ledger",
        image: "i",
        imageID: "",
        ready: false,
        restartCount: 1,
        state: { waiting: { reason: "CrashLoopBackOff" } },
      },
    ],
  },
});

const allowance = { startupSeconds: 60, maxRestarts: 2 };

describe("a pod is taken back", () => {
  it("if it fails and has neither the template of now nor the one from before", () => {
    expect(takenBack(set(), [crashing(2, "bad"), pod(1, "v1", 99)], allowance, NOW)).toHaveLength(1);
  });

  it.each([
    ["it works", [pod(2, "bad", 99)], set()],
    ["it has the new template", [crashing(2, "v2")], set()],
    ["it has the one from before, which it would get again", [crashing(2, "v1")], set()],
    ["the controller has not seen the change yet", [crashing(2, "bad")], set({ observed: 1 })],
  ])("but not if %s", (_, pods, live) => {
    expect(takenBack(live, pods, allowance, NOW)).toEqual([]);
  });
});

describe("the first pod with the new template", () => {
  const canary = { pods: 1, seconds: 60 };
  const next = (live: Set, pods: V1Pod[], isRollback = false, seconds = 60) =>
    nextPartition(set(live), pods, { canary: { ...canary, seconds }, minReadySeconds: 10 }, isRollback, NOW);
  const before = [pod(0, "v1", 900), pod(1, "v1", 900)];

  it("is the first of the canary pods to begin with, whatever the chart set", () => {
    expect(next({ partition: 9 }, [...before, pod(2, "v1", 900)])).toBe(2);
    expect(next({ partition: 9, replicas: 5 }, [])).toBe(4);
  });

  it.each([
    ["has the old template", pod(2, "v1", 900)],
    ["is not ready", pod(2, "v2")],
    ["has not been ready for long enough", pod(2, "v2", 59)],
    ["is being deleted", { ...pod(2, "v2", 99), metadata: { ...pod(2, "v2").metadata, deletionTimestamp: ago(1) } }],
  ])("stays while the canary pod %s", (_, canaryPod) => {
    expect(next({ partition: 2 }, [...before, canaryPod])).toBeUndefined();
  });

  it("stays while the canary pod does not exist", () => {
    expect(next({ partition: 2 }, before)).toBeUndefined();
  });

  it("is pod 0 once the canary pods have been ready for long enough, never less than minReadySeconds", () => {
    expect(next({ partition: 2 }, [...before, pod(2, "v2", 60)])).toBe(0);
    expect(next({ partition: 2 }, [...before, pod(2, "v2", 9)], false, 0)).toBeUndefined();
    expect(next({ partition: 2 }, [...before, pod(2, "v2", 10)], false, 0)).toBe(0);
  });

  it("is pod 0 in a rollback, at an install, and with fewer pods than are to be first", () => {
    expect(next({ partition: 3 }, before, true)).toBe(0);
    expect(next({ partition: 3, current: "v2" }, before)).toBe(0);
    expect(next({ partition: 3, replicas: 1 }, before)).toBe(0);
  });

  it("stays what it is once it is pod 0, and while the controller has not seen the change", () => {
    expect(next({ partition: 0 }, before)).toBeUndefined();
    expect(next({ partition: 3, observed: 1 }, before)).toBeUndefined();
  });
});

describe("a look", () => {
  let done: string[];
  beforeEach(() => {
    done = [];
    vi.spyOn(pulumi.log, "info").mockResolvedValue();
    return () => vi.restoreAllMocks();
  });
  const look = (gates: string[], isRollback: boolean, pods: V1Pod[]) =>
    stepStatefulSet(
      {
        statefulSet: async () => set({ partition: 3, current: isRollback ? "v2" : "v1" }),
        pods: async () => pods,
        statefulSets: {
          deletePod: async ({ metadata }: V1Pod) => void done.push(`deleted ${metadata?.name}`),
          setPartition: async (_: string, __: string, partition: number) => void done.push(`from ${partition}`),
        },
      } as unknown as ClusterReader,
      {
        ...allowance,
        namespace: "shop",
        service: "ledger",
        release: "v2",
        minReadySeconds: 1,
        canary: { pods: 1, seconds: 1 },
      },
      { gates, isRollback },
      {} as pulumi.Resource,
    );

  it("deletes what was left of a release that was rolled back, and no pod of somebody else", async () => {
    await look([], true, [crashing(2, "bad"), crashing(1, "bad", "other")]);
    expect(done).toEqual(["deleted ledger-2"]);
  });

  it.each([true, false])(
    "leaves the order of pods alone until Helm has applied it (rollback: %s)",
    async (isRollback) => {
      await look([], isRollback, []);
      expect(done).toEqual([]);
      await look(["ledger-rollout-1"], isRollback, []);
      expect(done).toEqual([isRollback ? "from 0" : "from 2"]);
    },
  );
});
