import { gzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import { handOver } from "../../../components/gitops/handover.ts";
import * as lastUpdate from "../../../components/last-update.ts";
import * as stateResources from "../../../components/state-resources.ts";
import type { Environment } from "../../../config/index.ts";
import { HELM_RELEASE } from "../../../config/naming.ts";
import { sourceOf } from "../../config/config-of.ts";

const last: Record<string, unknown> = {};
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const manifest = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n";
const record = {
  metadata: { name: "api.v1", labels: { name: "api", version: "1" } },
  data: {
    release: base64(base64(gzipSync(JSON.stringify({ name: "api", config: { secretName: "api-3c" }, manifest })))),
  },
};
const SKIP = "argocd.argoproj.io/skip-reconcile";
const HANDED_BACK = "slipway.dev/handed-back";

/** What was changed in the cluster, in order. */
let changes: string[];
/** Annotations of the Application of api. */
let annotations: Record<string, string>;
let password: string;
let asked: number;

const cluster = {
  reader: async () => {
    asked++;
    return {
      workloads: async () => ({ deployments: [], statefulSets: [] }),
      revisionRecords: async () => [record],
      replaceSecret: async () => void changes.push("record"),
      migrations: { jobs: async () => [], patchJob: async () => {} },
      objects: {
        read: async ({ kind }: { kind: string }) => ({
          metadata: { name: "api" },
          ...(kind === "Secret" && { data: { PASSWORD: base64(password) } }),
        }),
        patchMetadata: async ({ kind }: { kind: string }) => void changes.push(kind),
      },
      applications: {
        list: async () => [
          { metadata: { name: "prod-api", labels: { "slipway.dev/service": "api" }, annotations } },
          // Another stack's, in the same Argo CD.
          { metadata: { name: "dev-api", labels: { "slipway.dev/service": "api" }, annotations } },
        ],
        annotate: async (_: string, name: string, set: Record<string, string | null>) =>
          void changes.push(`${name} ${JSON.stringify(set)}`),
      },
    };
  },
} as unknown as ClusterConnection;

const environmentOf = (gitops: object | undefined) =>
  ({
    name: "prod",
    namespace: "shop",
    gitops,
    services: [
      {
        name: "api",
        kind: "deployment",
        replicas: { max: 2 },
        chartFields: {},
        config: {},
        secrets: { PASSWORD: pulumi.secret("hunter2") },
        fileTexts: {},
        fileSecrets: {},
        secretNames: ["PASSWORD"],
      },
    ],
    sources: { environment: [sourceOf("services.yaml", {})], stackConfig: sourceOf("stack.yaml", {}) },
  }) as unknown as Environment;
const gitops = environmentOf({ repository: "https://git.example.com/manifests.git" });
const direct = environmentOf(undefined);
const update = (environment: Environment) => handOver(environment, cluster, pulumi.output("key"));

let preview: boolean;
beforeEach(() => {
  changes = [];
  annotations = {};
  password = "hunter2";
  asked = 0;
  preview = false;
  for (const name of Object.keys(last)) delete last[name];
  Object.assign(last, { services: { api: {} }, deliveryMode: "direct" });
  vi.spyOn(lastUpdate, "lastOutput").mockImplementation(async <T>(name: string) => last[name] as T);
  vi.spyOn(stateResources, "stateResources").mockResolvedValue(
    new Set([stateResources.urnOfServices(HELM_RELEASE, "api")]),
  );
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(pulumi.log, "info").mockResolvedValue();
  return () => {
    delete process.env.SLIPWAY_MANIFESTS;
    vi.restoreAllMocks();
  };
});

it("asks nothing of a stack that stays with Helm", async () => {
  expect(await update(direct)).toEqual({ manifests: "manifests", names: {}, handedBack: "" });
  expect(asked).toBe(0);
});

describe("an update with which Argo CD takes over", () => {
  it("marks the objects, keeps the names, and gives the manifests a folder that no commit has", async () => {
    last.handover = {
      manifests: "manifests-20250101-000000",
      names: { "api-old": "api-1a" },
      handedBack: "20250601-000000",
    };
    const handover = await update(gitops);
    expect(changes).toEqual(["Deployment"]);
    expect(handover.manifests).toMatch(/^manifests-20(2[6-9]|[3-9]\d)\d{4}-\d{6}$/);
    expect(Object.values(handover.names).sort()).toEqual(["api-1a", "api-3c"]);
    expect(handover.handedBack).toBe("20250601-000000");
  });

  it("changes nothing if it is refused", async () => {
    password = "other";
    await expect(update(gitops)).rejects.toThrow(/its secrets \(PASSWORD\) have changed/);
    expect(changes).toEqual([]);
  });
});

describe("an update with which Argo CD hands back", () => {
  beforeEach(() => {
    last.deliveryMode = "gitops";
    last.handover = { manifests: "manifests-20260101-000000", names: { "api-old": "api-1a" }, handedBack: "" };
  });

  it("pauses this stack's Applications, writes the record, and remembers when", async () => {
    const { handedBack, names } = await update(direct);
    expect(changes).toEqual([`prod-api ${JSON.stringify({ [SKIP]: "true", [HANDED_BACK]: handedBack })}`, "record"]);
    expect(handedBack).toMatch(/^20\d{6}-\d{6}$/);
    expect(names).toEqual({ "api-old": "api-1a" });
  });

  it("goes on with an attempt that was interrupted", async () => {
    annotations = { [SKIP]: "true", [HANDED_BACK]: "20260101-120000" };
    expect((await update(direct)).handedBack).toBe("20260101-120000");
  });

  it("lets Argo CD go on if the attempt was interrupted and the stack stays with it", async () => {
    annotations = { [SKIP]: "true", [HANDED_BACK]: "20260101-120000" };
    expect(await update(gitops)).toEqual(last.handover);
    expect(changes).toEqual([`prod-api ${JSON.stringify({ [SKIP]: null, [HANDED_BACK]: null })}`]);
  });

  it("leaves an Application that somebody has paused", async () => {
    annotations = { [SKIP]: "true" };
    await update(gitops);
    expect(changes).toEqual([]);
  });
});

it.each([
  ["to gitops", "direct", gitops],
  ["to direct", "gitops", direct],
])("a preview of a change %s changes nothing", async (_, mode, environment) => {
  preview = true;
  last.deliveryMode = mode;
  await update(environment);
  expect(changes).toEqual([]);
});

it("an update that only renders asks nothing", async () => {
  process.env.SLIPWAY_MANIFESTS = "/nonexistent";
  last.deliveryMode = "gitops";
  last.handover = { manifests: "manifests-20260101-000000", names: {}, handedBack: "" };
  expect(await update(gitops)).toEqual(last.handover);
  expect(asked).toBe(0);
});
