import { gzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it, vi } from "vitest";
import type { ObjectReference } from "../../../components/cluster/live-objects.ts";
import { keptNames } from "../../../components/gitops/kept-names.ts";
import { takeOverFromHelm } from "../../../components/gitops/take-over.ts";
import type { Environment } from "../../../config/index.ts";
import { sourceOf } from "../../config/config-of.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "api" }, spec: { paused: false } };
const job = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "api-rollout-1", labels: { "app.kubernetes.io/component": "rollout-gate" } },
};
const gate = { apiVersion: "v1", kind: "Service", metadata: { name: "api-rollout" } };

/** A cluster in which Helm has deployed the revisions 2 and 10 of api. @param secret what its Secret holds */
function cluster(secret: Record<string, string> = { PASSWORD: "hunter2" }) {
  const marked: Record<string, Record<string, string | null> | undefined> = {};
  const kept: Record<string, object> = {};
  const record = (version: number, objects: object[], config: object) => {
    const manifest = objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
    return {
      metadata: { labels: { version: String(version) } },
      data: { release: base64(base64(gzipSync(JSON.stringify({ name: "api", config, manifest })))) },
    };
  };
  const reader = {
    revisionRecords: async () => [
      record(10, [deployment, job, gate], { configName: "api-7f", secretName: "api-3c" }),
      record(2, [gate], { configName: "old" }),
    ],
    migrations: {
      jobs: async (_: string, labels: Record<string, string>) =>
        labels["app.kubernetes.io/instance"] === "api.migration" ? [{ metadata: { name: "api-expand-7f" } }] : [],
      patchJob: async (namespace: string, name: string, spec: object) => {
        kept[`${namespace}/${name}`] = spec;
      },
    },
    objects: {
      read: async ({ kind, metadata: { name } }: ObjectReference) => {
        if (kind === "ConfigMap" && name === "api-7f") return { data: { LEVEL: "info" } };
        if (kind !== "Secret" || name !== "api-3c") return undefined;
        return { data: Object.fromEntries(Object.entries(secret).map(([key, text]) => [key, base64(text)])) };
      },
      patchMetadata: async (
        { kind, metadata }: ObjectReference,
        { annotations }: { annotations?: Record<string, string | null> },
      ) => {
        marked[`${kind} ${metadata.namespace}/${metadata.name}`] = annotations;
      },
    },
  };
  return { reader, marked, kept };
}

const environmentWith = (config: Record<string, string>) =>
  ({
    name: "prod",
    namespace: "shop",
    services: [
      {
        name: "api",
        config,
        secrets: { PASSWORD: pulumi.secret("hunter2") },
        fileTexts: {},
        fileSecrets: {},
        secretNames: ["PASSWORD"],
      },
    ],
    sources: { environment: [sourceOf("services.yaml", {})], stackConfig: sourceOf("stack.yaml", {}) },
  }) as unknown as Environment;

beforeEach(() => {
  vi.spyOn(pulumi.log, "info").mockResolvedValue();
  return () => vi.restoreAllMocks();
});

it("marks what Helm has deployed as Argo CD's, and leaves the gates of Helm's wait", async () => {
  const { reader, marked } = cluster();
  await takeOverFromHelm(reader, environmentWith({}));
  expect(marked).toEqual({
    "Deployment shop/api": {
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(deployment),
      "argocd.argoproj.io/tracking-id": "prod-api:apps/Deployment:shop/api",
    },
  });
});

it("keeps the Jobs of migrations, which Argo CD would run again if they were deleted", async () => {
  const { reader, kept } = cluster();
  await takeOverFromHelm(reader, environmentWith({}));
  expect(kept).toEqual({ "shop/api-expand-7f": { ttlSecondsAfterFinished: null } });
});

it("keeps the names of ConfigMaps and Secrets whose content is the same", async () => {
  const names = await keptNames(cluster().reader, environmentWith({ LEVEL: "info" }), pulumi.output("key"));
  expect(Object.values(names).sort()).toEqual(["api-3c", "api-7f"]);
  for (const name of Object.keys(names)) expect(name).toMatch(/^api-[0-9a-f]{10}$/);
});

it("gives a ConfigMap whose content changes a name of its own", async () => {
  const names = await keptNames(cluster().reader, environmentWith({ LEVEL: "debug" }), pulumi.output("key"));
  expect(Object.values(names)).toEqual(["api-3c"]);
});

it("refuses secrets that change with the mode", async () => {
  const { reader } = cluster({ PASSWORD: "other" });
  await expect(keptNames(reader, environmentWith({}), pulumi.output("key"))).rejects.toThrow(
    /services\.api: its secrets \(PASSWORD\) have changed/,
  );
});
