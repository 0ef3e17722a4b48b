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

let said: string[];
let deleted: string[];
let rollout: current.CurrentRollout | undefined;
beforeEach(() => {
  said = [];
  deleted = [];
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

function watch(done: pulumi.Output<unknown>): void {
  const reader = {
    lastLogLines: async () => ["cannot open the ledger"],
    deleteService: async (_: string, name: string) => deleted.push(name) > 0,
  };
  const cluster = { reader: async () => reader } as unknown as ClusterConnection;
  const watched = {
    namespace: "shop",
    service: "api",
    kind: "deployment",
    release: "v2",
    startupSeconds: 60,
    maxRestarts: 2,
  } as const;
  watchRollout(cluster, watched, done, {} as pulumi.Resource);
}

const never = () => pulumi.output(new Promise(() => {}));
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

it("reports a pod once for each reason, with its last log lines", async () => {
  watch(never());
  rollout = { revision: "v2", pods: [crashing(1)], isStalled: false };
  await seconds(9);
  expect(said).toEqual([
    "api v2: pod api-1: CrashLoopBackOff (Error 1). out of luck\nLast lines of its log:\n  | cannot open the ledger",
  ]);
  expect(deleted).toEqual([]);
});

it("ends a rollout once when a failure is final, and says so", async () => {
  watch(never());
  rollout = { revision: "v2", pods: [crashing(2)], isStalled: false };
  await seconds(9);
  expect(deleted).toEqual(["api-rollout"]);
  expect(said.at(-1)).toMatch(/^api v2: the rollout is ended and rolled back/);
});

it("ends a rollout that makes no progress", async () => {
  watch(never());
  rollout = { revision: "v2", pods: [], isStalled: true };
  await seconds(3);
  expect(deleted).toEqual(["api-rollout"]);
  expect(said).toEqual([expect.stringContaining("rollout.progressDeadlineSeconds")]);
});

it("is over when the release is", async () => {
  watch(pulumi.output("deployed"));
  rollout = { revision: "v2", pods: [crashing(2)], isStalled: false };
  await seconds(9);
  expect(said).toEqual([]);
});
