import { expect, it, vi } from "vitest";
import type { ClusterReader, DataObject } from "../../../components/cluster/reader.ts";
import { deleteOldData, oldData } from "../../../components/gitops/old-data.ts";
import type { GitOpsConfig } from "../../../config/environment.ts";

const many = (kind: DataObject["kind"], service: string, count: number): DataObject[] =>
  Array.from({ length: count }, (_, at) => ({ kind, service, name: `${service}-${at}`, createdAt: at }));
const names = (objects: readonly DataObject[]) => objects.map(({ name }) => name).sort();

it("the newest of each service and kind stay, and the rest is old", () => {
  const objects = [...many("ConfigMap", "api", 12), ...many("Secret", "api", 3), ...many("Secret", "web", 11)];
  expect(names(oldData(objects, "", new Set()))).toEqual(["api-0", "api-1", "web-0"]);
});

it("what a pod template names stays, and what the program declares", () => {
  const users = JSON.stringify([{ template: { configMapRef: { name: "api-1" } } }]);
  expect(names(oldData(many("ConfigMap", "api", 15), users, new Set(["api-2"])))).toEqual(["api-0", "api-3", "api-4"]);
});

function cluster(over: object = {}) {
  const deleted: string[] = [];
  const reader = {
    dataWith: async () => many("ConfigMap", "api", 12),
    pods: async () => [{ spec: { volumes: [{ configMap: { name: "api-0" } }] } }],
    replicaSets: async () => [],
    jobs: async () => [],
    workloads: async () => ({ deployments: [], statefulSets: [] }),
    rollouts: { visible: async () => [] },
    deleteData: async (_: string, labels: object, isDeleted: (name: string) => boolean) => {
      expect(labels).toEqual({ "slipway.dev/data-of": "api" });
      deleted.push(...names(many("ConfigMap", "api", 12)).filter(isDeleted));
    },
    ...over,
  };
  return { deleted, cluster: { reader: async () => reader as unknown as ClusterReader } };
}

it("an update of the whole stack deletes them, and one of another mode, or that only renders, does not", async () => {
  const gitops = {} as GitOpsConfig;
  const inGitOps = { environment: { namespace: "shop", gitops }, secrets: {} };
  const first = cluster();
  await deleteOldData({ ...inGitOps, cluster: first.cluster });
  expect(first.deleted).toEqual(["api-1"]);
  const direct = cluster();
  await deleteOldData({ ...inGitOps, environment: { namespace: "shop", gitops: undefined }, cluster: direct.cluster });
  vi.stubEnv("SLIPWAY_MANIFESTS", "/tmp/x");
  await deleteOldData({ ...inGitOps, cluster: direct.cluster });
  vi.unstubAllEnvs();
  expect(direct.deleted).toEqual([]);
});

it("a cluster that does not answer is no failure of the update", async () => {
  const silent = cluster({ pods: () => Promise.reject(new Error("no answer")) });
  const environment = { namespace: "shop", gitops: {} as GitOpsConfig };
  await deleteOldData({ environment, secrets: {}, cluster: silent.cluster });
  expect(silent.deleted).toEqual([]);
});
