import { gzipSync } from "node:zlib";
import type { V1Secret, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import { prepareRollouts } from "../../../components/rollout/prepare-rollouts.ts";
import * as stateResources from "../../../components/state-resources.ts";
import type { Environment } from "../../../config/index.ts";
import { sourceOf } from "../../config/config-of.ts";
import { addonsOf } from "../../config/settings.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const manifest = "---\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  replicas: 3\n";
const record = (status: string): V1Secret => ({
  metadata: { name: `api.${status}`, labels: { name: "api", status } },
  data: { release: base64(base64(gzipSync(JSON.stringify({ name: "api", manifest })))) },
});
const api = {
  name: "api",
  kind: "deployment",
  replicas: { min: 1, max: 1 },
  hosts: [],
  rollout: { timeoutSeconds: 60 },
  chartFields: {},
};
const environmentWith = (service: object = {}) =>
  ({
    namespace: "shop",
    cluster: { target: "existing", context: "here" },
    services: [{ ...api, ...service }],
    addons: addonsOf({}, "existing"),
    sources: { environment: [sourceOf("services.yaml", {})], stackConfig: sourceOf("stack.yaml", {}) },
  }) as unknown as Environment;

/** A cluster with these records of the release, and StatefulSets. */
function clusterWith({
  records = [record("deployed")],
  statefulSets = [] as V1StatefulSet[],
  jobs = [] as [string, string][],
} = {}) {
  const done: string[] = [];
  const reader = {
    workloads: async () => ({ deployments: [], statefulSets }),
    rollouts: { visible: async () => [] },
    hasKind: async () => false,
    pendingRevisions: async () => {
      done.push("looked for pending revisions");
      return [];
    },
    revisionRecords: async (_: string, labels: Record<string, string>) =>
      records.filter(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata?.labels?.[key] === value),
      ),
    jobs: async () =>
      jobs.map(([name, service]) => ({ metadata: { name, labels: { "app.kubernetes.io/instance": service } } })),
    deleteJob: async (_: string, name: string) => done.push(`deleted ${name}`),
    replaceSecret: async ({ metadata }: V1Secret) => done.push(`replaced ${metadata?.name}`),
  };
  return { done, reader, connect: async () => reader as unknown as ClusterReader };
}

let said: string[];
let preview: boolean;
beforeEach(() => {
  said = [];
  preview = false;
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(stateResources, "stateResources").mockResolvedValue(
    new Set([stateResources.urnOfServices("kubernetes:helm.sh/v3:Release", "api")]),
  );
  vi.spyOn(pulumi.log, "debug").mockResolvedValue();
  vi.spyOn(pulumi.log, "info").mockResolvedValue();
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => void said.push(message));
  return () => vi.restoreAllMocks();
});

it("takes the number of pods out of the deployed revision's record", async () => {
  const { done, connect } = clusterWith({ records: [record("superseded"), record("deployed")] });
  await prepareRollouts(connect, environmentWith());
  expect(done.filter((line) => line.startsWith("replaced"))).toEqual(["replaced api.deployed"]);
});

it("takes it out of every record if none is deployed", async () => {
  const { done, connect } = clusterWith({ records: [record("superseded"), record("failed")] });
  await prepareRollouts(connect, environmentWith());
  expect(done.filter((line) => line.startsWith("replaced"))).toEqual([
    "replaced api.superseded",
    "replaced api.failed",
  ]);
});

it("leaves the record of a service that this update pauses, and says that it is paused", async () => {
  const { done, connect } = clusterWith();
  await prepareRollouts(connect, environmentWith({ replicas: { min: 0, max: 0 } }));
  expect(done.filter((line) => line.startsWith("replaced"))).toEqual([]);
  expect(said).toEqual([expect.stringContaining("api: paused")]);
});

it("refuses to go on if a record cannot be changed", async () => {
  const { reader, connect } = clusterWith();
  reader.replaceSecret = async () => {
    throw new Error("secrets is forbidden");
  };
  await expect(prepareRollouts(connect, environmentWith())).rejects.toThrow(
    /api\.deployed.*forbidden.*Nothing was changed/,
  );
});

const metadata = { name: "api", annotations: { "meta.helm.sh/release-name": "api" } };

describe("a larger volume", () => {
  const volume = { size: "20Gi", mountPath: "/data" };
  const ledger = { kind: "stateful", chartFields: { volume } };
  const spec = { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "10Gi" } } } }], template: {} };
  const claims = [
    {
      metadata: { name: "data-api-0", labels: { "app.kubernetes.io/instance": "api" } },
      spec: { resources: { requests: { storage: "10Gi" } } },
    },
  ];
  const growing = (refusal?: { message: string; isByRights: boolean }) => {
    const cluster = clusterWith({ statefulSets: [{ metadata, spec } as unknown as V1StatefulSet] });
    Object.assign(cluster.reader, {
      version: async () => "v1.36.3",
      statefulSets: { claims: async () => claims, refusalOfGrowth: async () => refusal },
    });
    return cluster;
  };

  it("that a claim cannot grow to is refused before anything is touched, with the API's reason", async () => {
    const { done, connect } = growing({ message: "the class must support resize.", isByRights: false });
    const refused = /services\.api\.volume\.size.*data-api-0 has 10Gi and cannot grow: the class must support resize\./;
    await expect(prepareRollouts(connect, environmentWith(ledger))).rejects.toThrow(refused);
    preview = true;
    await expect(prepareRollouts(connect, environmentWith(ledger))).rejects.toThrow(refused);
    expect(done).toEqual([]);
  });

  it("is accepted if the claims can grow", async () => {
    await expect(prepareRollouts(growing().connect, environmentWith(ledger))).resolves.toBeUndefined();
  });

  it("is refused if who deploys may not change claims, but not in a preview", async () => {
    const { connect } = growing({ message: "cannot patch resource", isByRights: true });
    await expect(prepareRollouts(connect, environmentWith(ledger))).rejects.toThrow(/cannot patch resource/);
    preview = true;
    await expect(prepareRollouts(connect, environmentWith(ledger))).resolves.toBeUndefined();
  });
});

it.each([true, false])("refuses another kind before anything is touched (in a preview: %s)", async (isPreview) => {
  preview = isPreview;
  const { done, connect } = clusterWith({ statefulSets: [{ metadata }] });
  await expect(prepareRollouts(connect, environmentWith())).rejects.toThrow(/services\.api\.kind.*change-kind\.md/);
  expect(done).toEqual([]);
});

it("changes nothing in a preview, which need not reach the cluster", async () => {
  preview = true;
  const { done, connect, reader } = clusterWith();
  await prepareRollouts(connect, environmentWith());
  expect(done).toEqual([]);
  reader.workloads = () => Promise.reject(new Error("connect failed"));
  await expect(prepareRollouts(connect, environmentWith())).resolves.toBeUndefined();
});

it("refuses an update that may not see what runs", async () => {
  const { connect, reader } = clusterWith();
  reader.workloads = () => Promise.reject(new Error("deployments is forbidden"));
  await expect(prepareRollouts(connect, environmentWith())).rejects.toThrow(/forbidden.*list deployments/);
});

it("refuses triggers in a cluster that does not have KEDA", async () => {
  const { connect, reader } = clusterWith();
  const scaling = { triggers: [{ type: "prometheus", metadata: {} }] };
  const scaled = environmentWith({ replicas: { min: 1, max: 3 }, chartFields: { scaling } });
  await expect(prepareRollouts(connect, scaled)).rejects.toThrow(/services\.api\.scaling\.triggers.*KEDA/);
  reader.hasKind = async () => true;
  await expect(prepareRollouts(connect, scaled)).resolves.toBeUndefined();
});

it("does not let a preview wait for a cluster that does not answer", async () => {
  vi.useFakeTimers();
  preview = true;
  const { connect, reader } = clusterWith();
  reader.workloads = () => new Promise(() => {});
  const prepared = prepareRollouts(connect, environmentWith());
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(prepared).resolves.toBeUndefined();
  vi.useRealTimers();
});

it("deletes the gates of earlier rollouts, and not those of other stacks in the namespace", async () => {
  const jobs: [string, string][] = [
    ["api-rollout-1", "api"],
    ["other-rollout-1", "other"],
  ];
  const { done, connect } = clusterWith({ records: [], jobs });
  await prepareRollouts(connect, environmentWith());
  expect(done).toContain("deleted api-rollout-1");
  expect(done.join()).not.toContain("other-rollout-1");
});
