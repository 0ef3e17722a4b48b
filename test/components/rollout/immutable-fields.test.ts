import type { V1Deployment, V1PersistentVolumeClaim, V1StatefulSet } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { growths, immutableFaults } from "../../../components/rollout/immutable-fields.ts";
import type { WorkloadKind } from "../../../config/kinds.ts";

const metadata = { name: "cache", annotations: { "meta.helm.sh/release-name": "cache" } };
const none = { deployments: [], statefulSets: [], claims: [] };
const asDeployment = { ...none, deployments: [{ metadata }] as V1Deployment[] };
const asStatefulSet = (volume?: { size: string; storageClassName?: string }, of = metadata) => {
  const claim = volume && {
    metadata: { name: "data" },
    spec: { storageClassName: volume.storageClassName, resources: { requests: { storage: volume.size } } },
  };
  const containers = [{ name: "cache", volumeMounts: [{ name: "data", mountPath: "/data" }] }];
  const spec = { volumeClaimTemplates: claim && [claim], template: { spec: { containers } } };
  return { ...none, statefulSets: [{ metadata: of, spec }] as unknown as V1StatefulSet[] };
};
const claim = (name: string, storage: string, service = "cache"): V1PersistentVolumeClaim => ({
  metadata: { name, labels: { "app.kubernetes.io/instance": service } },
  spec: { resources: { requests: { storage } } },
});
const cache = (kind: WorkloadKind, volume?: { size: string; mountPath: string; storageClass?: string }) => [
  { name: "cache", kind, chartFields: { volume } },
];
const data = { size: "10Gi", mountPath: "/data" };

describe("another kind than the one that runs", () => {
  it("is refused either way, with the runbook", () => {
    expect(immutableFaults(cache("stateful"), asDeployment)).toEqual([
      {
        path: ["services", "cache", "kind"],
        message: expect.stringMatching(/as a Deployment.*kind: deployment.*change-kind\.md/),
      },
    ]);
    expect(immutableFaults(cache("deployment"), asStatefulSet())).toEqual([
      {
        path: ["services", "cache", "kind"],
        message: expect.stringMatching(/as a StatefulSet.*kind: stateful.*change-kind\.md/),
      },
    ]);
  });

  it("is refused for what shall run to an end: its pods would stop at once", () => {
    for (const kind of ["cron", "job"] as const) {
      expect(immutableFaults(cache(kind), asDeployment)).toEqual([
        { path: ["services", "cache", "kind"], message: expect.stringContaining("as a Deployment") },
      ]);
      expect(immutableFaults(cache(kind), asStatefulSet())).toHaveLength(1);
    }
  });

  it("is accepted of a CronJob, which nobody calls, unless a run of it would be stopped", () => {
    const cronJobs = (active: object[]) =>
      ({ ...none, cronJobs: [{ metadata, status: { active } }] }) as unknown as Parameters<typeof immutableFaults>[1];
    expect(immutableFaults(cache("deployment"), cronJobs([]))).toEqual([]);
    expect(immutableFaults(cache("job"), cronJobs([{ name: "cache-2" }]))).toEqual([]);
    expect(immutableFaults(cache("deployment"), cronJobs([{ name: "cache-2" }]))).toEqual([
      { path: ["services", "cache", "kind"], message: expect.stringContaining("Job cache-2 is running") },
    ]);
  });

  it("is accepted if nothing runs, or what runs is not the service's", () => {
    expect(immutableFaults(cache("stateful"), none)).toEqual([]);
    const others = asStatefulSet(undefined, { ...metadata, annotations: { "meta.helm.sh/release-name": "redis" } });
    expect(immutableFaults(cache("deployment"), others)).toEqual([]);
  });
});

describe("another volume than the one that runs", () => {
  it.each([
    ["a smaller one", { ...data, size: "5Gi" }, { size: "10Gi" }, ["volume", "size"], "10Gi"],
    ["another class", { ...data, storageClass: "gp3" }, { size: "10Gi" }, ["volume", "storageClass"], "default class"],
    ["no class", data, { size: "10Gi", storageClassName: "gp3" }, ["volume", "storageClass"], "gp3"],
    ["a first one", data, undefined, ["volume"], "without a volume"],
    ["none", undefined, { size: "10Gi" }, ["volume"], "a volume of 10Gi"],
    ["another path", { ...data, mountPath: "/cache" }, { size: "10Gi" }, ["volume", "mountPath"], "data at /data"],
  ])("%s is refused, with the runbook", (_, wanted, runs, field, is) => {
    const [fault, ...others] = immutableFaults(cache("stateful", wanted), asStatefulSet(runs));
    expect(fault?.path).toEqual(["services", "cache", ...field]);
    expect(fault?.message).toContain(is);
    expect(fault?.message).toContain("grow-a-volume.md");
    expect(others).toEqual([]);
  });

  it.each([
    ["the same size in other words", { ...data, size: "10240Mi" }, { size: "10Gi" }],
    ["a larger one", { ...data, size: "20Gi" }, { size: "10Gi" }],
    ["the same class", { ...data, storageClass: "gp3" }, { size: "10Gi", storageClassName: "gp3" }],
    ["still none", undefined, undefined],
  ])("%s is accepted", (_, wanted, runs) => {
    expect(immutableFaults(cache("stateful", wanted), asStatefulSet(runs))).toEqual([]);
  });
});

describe("without a StatefulSet", () => {
  it("a size below that of a claim is refused: the claim stays as it is", () => {
    const claims = [
      claim("data-cache-0", "10Gi"),
      claim("data-cache-1", "20Gi"),
      claim("data-other-0", "90Gi", "other"),
    ];
    const [fault, ...others] = immutableFaults(cache("stateful", data), { ...none, claims });
    expect(others).toEqual([]);
    expect(fault?.path).toEqual(["services", "cache", "volume", "size"]);
    expect(fault?.message).toMatch(/data-cache-1.*20Gi.*cannot shrink/);
    expect(immutableFaults(cache("stateful", { ...data, size: "20Gi" }), { ...none, claims })).toEqual([]);
  });
});

describe("growths", () => {
  const claims = [
    claim("data-cache-0", "10Gi"),
    claim("data-cache-1", "20Gi"),
    claim("data-cache-old", "10Gi"),
    claim("data-cache-2-0", "10Gi", "cache-2"),
    claim("data-cache-3", "10Gi", "other"),
  ];
  const names = (size: string, live: ReturnType<typeof asStatefulSet>) =>
    growths(cache("stateful", { ...data, size }), { ...live, claims }).map((growth) =>
      growth.claims.map(({ metadata }) => metadata?.name),
    );

  it("are the service's own claims that are smaller than a larger size", () => {
    expect(names("20Gi", asStatefulSet({ size: "10Gi" }))).toEqual([["data-cache-0"]]);
    expect(names("30Gi", asStatefulSet({ size: "10Gi" }))).toEqual([["data-cache-0", "data-cache-1"]]);
  });

  it("do not follow from a claim that is smaller than a size that has not changed", () => {
    expect(names("20Gi", asStatefulSet({ size: "20Gi" }))).toEqual([]);
    expect(names("20Gi", asStatefulSet({ size: "20480Mi" }))).toEqual([]);
  });

  it("go on where an update was killed: without a StatefulSet, even if all claims have grown", () => {
    expect(names("20Gi", none)).toEqual([["data-cache-0"]]);
    expect(names("10Gi", none)).toEqual([[]]);
  });

  it("are none for a service without a volume, or of the other kind", () => {
    expect(growths(cache("stateful"), { ...none, claims })).toEqual([]);
    expect(growths(cache("deployment"), { ...none, claims })).toEqual([]);
  });
});
