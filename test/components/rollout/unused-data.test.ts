import { expect, it } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import { deleteUnusedData } from "../../../components/rollout/unused-data.ts";

it("keeps what the service has, and what a ReplicaSet names, and deletes the rest", async () => {
  const template = { spec: { containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: "api-before" } } }] }] } };
  const known = ["api-now", "api-before", "api-bef", "api-old"];
  let deleted: string[] = [];
  const reader = {
    replicaSets: async () => [{ spec: { template } }],
    deleteData: async (_: string, labels: object, isDeleted: (name: string) => boolean) => {
      expect(labels).toEqual({ "slipway.dev/data-of": "api" });
      deleted = known.filter(isDeleted);
    },
  } as unknown as ClusterReader;
  await deleteUnusedData(reader, { namespace: "shop", service: "api", names: ["api-now"] });
  expect(deleted).toEqual(["api-bef", "api-old"]);
});
