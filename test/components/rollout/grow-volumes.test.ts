import { gzipSync } from "node:zlib";
import type { V1PersistentVolumeClaim, V1Pod, V1Secret, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import { growVolumes } from "../../../components/rollout/grow-volumes.ts";
import { statefulSetIn } from "../../../components/rollout/helm-record.ts";
import type { Environment } from "../../../config/index.ts";

const LABELS = { "app.kubernetes.io/instance": "cache" };
const set = (size: string): V1StatefulSet => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: {
    name: "cache",
    namespace: "shop",
    uid: "1",
    resourceVersion: "7",
    annotations: { "meta.helm.sh/release-name": "cache" },
  },
  spec: {
    replicas: 2,
    serviceName: "cache-headless",
    selector: {},
    template: { spec: { containers: [{ name: "cache", volumeMounts: [{ name: "data", mountPath: "/data" }] }] } },
    volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { resources: { requests: { storage: size } } } }],
  },
  status: { replicas: 2 },
});
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const record = (manifest: object, status = "deployed", version = "3"): V1Secret => ({
  metadata: { name: `cache.v${version}`, labels: { status, version } },
  data: { release: base64(base64(gzipSync(JSON.stringify({ name: "cache", manifest: stringify(manifest) })))) },
});

/** A cluster whose driver grows a claim at once, unless `isStuck`, and whose garbage collector takes a moment. */
function clusterWith(live: V1StatefulSet | undefined, sizes: string[], options: Options = {}) {
  const done: string[] = [];
  const cluster = { live, created: undefined as V1StatefulSet | undefined, records: options.records ?? [] };
  const claims: V1PersistentVolumeClaim[] = sizes.map((size, ordinal) => ({
    metadata: { name: `data-cache-${ordinal}`, labels: LABELS },
    spec: { resources: { requests: { storage: size } } },
    status: { phase: "Bound", capacity: { storage: size } },
  }));
  let looks = 2;
  const reader = {
    workloads: async () => ({ deployments: [], statefulSets: cluster.live ? [cluster.live] : [] }),
    statefulSet: async () => (looks-- > 0 ? live : undefined),
    pods: async () => options.pods ?? [],
    revisionRecords: async () => cluster.records,
    replaceSecret: async (secret: V1Secret) => {
      done.push(`record of ${storageIn(statefulSetIn(secret.data?.release ?? "") as V1StatefulSet)}`);
    },
    dryRun: { ask: async () => options.answer ?? "accepted" },
    statefulSets: {
      claims: async () => claims,
      whole: async () => cluster.live,
      grow: async (_: string, name: string, size: string) => {
        done.push(`${name} grows`);
        const claim = claims.find(({ metadata }) => metadata?.name === name);
        if (!options.isStuck && claim?.status) claim.status.capacity = { storage: size };
      },
      lastWarning: async () => "rate exceeded",
      deleteWithoutPods: async () => {
        done.push("deleted");
        cluster.live = undefined;
      },
      create: async (wanted: V1StatefulSet) => {
        if ((options.failures ?? 0) > 0) {
          options.failures = (options.failures ?? 0) - 1;
          throw new Error("connection reset");
        }
        done.push("created");
        cluster.created = wanted;
      },
    },
  };
  return { done, cluster, connection: { reader: async () => reader } as unknown as ClusterConnection };
}

interface Options {
  records?: V1Secret[];
  pods?: V1Pod[];
  answer?: string | { message: string };
  isStuck?: boolean;
  failures?: number;
}

const storageIn = (it?: V1StatefulSet) => it?.spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;
const environment = (size?: string, volume: object = {}) =>
  ({
    namespace: "shop",
    services: [
      {
        name: "cache",
        kind: "stateful",
        chartFields: size === undefined ? {} : { volume: { size, mountPath: "/data", ...volume } },
      },
    ],
  }) as unknown as Environment;

async function grow(connection: ClusterConnection, wanted = environment("20Gi")): Promise<void> {
  const growing = growVolumes({ environment: wanted, cluster: connection });
  growing.catch(() => {});
  await vi.advanceTimersByTimeAsync(400_000);
  return growing;
}

let preview: boolean;
beforeEach(() => {
  preview = false;
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(pulumi.log, "info").mockResolvedValue();
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
});

it("grows the claims first, then makes the StatefulSet again as it was, then corrects Helm's record", async () => {
  const { done, cluster, connection } = clusterWith(set("10Gi"), ["10Gi", "10Gi"], { records: [record(set("10Gi"))] });
  await grow(connection);
  expect(done).toEqual(["data-cache-0 grows", "data-cache-1 grows", "deleted", "created", "record of 20Gi"]);
  const { metadata, spec, status } = cluster.created ?? {};
  const { uid, resourceVersion, ...kept } = set("10Gi").metadata ?? {};
  expect([metadata, status]).toEqual([kept, undefined]);
  expect(spec).toEqual(set("20Gi").spec);
});

it("leaves the StatefulSet if a claim does not grow, and says why", async () => {
  const { done, connection } = clusterWith(set("10Gi"), ["10Gi"], { isStuck: true });
  await expect(grow(connection)).rejects.toThrow(/data-cache-0 did not grow to 20Gi within 300 s: rate exceeded/);
  expect(done).toEqual(["data-cache-0 grows"]);
});

it("touches nothing if the StatefulSet could not be made again", async () => {
  const { done, connection } = clusterWith(set("10Gi"), ["10Gi"], { answer: { message: "denied by policy" } });
  await expect(grow(connection)).rejects.toThrow(/denied by policy. Nothing was changed/);
  expect(done).toEqual([]);
});

it("goes on where it was killed: claims that have grown are not asked again", async () => {
  const { done, connection } = clusterWith(set("10Gi"), ["20Gi", "10Gi"]);
  await grow(connection);
  expect(done).toEqual(["data-cache-1 grows", "deleted", "created"]);
});

const orphan = (name: string): V1Pod => ({ metadata: { name, labels: LABELS } });

it("makes a StatefulSet that a killed update has left missing, by Helm's record, with as many pods as run", async () => {
  const { replicas, ...spec } = set("10Gi").spec ?? {};
  const records = [
    record({ ...set("5Gi"), spec: { ...spec, serviceName: "failed" } }, "failed", "4"),
    record({ ...set("10Gi"), spec }, "deployed", "3"),
  ];
  const pods = [orphan("cache-0"), orphan("cache-2"), orphan("cache-job")];
  const { done, cluster, connection } = clusterWith(undefined, ["20Gi", "20Gi", "20Gi"], { records, pods });
  await grow(connection);
  expect(done.filter((line) => !line.startsWith("record"))).toEqual(["created"]);
  expect(cluster.created?.spec).toEqual({ ...set("20Gi").spec, replicas: 3 });
  expect(cluster.created?.metadata?.annotations?.["meta.helm.sh/release-name"]).toBe("cache");
});

it.each([
  ["no pod runs", [], {}],
  ["its pods have another one", [{ metadata: { name: "cache-0", ownerReferences: [{ controller: true }] } }], {}],
  ["somebody has deleted it for another class", [orphan("cache-0")], { storageClass: "gp3" }],
])("leaves a missing StatefulSet to Helm if %s", async (_, pods, volume) => {
  const given = { records: [record(set("10Gi"))], pods: pods as V1Pod[] };
  const { done, connection } = clusterWith(undefined, ["20Gi"], given);
  await grow(connection, environment("20Gi", volume));
  expect(done).toEqual([]);
});

it("tries again to make it, since its pods have none meanwhile", async () => {
  const { done, connection } = clusterWith(set("10Gi"), ["10Gi"], { failures: 4 });
  await grow(connection);
  expect(done.at(-1)).toBe("created");
  const broken = clusterWith(set("10Gi"), ["10Gi"], { failures: 9 });
  await expect(grow(broken.connection)).rejects.toThrow(/could not be made again \(connection reset\).*Deploy again/);
});

it("changes nothing in a preview, and reads nothing if no service has a volume", async () => {
  const { done, connection } = clusterWith(set("10Gi"), ["10Gi"]);
  preview = true;
  await grow(connection);
  preview = false;
  await grow({ reader: () => Promise.reject(new Error("asked")) } as unknown as ClusterConnection, environment());
  expect(done).toEqual([]);
});
