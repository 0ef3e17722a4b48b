import type {
  KubernetesObject,
  V1Deployment,
  V1PodDisruptionBudget,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { kindsOf, LEAST, NAME, NAMESPACE, objectsOf, only, renderService, renderText, type Values } from "./render.ts";

const beside = { name: "proxy", resources: LEAST.resources };
const deploymentOf = async (values = {}) => only<V1Deployment>(await renderService(values), "Deployment");

describe("the number of pods", () => {
  const scalerOf = async (values: Values) =>
    only<V2HorizontalPodAutoscaler>(await renderService(values), "HorizontalPodAutoscaler");

  it("is kept at 2 by default, by an autoscaler", async () => {
    expect((await scalerOf({})).spec).toMatchObject({ minReplicas: 2, maxReplicas: 2 });
  });

  it("is kept at min if only min is set", async () => {
    expect((await scalerOf({ replicas: { min: 5 } })).spec).toMatchObject({ minReplicas: 5, maxReplicas: 5 });
  });

  it.each([
    ["deployment", "Deployment"],
    ["stateful", "StatefulSet"],
  ])("of a %s is kept between min and max", async (kind, target) => {
    expect(await scalerOf({ kind, replicas: { min: 3, max: 12 } })).toMatchObject({
      apiVersion: "autoscaling/v2",
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: target, name: "web" },
        minReplicas: 3,
        maxReplicas: 12,
      },
    });
  });

  it("is min in the first deploy, and in none of the next ones: it is the autoscaler's", async () => {
    const replicas = { min: 3, max: 12 };
    expect((await deploymentOf({ replicas })).spec?.replicas).toBe(3);
    const upgraded = objectsOf(await renderText("service", { ...LEAST, replicas }, NAMESPACE, NAME, ["--is-upgrade"]));
    expect(only<V1Deployment>(upgraded, "Deployment").spec).not.toHaveProperty("replicas");
  });

  it("is 0 in a pause, with a Service and an Ingress, and without anything that scales or protects pods", async () => {
    const objects = await renderService({ replicas: { min: 0 }, hosts: ["a.example.com"] });
    const { metadata, spec } = only<V1Deployment>(objects, "Deployment");
    expect(spec?.replicas).toBe(0);
    expect(metadata?.annotations).toMatchObject({ "slipway.dev/paused": "true" });
    expect(kindsOf(objects)).toEqual(expect.arrayContaining(["Service", "Ingress"]));
    expect(kindsOf(objects)).not.toContain("HorizontalPodAutoscaler");
    expect(kindsOf(objects)).not.toContain("PodDisruptionBudget");
  });

  it("follows CPU at 30 % of the request", async () => {
    const { spec } = only<V2HorizontalPodAutoscaler>(
      await renderService({ replicas: { min: 2, max: 4 } }),
      "HorizontalPodAutoscaler",
    );
    expect(spec?.metrics).toEqual([
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 30 } } },
    ]);
  });

  it("falls after 300 s of low load, and rises to max at once", async () => {
    const { spec } = only<V2HorizontalPodAutoscaler>(
      await renderService({ replicas: { min: 2, max: 40 } }),
      "HorizontalPodAutoscaler",
    );
    expect(spec?.behavior?.scaleDown).toEqual({ stabilizationWindowSeconds: 300 });
    expect(spec?.behavior?.scaleUp).toEqual({
      stabilizationWindowSeconds: 0,
      selectPolicy: "Max",
      policies: [{ type: "Pods", value: 40, periodSeconds: 15 }],
    });
  });

  it("grows only as fast as is set", async () => {
    const { spec } = await scalerOf({ replicas: { max: 9 }, scaling: { growth: { percent: 100, seconds: 60 } } });
    expect(spec?.behavior?.scaleUp?.policies).toEqual([{ type: "Percent", value: 100, periodSeconds: 60 }]);
  });

  it("follows memory too if that is set", async () => {
    const { spec } = await scalerOf({ memory: { target: 80 } });
    expect(spec?.metrics?.map(({ resource }) => [resource?.name, resource?.target.averageUtilization])).toEqual([
      ["cpu", 30],
      ["memory", 80],
    ]);
  });

  it("measures the service's own container if sidecars use CPU and memory too, and the pod otherwise", async () => {
    const { spec } = await scalerOf({ memory: { target: 80 }, sidecars: [beside] });
    const target = (averageUtilization: number) => ({ type: "Utilization", averageUtilization });
    const own = (name: string, percent: number) => ({
      type: "ContainerResource",
      containerResource: { name, container: "web", target: target(percent) },
    });
    expect(spec?.metrics).toEqual([own("cpu", 30), own("memory", 80)]);
    const { spec: whole } = await scalerOf({ initContainers: [beside] });
    expect(whole?.metrics).toEqual([{ type: "Resource", resource: { name: "cpu", target: target(30) } }]);
  });

  it("accepts another target and another window", async () => {
    const { spec } = only<V2HorizontalPodAutoscaler>(
      await renderService({ replicas: { min: 2, max: 4 }, cpu: { target: 70, scaleDownSeconds: 60 } }),
      "HorizontalPodAutoscaler",
    );
    expect(spec?.metrics?.[0]?.resource?.target.averageUtilization).toBe(70);
    expect(spec?.behavior?.scaleDown?.stabilizationWindowSeconds).toBe(60);
  });
});

describe("while nodes are drained", () => {
  const budgetOf = async (values = {}) =>
    only<V1PodDisruptionBudget>(await renderService(values), "PodDisruptionBudget");

  it("no more than one pod is away", async () => {
    expect((await budgetOf()).spec).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web" } },
    });
  });

  it("no more than a tenth of many pods is away: one at a time would exceed a drain's limit", async () => {
    expect((await budgetOf({ replicas: { min: 2, max: 10 } })).spec?.maxUnavailable).toBe(1);
    expect((await budgetOf({ replicas: { min: 2, max: 11 } })).spec?.maxUnavailable).toBe("10%");
  });

  it("as many pods are away as is set", async () => {
    expect((await budgetOf({ disruption: { maxUnavailable: "25%" } })).spec?.maxUnavailable).toBe("25%");
    expect((await budgetOf({ disruption: { maxUnavailable: 2 }, replicas: { min: 4 } })).spec?.maxUnavailable).toBe(2);
  });

  it("a service that may have more than one pod is protected also while it has one", async () => {
    expect((await budgetOf({ replicas: { min: 1, max: 6 } })).spec?.maxUnavailable).toBe(1);
  });

  it("one pod may always be moved: a budget over it would block the drain", async () => {
    for (const replicas of [{ min: 1 }, { min: 0, max: 0 }]) {
      const disruption = { maxUnavailable: 2 };
      expect(kindsOf(await renderService({ replicas }))).not.toContain("PodDisruptionBudget");
      expect(kindsOf(await renderService({ replicas, disruption }))).not.toContain("PodDisruptionBudget");
    }
  });
});

describe("scaling by KEDA", () => {
  const prometheus = { serverAddress: "http://prometheus:9090", query: "sum(rate(requests[1m]))", threshold: "50" };
  const triggers = [{ type: "prometheus", metadata: prometheus, authentication: "prometheus" }];
  const values = { replicas: { min: 0, max: 9 }, memory: { target: 80 }, scaling: { triggers } };
  const rendered = async (over: Values = {}) =>
    objectsOf(
      await renderText("service", { ...LEAST, ...values, ...over }, NAMESPACE, NAME, [
        "--api-versions",
        "keda.sh/v1alpha1/ScaledObject",
      ]),
    );

  it("takes the place of the autoscaler, with CPU and memory among its triggers", async () => {
    const objects = await rendered();
    expect(kindsOf(objects)).not.toContain("HorizontalPodAutoscaler");
    const { spec } = only<KubernetesObject & { spec: Record<string, unknown> }>(objects, "ScaledObject");
    expect(spec).toMatchObject({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicaCount: 0,
      maxReplicaCount: 9,
      advanced: {
        horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } },
      },
      triggers: [
        { type: "cpu", metricType: "Utilization", metadata: { value: "30" } },
        { type: "memory", metricType: "Utilization", metadata: { value: "80" } },
        { type: "prometheus", metadata: prometheus, authenticationRef: { name: "prometheus" } },
      ],
    });
  });

  it("measures the service's own container if sidecars use CPU and memory too", async () => {
    const { spec } = only<KubernetesObject & { spec: Record<string, unknown[]> }>(
      await rendered({ sidecars: [beside] }),
      "ScaledObject",
    );
    expect(spec.triggers?.slice(0, 2)).toMatchObject([
      { type: "cpu", metadata: { value: "30", containerName: "web" } },
      { type: "memory", metadata: { value: "80", containerName: "web" } },
    ]);
  });

  it("leaves a service that KEDA has scaled to 0 there", async () => {
    expect(only<V1Deployment>(await rendered(), "Deployment").spec).not.toHaveProperty("replicas");
  });

  it("is not used for a fixed number of pods, nor in a pause", async () => {
    expect(kindsOf(await renderService({ ...values, replicas: { min: 3 } }))).toContain("HorizontalPodAutoscaler");
    expect(kindsOf(await rendered({ replicas: { min: 3 } }))).not.toContain("ScaledObject");
    expect(kindsOf(await rendered({ replicas: { min: 0 } }))).not.toContain("ScaledObject");
  });

  it("is refused in a cluster that does not have KEDA", async () => {
    await expect(renderService(values)).rejects.toThrow(/scaling\.triggers: this cluster does not have KEDA/);
  });
});
