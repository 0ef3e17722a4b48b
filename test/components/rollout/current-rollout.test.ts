import type { V1Deployment, V1Job, V1Pod, V1ReplicaSet, V1StatefulSet } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import type { ClusterReader, PendingRevision } from "../../../components/cluster/reader.ts";
import { currentRollout } from "../../../components/rollout/current-rollout.ts";

const began = new Date("2026-01-01T00:00:00Z");
const before = new Date(began.valueOf() - 1000);
const later = new Date(began.valueOf() + 1000);
const REVISION = "deployment.kubernetes.io/revision";
const pending: PendingRevision = {
  secret: "sh.helm.release.v1.api.v2",
  release: "api",
  status: "pending-upgrade",
  since: began,
  resourceVersion: "7",
};

const deployment = (over: { observed?: number; stalledAt?: Date } = {}): V1Deployment => ({
  metadata: { uid: "d1", generation: 2, annotations: { [REVISION]: "2" } },
  status: {
    observedGeneration: over.observed ?? 2,
    ...(over.stalledAt && {
      conditions: [
        {
          type: "Progressing",
          status: "False",
          reason: "ProgressDeadlineExceeded",
          lastUpdateTime: over.stalledAt,
        },
      ],
    }),
  },
});
const replicaSet = (owner: string, revision: string, hash: string): V1ReplicaSet => ({
  metadata: {
    labels: { "pod-template-hash": hash },
    annotations: { [REVISION]: revision },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "api", uid: owner }],
  },
});
const pod = (name: string, hash: string, created: Date, label = "pod-template-hash"): V1Pod => ({
  metadata: { name, labels: { "app.kubernetes.io/instance": "api", [label]: hash }, creationTimestamp: created },
});

interface Cluster {
  revisions?: PendingRevision[];
  deployment?: V1Deployment;
  statefulSet?: V1StatefulSet;
  pods?: V1Pod[];
  jobs?: V1Job[];
}

function readerOf(cluster: Cluster): ClusterReader {
  const reader: Partial<ClusterReader> = {
    pendingRevisionsOf: async () => cluster.revisions ?? [pending],
    jobs: async () => cluster.jobs ?? [],
    deployment: async () => cluster.deployment ?? deployment(),
    statefulSet: async () => cluster.statefulSet,
    replicaSets: async () => [
      replicaSet("d1", "1", "old"),
      replicaSet("d0", "2", "other"),
      replicaSet("d1", "2", "new"),
    ],
    pods: async (_, labels) =>
      (cluster.pods ?? []).filter(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata?.labels?.[key] === value),
      ),
  };
  return reader as ClusterReader;
}

const rollout = (cluster: Cluster, kind: "deployment" | "stateful" = "deployment") =>
  currentRollout(readerOf(cluster), {
    namespace: "shop",
    service: "api",
    kind,
    strategy: "rolling",
    replicas: { min: 1, max: 2 },
  });
const podNames = async (...args: Parameters<typeof rollout>) =>
  (await rollout(...args))?.pods.map(({ metadata }) => metadata?.name);

describe("the rollout of a Deployment", () => {
  it("has the pods of its newest ReplicaSet, not those of an earlier one or of another Deployment", async () => {
    const pods = [pod("a", "new", later), pod("b", "old", later), pod("c", "other", later)];
    expect(await podNames({ pods })).toEqual(["a"]);
  });

  it("does not have pods that are older than the Helm revision, which may not be applied yet", async () => {
    expect(await podNames({ pods: [pod("a", "new", before), pod("b", "new", later)] })).toEqual(["b"]);
  });

  it("has all pods of the newest ReplicaSet once Helm has applied it: an update that was killed may have made them", async () => {
    const jobs: V1Job[] = [{ metadata: { name: "api-rollout-1" }, spec: { completions: 1, template: {} } }];
    expect(await podNames({ pods: [pod("a", "new", before), pod("b", "old", before)], jobs })).toEqual(["a"]);
  });

  it("is unknown while its controller has not seen the change", async () => {
    expect(await rollout({ deployment: deployment({ observed: 1 }) })).toMatchObject({ pods: [], isComplete: false });
  });

  it("is stalled if its progress deadline passed after it began", async () => {
    expect((await rollout({}))?.isStalled).toBe(false);
    expect((await rollout({ deployment: deployment({ stalledAt: before }) }))?.isStalled).toBe(false);
    expect((await rollout({ deployment: deployment({ stalledAt: later }) }))?.isStalled).toBe(true);
  });
});

it("the rollout of a StatefulSet has the pods of its update revision", async () => {
  const statefulSet: V1StatefulSet = {
    metadata: { generation: 1 },
    status: { observedGeneration: 1, replicas: 2, updateRevision: "new" },
  };
  const label = "controller-revision-hash";
  const pods = [pod("api-0", "old", later, label), pod("api-1", "new", later, label)];
  expect(await podNames({ statefulSet, pods }, "stateful")).toEqual(["api-1"]);
});

it("there is no rollout if Helm waits for nothing", async () => {
  expect(await rollout({ revisions: [] })).toBeUndefined();
});

describe("a rollout is over", () => {
  const job = (name: string, completions: number): V1Job => ({
    metadata: { name },
    spec: { completions, template: {} },
  });

  it("if its workload is complete. Only gates that are still closed belong to it", async () => {
    const complete = deployment();
    complete.spec = { replicas: 2, selector: {}, template: {} };
    complete.status = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    const jobs = [job("api-rollout-old", 0), job("api-rollout-new", 1)];
    expect(await rollout({ deployment: complete, jobs })).toMatchObject({
      isComplete: true,
      gates: ["api-rollout-new"],
    });
    complete.status.availableReplicas = 1;
    expect(await rollout({ deployment: complete, jobs })).toMatchObject({ isComplete: false });
  });

  it("for the watch while Helm rolls back: what served before comes back, and Helm's own wait is enough", async () => {
    const revisions = [{ ...pending, status: "pending-rollback" }];
    const found = await rollout({ revisions, pods: [pod("a", "new", later)], jobs: [job("api-rollout-old", 1)] });
    expect(found).toMatchObject({ isComplete: true, gates: ["api-rollout-old"], pods: [] });
  });
});
