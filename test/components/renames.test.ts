import type { V1Deployment } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../components/cluster/connection.ts";
import * as lastUpdate from "../../components/last-update.ts";
import { prepareRenames } from "../../components/renames.ts";
import type { Environment } from "../../config/index.ts";
import { environmentOf } from "../config/config-of.ts";
import { existing, service } from "../config/service-base.ts";

const catalog = {
  metadata: { name: "catalog", annotations: { "meta.helm.sh/release-name": "catalog" } },
  spec: { replicas: 3 },
} as unknown as V1Deployment;

let preview: boolean;
let said: string[];
let outputs: Record<string, unknown>;
beforeEach(() => {
  preview = false;
  said = [];
  outputs = { platform: {} };
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(pulumi.log, "info").mockImplementation(async (message) => void said.push(message));
  vi.spyOn(lastUpdate, "lastOutput").mockImplementation(async (name) => outputs[name] as never);
  return () => vi.restoreAllMocks();
});

const renamed = { renamedFrom: "catalog", replicas: { min: 1, max: 9 } };
const environmentWith = (fields: object = renamed) =>
  environmentOf({ ...existing, services: { storefront: { ...service, ...fields } } }) as unknown as Environment;

/** A cluster in which catalog runs. */
function clusterWith(over: object = {}): ClusterConnection {
  const reader = {
    workloads: vi.fn(async () => ({ deployments: [catalog], statefulSets: [] })),
    ingresses: async () => [],
    rollouts: { visible: async () => [] },
    ...over,
  };
  return { options: {}, reader: vi.fn(async () => reader) } as unknown as ClusterConnection;
}
const unreachable = {
  ingresses: async () => {
    throw new Error("ingresses is forbidden\nHTTP-Code: 403");
  },
};

it.each([true, false])(
  "says what a renamed service replaces, and starts as many pods (in a preview: %s)",
  async (isPreview) => {
    preview = isPreview;
    const { services } = await prepareRenames(environmentWith(), clusterWith());
    expect(services[0]?.replicas).toEqual({ min: 3, max: 9 });
    expect(said).toEqual([expect.stringMatching(/storefront replaces catalog: it starts with 3 pods/)]);
  },
);

it("refuses what would lose data, with the line of the config", async () => {
  const cluster = clusterWith({ workloads: async () => ({ deployments: [], statefulSets: [catalog] }) });
  await expect(prepareRenames(environmentWith(), cluster)).rejects.toThrow(
    /No service was changed\.\n.*services\.storefront\.renamedFrom: "catalog" given; catalog runs as a StatefulSet/,
  );
});

it("refuses an update that cannot learn what runs, and lets a preview go on", async () => {
  const environment = environmentWith();
  await expect(prepareRenames(environment, clusterWith(unreachable))).rejects.toThrow(/ingresses is forbidden\)/);
  preview = true;
  expect(await prepareRenames(environment, clusterWith(unreachable))).toBe(environment);
});

it("asks no cluster if no service is renamed, nor one that this update creates", async () => {
  const cluster = clusterWith();
  const plain = environmentWith({});
  expect(await prepareRenames(plain, cluster)).toBe(plain);
  outputs = {};
  const environment = environmentWith();
  expect(await prepareRenames(environment, { ...cluster, cluster: {} as pulumi.Resource })).toBe(environment);
  expect(cluster.reader).not.toHaveBeenCalled();
  outputs = { platform: {} };
  const later = await prepareRenames(environment, { ...cluster, cluster: {} as pulumi.Resource });
  expect(later.services[0]?.replicas.min).toBe(3);
});
