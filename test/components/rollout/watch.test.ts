import type { V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import * as current from "../../../components/rollout/current-rollout.ts";
import { watchRollout } from "../../../components/rollout/watch.ts";

const crashing = (restartCount: number): V1Pod => ({
  metadata: { name: "api-1", uid: "1" },
  status: {
    containerStatuses: [
      {
        name: "api",
        image: "i",
        imageID: "",
        ready: false,
        restartCount,
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 1, reason: "Error", message: "out of luck" } },
      },
    ],
  },
});

const underWay = {
  revision: "v2",
  gates: ["api-rollout-1"],
  pods: [],
  isComplete: false,
  isWithinBounds: true,
  isStalled: false,
  isWaiting: false,
  isApplied: true,
  isRollback: false,
};

let said: string[];
let deleted: string[];
let opened: string[];
let cleaned: Record<string, string>[];
let failures: number;
let rollout: current.CurrentRollout | undefined;
beforeEach(() => {
  said = [];
  deleted = [];
  opened = [];
  cleaned = [];
  failures = 0;
  vi.spyOn(current, "currentRollout").mockImplementation(async () => rollout);
  vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(false);
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => {
    said.push(message);
  });
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
});

function watch(done: pulumi.Output<unknown>, more: { outlivingData?: boolean } = {}): void {
  const reader = {
    rollouts: { visible: async () => [] },
    replicaSets: async () => [],
    deleteData: async (_: string, labels: Record<string, string>) => void cleaned.push(labels),
    lastLogLines: async () => ["cannot open the ledger"],
    deleteService: async (_: string, name: string) => {
      if (failures-- > 0) throw new Error("connection reset");
      return deleted.push(name) > 0;
    },
    patchJob: async (_: string, name: string, patch: object) => {
      expect(patch).toEqual({ spec: { completions: 0, parallelism: 0 } });
      opened.push(name);
    },
  };
  const cluster = { reader: async () => reader } as unknown as ClusterConnection;
  const watched = {
    namespace: "shop",
    service: "api",
    kind: "deployment",
    strategy: "rolling",
    replicas: { min: 1, max: 2 },
    release: "v2",
    startupSeconds: 60,
    data: [],
    outlivingData: false,
    maxRestarts: 2,
    minReadySeconds: 10,
    canary: undefined,
    ...more,
  } as const;
  watchRollout(cluster, watched, done, {} as pulumi.Resource);
}

const never = () => pulumi.output(new Promise(() => {}));
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

it("reports a pod once for each reason, with its last log lines", async () => {
  watch(never());
  rollout = { ...underWay, pods: [crashing(1)], isStalled: false };
  await seconds(9);
  expect(said).toEqual([
    "api v2: pod api-1: CrashLoopBackOff (Error 1). out of luck\nLast lines of its log:\n  | cannot open the ledger",
  ]);
  expect(deleted).toEqual([]);
});

it("ends a rollout once when a failure is final, and says so", async () => {
  watch(never());
  rollout = { ...underWay, pods: [crashing(2)], isStalled: false };
  await seconds(9);
  expect(deleted).toEqual(["api-rollout"]);
  expect(said.at(-1)).toMatch(/^api v2: the rollout is ended and rolled back/);
});

it("ends a rollout that makes no progress", async () => {
  watch(never());
  rollout = { ...underWay, pods: [], isStalled: true };
  await seconds(3);
  expect(deleted).toEqual(["api-rollout"]);
  expect(said).toEqual([expect.stringContaining("rollout.progressDeadlineSeconds")]);
});

it("lets Helm end once every pod is new and available, and not before", async () => {
  watch(never());
  rollout = underWay;
  await seconds(9);
  expect(opened).toEqual([]);
  rollout = { ...underWay, isComplete: true };
  await seconds(2);
  expect(opened).toEqual(["api-rollout-1"]);
  expect([...deleted, ...said]).toEqual([]);
});

it.each([
  [
    "deletes data that no pods need once the rollout is over, where it outlives its replacement",
    true,
    [{ "slipway.dev/data-of": "api" }],
  ],
  ["leaves data to the engine where that replaces it", false, []],
])("%s", async (_, outlivingData, deletions) => {
  watch(never(), { outlivingData });
  rollout = { ...underWay, isComplete: true };
  await seconds(3);
  expect(cleaned).toEqual(deletions);
});

it("waits for an autoscaler that has not followed new bounds yet, but not for one that never does", async () => {
  watch(never());
  rollout = { ...underWay, isComplete: true, isWithinBounds: false };
  await seconds(59);
  expect(opened).toEqual([]);
  await seconds(5);
  expect(opened[0]).toBe("api-rollout-1");
  expect(said[0]).toMatch(/^api v2: the autoscaler does not keep 1 to 2 pods/);
});

it("tries again to end a rollout if the request fails", async () => {
  failures = 2;
  watch(never());
  rollout = { ...underWay, pods: [crashing(2)] };
  await seconds(9);
  expect(deleted).toEqual(["api-rollout"]);
});

it("says once that it cannot see the cluster, and what it needs, if that does not pass", async () => {
  vi.mocked(current.currentRollout).mockImplementation(async () => {
    throw new Error("HTTP-Code: 403\nforbidden");
  });
  watch(never());
  await seconds(9);
  expect(said).toEqual([]);
  await seconds(30);
  expect(said).toEqual([
    expect.stringMatching(/^api v2: the rollout cannot be watched: HTTP-Code: 403\. .*patch jobs/),
  ]);
});

it("is over when the release is", async () => {
  watch(pulumi.output("deployed"));
  rollout = { ...underWay, pods: [crashing(2)], isStalled: false };
  await seconds(9);
  expect(said).toEqual([]);
});
