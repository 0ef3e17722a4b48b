import { gunzipSync, gzipSync } from "node:zlib";
import type { V1Secret } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import { recordKilledUpgrade } from "../../../components/rollout/killed-upgrade.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const pack = (record: object) => base64(base64(gzipSync(JSON.stringify(record))));
const unpack = ({ data }: V1Secret) =>
  JSON.parse(gunzipSync(Buffer.from(Buffer.from(data?.release ?? "", "base64").toString(), "base64")).toString());
const manifest = (kind: string) => `---\napiVersion: v1\nkind: ${kind}\nmetadata:\n  name: api\n`;

const record = (version: number, status: string, kind: string): V1Secret => ({
  type: "helm.sh/release.v1",
  metadata: {
    name: `sh.helm.release.v1.api.v${version}`,
    namespace: "shop",
    resourceVersion: "7",
    labels: { owner: "helm", name: "api", version: String(version), status },
  },
  data: {
    release: pack({
      name: "api",
      version,
      info: { status, notes: "n" },
      config: { of: kind },
      manifest: manifest(kind),
    }),
  },
});

/** A cluster with these records. */
function clusterWith(...records: V1Secret[]) {
  const reader = {
    revisionRecords: async () => [...records],
    createSecret: async (secret: V1Secret) => void records.push(secret),
    replaceSecret: async (secret: V1Secret) => {
      records[records.findIndex(({ metadata }) => metadata?.name === secret.metadata?.name)] = secret;
    },
  };
  const look = () =>
    records.map((secret) => {
      const { version, info, config, manifest } = unpack(secret);
      const kinds = [...manifest.matchAll(/kind: (\w+)/g)].map(([, kind]: string[]) => kind);
      expect(secret.metadata?.labels).toMatchObject({ version: String(version), status: info.status, owner: "helm" });
      return `${version} ${info.status} ${config.of}: ${kinds.join()}`;
    });
  return { look, run: () => recordKilledUpgrade(reader as unknown as ClusterReader, "shop", "api") };
}

it("records what the killed upgrade may have made as what is deployed, and keeps what was for a rollback", async () => {
  const cluster = clusterWith(record(9, "deployed", "Service"), record(10, "pending-upgrade", "Ingress"));
  await cluster.run();
  expect(cluster.look()).toEqual([
    "9 deployed Service: Service,Ingress",
    "10 pending-upgrade Ingress: Ingress",
    "11 superseded Service: Service",
  ]);
});

it("keeps the same for the rollback if it was killed itself", async () => {
  const cluster = clusterWith(record(1, "deployed", "Service"), record(2, "pending-upgrade", "Ingress"));
  await cluster.run();
  await cluster.run();
  expect(cluster.look().at(-1)).toBe("3 superseded Service: Service");
});

it("knows the failed upgrade whose rollback was killed, and no older one", async () => {
  const cluster = clusterWith(
    record(1, "failed", "Pod"),
    record(2, "deployed", "Service"),
    record(3, "failed", "Ingress"),
    record(4, "pending-rollback", "Service"),
  );
  await cluster.run();
  expect(cluster.look()[1]).toBe("2 deployed Service: Service,Ingress");
});

it("does nothing for a first install", async () => {
  const cluster = clusterWith(record(1, "pending-install", "Service"));
  await cluster.run();
  expect(cluster.look()).toEqual(["1 pending-install Service: Service"]);
});
