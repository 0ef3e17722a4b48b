import type { V1CronJob, V1Job, V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterReader, PendingRevision } from "../../../components/cluster/reader.ts";
import { watchJob } from "../../../components/rollout/deploy-job.ts";

const began = new Date("2026-01-01T00:00:00Z");
const before = new Date(began.valueOf() - 60_000);
const later = new Date(began.valueOf() + 1_000);
const GATE = "seed-rollout-1";
const jobTemplate = {
  metadata: { labels: { a: "b" } },
  spec: { backoffLimit: 0, template: { spec: { containers: [] } } },
};

let revision: PendingRevision | undefined;
let gates: V1Job[];
let cronJob: V1CronJob | undefined;
let jobs: Map<string, V1Job>;
let pods: V1Pod[];
let log: string[];
let done: string[];
let said: string[];

beforeEach(() => {
  revision = { secret: "v2", release: "seed", status: "pending-upgrade", since: began, resourceVersion: "1" };
  gates = [{ metadata: { name: GATE }, spec: { completions: 1, template: {} } }];
  cronJob = {
    metadata: { name: "seed", uid: "c1", annotations: { "slipway.dev/job": "seed-abc", "slipway.dev/gate": GATE } },
    spec: { schedule: "0 0 31 2 *", jobTemplate },
  };
  jobs = new Map();
  pods = [];
  log = [];
  done = [];
  said = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void said.push(text));
  return () => vi.restoreAllMocks();
});

const job = (status: V1Job["status"] = {}, created = later, name = "seed-abc"): V1Job => ({
  metadata: { name, uid: name, creationTimestamp: created, labels: { "app.kubernetes.io/component": "deploy-job" } },
  status,
});
const condition = (type: string, reason = "") => ({
  conditions: [{ type, status: "True", reason, message: "1 pod failed" }],
});
const failedPod = (name: string): V1Pod => ({
  metadata: { name },
  status: {
    phase: "Failed",
    containerStatuses: [
      {
        name: "seed",
        image: "i",
        imageID: "",
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode: 3, reason: "Error" } },
      },
    ],
  },
});

function watcher(): () => Promise<void> {
  const reader: Partial<ClusterReader> = {
    pendingRevisionsOf: async () => (revision ? [revision] : []),
    jobs: async (_, labels) => (labels["app.kubernetes.io/component"] === "rollout-gate" ? gates : [...jobs.values()]),
    cronJob: async () => cronJob,
    job: async (_, name) => jobs.get(name),
    createJob: async (_, created) => {
      const name = created.metadata?.name ?? "";
      jobs.set(name, created);
      done.push(`create ${name}`);
    },
    deleteJob: async (_, name) => {
      jobs.delete(name);
      done.push(`delete ${name}`);
    },
    pods: async () => pods,
    lastLogLines: async () => log,
    patchJob: async (_, name) => void done.push(`open ${name}`),
    deleteService: async (_, name) => done.push(`fail ${name}`) > 0,
  };
  const watched = { namespace: "shop", service: "seed", release: "v2", startupSeconds: 60, maxRestarts: 2 };
  const look = watchJob(watched, {} as pulumi.Resource);
  return () => look(reader as ClusterReader);
}

describe("the job of a deploy", () => {
  it("is made of the CronJob once Helm has changed that, and belongs to it without being one of its runs", async () => {
    const look = watcher();
    const annotations = cronJob?.metadata?.annotations ?? {};
    annotations["slipway.dev/gate"] = "seed-rollout-0";
    await look();
    expect(done).toEqual([]);
    annotations["slipway.dev/gate"] = GATE;
    await look();
    expect(done).toEqual(["create seed-abc"]);
    expect(jobs.get("seed-abc")).toEqual({
      metadata: {
        name: "seed-abc",
        labels: { a: "b", "app.kubernetes.io/component": "deploy-job" },
        ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "seed", uid: "c1" }],
      },
      spec: jobTemplate.spec,
    });
  });

  it("lets the deploy end once it has succeeded, and not before", async () => {
    const look = watcher();
    jobs.set("seed-abc", job({ active: 1 }));
    await look();
    expect(done).toEqual([]);
    jobs.set("seed-abc", job(condition("Complete")));
    await look();
    expect(done).toEqual([`open ${GATE}`]);
  });

  it("does not run again if it has succeeded before, and goes on if an earlier update was killed", async () => {
    const look = watcher();
    jobs.set("seed-abc", job({ active: 1 }, before));
    await look();
    expect(done).toEqual([]);
    jobs.set("seed-abc", job(condition("Complete"), before));
    await look();
    expect(done).toEqual([`open ${GATE}`]);
  });

  it("runs again if it failed in an earlier deploy", async () => {
    const look = watcher();
    jobs.set("seed-abc", job(condition("Failed"), before));
    await look();
    await look();
    expect(done).toEqual(["delete seed-abc", "create seed-abc"]);
  });

  it("that fails ends the deploy once, with reason and log, and stays to be looked at", async () => {
    const look = watcher();
    jobs.set("seed-abc", job(condition("Failed", "BackoffLimitExceeded")));
    pods = [failedPod("seed-abc-x")];
    log = ["no such table"];
    await look();
    await look();
    expect(done).toEqual(["fail seed-rollout"]);
    expect(said).toEqual([
      "seed v2: pod seed-abc-x: ended with exit code 3 (Error).\nLast lines of its log:\n  | no such table",
      "seed v2: its Job seed-abc failed, and the deploy is rolled back: 1 pod failed.",
    ]);
  });

  it("that ran out of time shows the log that its pod had", async () => {
    const look = watcher();
    jobs.set("seed-abc", job({ active: 1 }));
    pods = [{ metadata: { name: "seed-abc-x" }, status: { phase: "Running" } }];
    log = ["still copying"];
    await look();
    jobs.set("seed-abc", job(condition("Failed", "DeadlineExceeded")));
    pods = [];
    await look();
    expect(said).toEqual([
      expect.stringMatching(/job\.activeDeadlineSeconds\.\nLast lines of its log:\n {2}\| still copying/),
    ]);
  });

  it("whose pod can never start ends the deploy, and cannot start after it", async () => {
    const look = watcher();
    jobs.set("seed-abc", job({ active: 1 }));
    const waiting = { reason: "InvalidImageName", message: "bad" };
    const [status] = failedPod("").status?.containerStatuses ?? [];
    pods = [
      {
        metadata: { name: "seed-abc-x" },
        status: { phase: "Pending", containerStatuses: status && [{ ...status, state: { waiting } }] },
      },
    ];
    await look();
    expect(done).toEqual(["fail seed-rollout", "delete seed-abc"]);
    expect(said[0]).toContain("InvalidImageName. bad");
  });

  it("does not run in a rollback, which waits for nothing", async () => {
    const look = watcher();
    revision = revision && { ...revision, status: "pending-rollback" };
    await look();
    expect(done).toEqual([`open ${GATE}`]);
    revision = undefined;
    await look();
    expect(done).toHaveLength(1);
  });

  it("leaves the Jobs of the last three versions", async () => {
    const look = watcher();
    for (const age of [1, 2, 3, 4]) jobs.set(`seed-${age}`, job({}, new Date(before.valueOf() - age), `seed-${age}`));
    jobs.set("seed-abc", job(condition("Complete")));
    await look();
    expect(done).toEqual([`open ${GATE}`, "delete seed-3", "delete seed-4"]);
  });
});
