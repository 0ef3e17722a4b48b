import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import { planSwitch, switchRollout, undoSwitch, waitForSwitch } from "../../../components/rollout/kept-pods.ts";

const REPOSITORY = "registry.example.com/shop";
const image = (release: string) => `${REPOSITORY}@sha256:${release.slice(1).repeat(64)}`;
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

interface TemplateOptions {
  config?: string;
  labels?: Record<string, string>;
  /** What the API server adds. */
  defaults?: object;
}

function templateOf(release: string, { config = "api-1", labels = {}, defaults = {} }: TemplateOptions = {}) {
  return {
    metadata: { labels: { "app.kubernetes.io/name": "api", "app.kubernetes.io/version": release, ...labels } },
    spec: {
      ...defaults,
      containers: [
        {
          name: "api",
          image: image(release),
          env: [{ name: "RELEASE", value: release }],
          envFrom: [{ configMapRef: { name: config } }],
          ...defaults,
        },
      ],
    },
  };
}

const HASH = "rollouts-pod-template-hash";
function setOf(
  release: string,
  { ready = 3, uid = "u1", ...options }: TemplateOptions & { ready?: number; uid?: string } = {},
) {
  const labels = { [HASH]: `hash-${release}` };
  return {
    metadata: { labels, ownerReferences: [{ uid }] },
    spec: { template: templateOf(release, { defaults: { terminationGracePeriodSeconds: 30 }, labels, ...options }) },
    status: { availableReplicas: ready },
  };
}

function recordOf(release: string, version: string) {
  const config = { image: image(release), release };
  const text = gzipSync(JSON.stringify({ name: "api", config, manifest: "" }));
  const metadata = { name: `sh.helm.release.v1.api.v${version}`, labels: { version } };
  return { metadata, data: { release: base64(base64(text)) } };
}

let live: ReturnType<typeof rolloutOf>;
let sets: object[];
let records: object[];
let patches: object[];
let asked: string[];
function rolloutOf(release: string, options: TemplateOptions = {}) {
  return {
    metadata: { uid: "u1", generation: 4, resourceVersion: "77", annotations: {} as Record<string, string> },
    spec: { replicas: 3, strategy: { blueGreen: {} } as object, template: templateOf(release, options) },
    status: {
      observedGeneration: "4",
      phase: "Healthy",
      message: "",
      stableRS: `hash-${release}`,
      currentPodHash: `hash-${release}`,
    },
  };
}
beforeEach(() => {
  live = rolloutOf("v2");
  sets = [setOf("v1"), setOf("v2")];
  records = [recordOf("v2", "10"), recordOf("v1", "9")];
  patches = [];
  asked = [];
});

const reader = {
  rollouts: {
    find: async () => live,
    patchJson: async (_: string, __: string, operations: object) => void patches.push(operations),
  },
  replicaSets: async () => {
    asked.push("ReplicaSets");
    return sets;
  },
  revisionRecords: async () => records,
} as unknown as ClusterReader;
const wanted = (release: string, options: TemplateOptions = {}) => ({
  namespace: "shop",
  service: "api",
  version: { image: image(release), release },
  template: async () => templateOf(release, options),
});
const plan = (release: string, options?: TemplateOptions) => planSwitch(reader, wanted(release, options));

describe("a release whose pods are kept", () => {
  it("is switched to before Helm begins", async () => {
    expect(await plan("v1")).toMatchObject({ pods: 3, isRecorded: false, record: "sh.helm.release.v1.api.v10" });
  });

  it("gets the template as Helm will write it, unless the Rollout has changed since", async () => {
    const found = await plan("v1");
    if (found === undefined) throw new Error("no plan");
    await switchRollout(reader, wanted("v1"), found);
    expect(patches).toEqual([
      [
        { op: "test", path: "/metadata/resourceVersion", value: "77" },
        {
          op: "add",
          path: "/metadata/annotations/slipway.dev~1switched-back-at",
          value: "sh.helm.release.v1.api.v10",
        },
        { op: "replace", path: "/spec/template", value: templateOf("v1") },
      ],
    ]);
  });

  it.each<[string, () => void]>([
    ["some of its pods are gone", () => (sets = [setOf("v1", { ready: 2 }), setOf("v2")])],
    ["it is not kept", () => (sets = [setOf("v2")])],
    ["they are of another Rollout", () => (sets = [setOf("v1", { uid: "u2" }), setOf("v2")])],
    ["it had another config", () => (sets = [setOf("v1", { config: "api-0" }), setOf("v2")])],
    ["a rollout is under way", () => (live.status.phase = "Progressing")],
    ["the controller has not read the last change", () => (live.metadata.generation = 5)],
    ["the strategy is canary", () => (live.spec.strategy = { canary: {} })],
    ["Helm has deployed nothing", () => (records = [])],
    ["the Rollout has changes of somebody else", () => (live.spec.template = templateOf("v2", { config: "api-0" }))],
  ])("is left to Helm if %s", async (_, change) => {
    change();
    expect(await plan("v1")).toBeUndefined();
  });

  it("is left to Helm if the config has changed since", async () => {
    expect(await plan("v1", { config: "api-2" })).toBeUndefined();
  });
});

it("an update that does not change the release asks no more than the Rollout", async () => {
  expect([await plan("v2"), asked]).toEqual([undefined, []]);
});

it("a new release is left to Helm", async () => expect(await plan("v3")).toBeUndefined());

describe("after an update that was killed before Helm followed", () => {
  beforeEach(() => {
    live = rolloutOf("v1");
    live.metadata.annotations = { "slipway.dev/switched-back-at": "sh.helm.release.v1.api.v10" };
  });

  it("the same release is left to Helm, which records it", async () => expect(await plan("v1")).toBeUndefined());

  it("the release from before is switched to, since Helm would change nothing, also without its pods", async () => {
    expect(await plan("v2")).toMatchObject({ isRecorded: true });
    sets = [setOf("v1")];
    expect(await plan("v2")).toMatchObject({ isRecorded: true, pods: 0 });
  });

  it("a later one is left to Helm", async () => expect(await plan("v3")).toBeUndefined());

  it("what a person has switched by hand stays", async () => {
    live.metadata.annotations = {};
    expect(await plan("v2")).toBeUndefined();
  });

  it("a mark of an earlier revision says nothing", async () => {
    live.metadata.annotations = { "slipway.dev/switched-back-at": "sh.helm.release.v1.api.v9" };
    expect(await plan("v2")).toBeUndefined();
  });
});

describe("waiting for a switch", () => {
  const wait = (seconds: number) => waitForSwitch(reader, wanted("v2"), seconds);

  it("ends when the Rollout is Healthy", async () => expect(await wait(5)).toBeUndefined());

  it("says why it has failed, or what it still does when time is up", async () => {
    Object.assign(live.status, { phase: "Degraded", message: "no room" });
    expect(await wait(5)).toBe("its Rollout is Degraded: no room");
    Object.assign(live.status, { phase: "Progressing", message: "" });
    expect(await wait(0)).toBe("its Rollout is Progressing");
  });
});

describe("without a template", () => {
  const asked = { namespace: "shop", service: "api", version: { image: image("v1"), release: "v1" } };

  it("the Rollout's own gets the version of the pods that are kept, and stays as Helm wrote it else", async () => {
    expect((await planSwitch(reader, asked))?.template).toEqual(templateOf("v1"));
    expect(live.spec.template).toEqual(templateOf("v2"));
  });

  it("there is none if nothing is kept", async () => {
    sets = [setOf("v2")];
    expect(await planSwitch(reader, asked)).toBeUndefined();
  });

  it("a switch is taken back unless somebody has changed the template since", async () => {
    const found = await planSwitch(reader, asked);
    if (found === undefined) throw new Error("no plan");
    await undoSwitch(reader as never, asked, found);
    expect(patches).toEqual([
      [
        { op: "test", path: "/spec/template", value: templateOf("v1") },
        { op: "replace", path: "/spec/template", value: templateOf("v2") },
      ],
    ]);
  });
});
