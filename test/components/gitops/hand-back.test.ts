import { gzipSync } from "node:zlib";
import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ArgoApplication } from "../../../components/cluster/argo-applications.ts";
import type { ObjectReference } from "../../../components/cluster/live-objects.ts";
import { handBackToHelm, handedBackText } from "../../../components/gitops/hand-back.ts";
import { LAST_APPLIED } from "../../../components/gitops/object-marks.ts";
import { objectsOf } from "../../../components/rollout/helm-record.ts";
import * as stateResources from "../../../components/state-resources.ts";
import type { Environment } from "../../../config/index.ts";
import { HELM_RELEASE } from "../../../config/naming.ts";

const SINCE = "20261130-131205";
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const place = { name: "prod", namespace: "shop", services: [] } as unknown as Environment;
const withApi = {
  ...place,
  services: [{ name: "api", kind: "deployment", replicas: { max: 2 }, chartFields: {} }],
} as unknown as Environment;

const deployment = (image: string, more: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "shop" },
  spec: { image, ...more },
});
const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "api", namespace: "shop" } };
const gate = { apiVersion: "v1", kind: "Service", metadata: { name: "api-rollout", namespace: "shop" } };
const hpa = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "api", namespace: "shop" },
};

function record(version: number, objects: object[], { labels = {}, description = "Upgrade complete" } = {}): V1Secret {
  const manifest = objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
  const release = { name: "api", info: { description }, manifest };
  return {
    metadata: {
      name: `sh.helm.release.v1.api.v${version}`,
      namespace: "shop",
      resourceVersion: "7",
      labels: { owner: "helm", name: "api", status: "deployed", version: String(version), ...labels },
    },
    data: { release: base64(base64(gzipSync(JSON.stringify(release)))) },
  };
}

/** A cluster with these records and live objects, of which Argo CD tracks some. */
function clusterWith({
  records,
  live = [],
  tracked = [],
  phase = "Succeeded",
}: {
  records: V1Secret[];
  /** With what Argo CD has applied last, if it has. */
  live?: { object: KubernetesObject; applied?: object }[];
  tracked?: KubernetesObject[];
  phase?: string;
}) {
  const done: string[] = [];
  const written: V1Secret[] = [];
  const application: ArgoApplication = {
    metadata: { name: "prod-api", labels: { "slipway.dev/service": "api" } },
    status: {
      operationState: { phase },
      resources: tracked.map(({ apiVersion = "", kind = "", metadata }) => {
        const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
        return { group, version: version ?? "", kind, name: metadata?.name ?? "", namespace: "shop" };
      }),
    },
  };
  const reader = {
    workloads: async () => ({ deployments: [], statefulSets: [] }),
    applications: {
      list: async () => [application],
      annotate: async (_: string, name: string, annotations: Record<string, string | null>) => {
        done.push(`${annotations["argocd.argoproj.io/skip-reconcile"] === null ? "resumed" : "paused"} ${name}`);
      },
    },
    revisionRecords: async (_: string, labels: Record<string, string>) =>
      records.filter(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata?.labels?.[key] === value),
      ),
    replaceSecret: async (secret: V1Secret) => {
      done.push(`wrote ${secret.metadata?.name}`);
      written.push(secret);
    },
    deleteRevision: async (_: string, { secret }: { secret: string }) => {
      done.push(`deleted ${secret}`);
      return true;
    },
    objects: {
      read: async ({ kind, metadata }: ObjectReference) => {
        const found = live.find(({ object }) => object.kind === kind && object.metadata?.name === metadata.name);
        if (found === undefined) return undefined;
        const annotations = found.applied && { [LAST_APPLIED]: JSON.stringify(found.applied) };
        return { ...found.object, metadata: { ...found.object.metadata, ...(annotations && { annotations }) } };
      },
      patchMetadata: async ({ kind, metadata }: ObjectReference, { annotations }: { annotations?: object }) => {
        done.push(`${kind} ${metadata.name}: ${Object.values(annotations ?? {}).join(" ")}`);
      },
    },
  };
  return { reader, done, written };
}

const objectsWritten = ([secret]: V1Secret[]) => objectsOf(secret?.data?.release ?? "");

beforeEach(() => {
  vi.spyOn(pulumi.log, "info").mockResolvedValue();
  vi.spyOn(pulumi.log, "debug").mockResolvedValue();
  vi.spyOn(stateResources, "stateResources").mockResolvedValue(
    new Set([stateResources.urnOfServices(HELM_RELEASE, "api")]),
  );
  return () => vi.restoreAllMocks();
});

describe("handing a service back to Helm", () => {
  it("pauses Argo CD first, then lets Helm's record say what runs, and then lets Helm adopt each object", async () => {
    const { reader, done, written } = clusterWith({
      records: [record(3, [deployment("v1")])],
      live: [
        { object: deployment("v2"), applied: deployment("v2") },
        { object: hpa, applied: hpa },
      ],
      tracked: [deployment("v2"), hpa, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "api-1" } }],
    });
    await handBackToHelm(reader, place, SINCE);
    expect(done).toEqual([
      "paused prod-api",
      "wrote sh.helm.release.v1.api.v3",
      "Deployment api: api shop",
      "HorizontalPodAutoscaler api: api shop",
    ]);
    expect(objectsWritten(written)).toEqual([deployment("v2"), hpa]);
  });

  it("keeps of the record what Argo CD has not applied and is there, and drops what is gone, and the gates", async () => {
    const { reader, written } = clusterWith({
      records: [record(3, [deployment("v1"), ingress, hpa, gate])],
      live: [{ object: deployment("v1") }, { object: ingress }, { object: gate }],
    });
    await handBackToHelm(reader, place, SINCE);
    expect(objectsWritten(written)).toEqual([deployment("v1"), ingress]);
  });

  it("writes no number of pods, which Helm would take away from the autoscaler", async () => {
    const environment = {
      ...place,
      services: [{ name: "api", kind: "deployment", replicas: { max: 2 }, chartFields: {} }],
    };
    const { reader, done } = clusterWith({
      records: [record(3, [deployment("v1", { replicas: 2 })])],
      live: [{ object: deployment("v1"), applied: deployment("v2", { replicas: 2 }) }],
      tracked: [deployment("v2")],
    });
    const replaceSecret = vi.spyOn(reader, "replaceSecret");
    vi.spyOn(reader, "revisionRecords").mockImplementation(async () => [
      replaceSecret.mock.lastCall?.[0] ?? record(3, [deployment("v1", { replicas: 2 })]),
    ]);
    await handBackToHelm(reader, environment as unknown as Environment, SINCE);
    expect(done.filter((it) => it.startsWith("wrote"))).toHaveLength(2);
    expect(objectsOf(replaceSecret.mock.lastCall?.[0].data?.release ?? "")).toEqual([deployment("v2")]);
  });

  it.each([
    ["the record was written by the attempt before", { labels: { "slipway.dev/handed-back": SINCE } }],
    ["Helm has applied a revision since", { description: handedBackText(SINCE) }],
  ])("leaves the records if %s", async (_, marks) => {
    const { reader, written } = clusterWith({
      records: [record(3, [deployment("v3")], marks)],
      live: [{ object: deployment("v3"), applied: deployment("v2") }],
      tracked: [deployment("v2")],
    });
    await handBackToHelm(reader, place, SINCE);
    expect(written).toEqual([]);
  });

  it("never writes an empty record: a rollback to it would delete everything", async () => {
    const { reader, written } = clusterWith({ records: [record(3, [deployment("v1")])] });
    await handBackToHelm(reader, place, SINCE);
    expect(written).toEqual([]);
  });

  it("removes the record of an interrupted installation, which would keep Helm from the name", async () => {
    vi.mocked(stateResources.stateResources).mockResolvedValue(new Set());
    const { reader, done } = clusterWith({ records: [record(1, [])], tracked: [deployment("v2")] });
    await handBackToHelm(reader, withApi, SINCE);
    expect(done).toEqual(["paused prod-api", "deleted sh.helm.release.v1.api.v1", "Deployment api: api shop"]);
  });

  it("is refused if nobody would delete a service that only Argo CD has", async () => {
    vi.mocked(stateResources.stateResources).mockResolvedValue(new Set());
    const { reader, done } = clusterWith({ records: [], tracked: [deployment("v2")] });
    await expect(handBackToHelm(reader, place, SINCE)).rejects.toThrow(
      /^api: no longer in the config.*Nothing was changed/,
    );
    expect(done).toEqual([]);
    const removed = clusterWith({ records: [] });
    await handBackToHelm(removed.reader, place, SINCE);
    expect(removed.done).toEqual(["paused prod-api"]);
  });

  it("is refused while a sync is under way, and leaves Argo CD as it was", async () => {
    vi.useFakeTimers();
    const { reader, done } = clusterWith({ records: [record(3, [deployment("v1")])], phase: "Running" });
    const refused = expect(handBackToHelm(reader, place, SINCE)).rejects.toThrow(
      /prod-api for 60 s.*Nothing was changed/s,
    );
    await vi.advanceTimersByTimeAsync(65_000);
    await refused;
    vi.useRealTimers();
    expect(done).toEqual([]);
  });
});
