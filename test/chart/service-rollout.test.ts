import type { V1Deployment } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf, podTemplateOf, serviceContainer } from "./pod.ts";
import { only, renderService } from "./render.ts";

const deploymentOf = async (values = {}) => only<V1Deployment>(await renderService(values), "Deployment");

describe("a rollout", () => {
  it("adds a pod before it removes one", async () => {
    expect((await deploymentOf()).spec?.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  it("accepts a percentage instead of a number", async () => {
    const { spec } = await deploymentOf({ rollout: { maxSurge: "25%" } });
    expect(spec?.strategy?.rollingUpdate).toEqual({ maxSurge: "25%", maxUnavailable: 0 });
  });

  it("counts a pod as available after 10 s, and fails after 300 s without progress", async () => {
    const { spec } = await deploymentOf();
    expect(spec).toMatchObject({ minReadySeconds: 10, progressDeadlineSeconds: 300 });
  });

  it("accepts other times", async () => {
    const { spec } = await deploymentOf({ rollout: { minReadySeconds: 0, progressDeadlineSeconds: 120 } });
    expect(spec).toMatchObject({ minReadySeconds: 0, progressDeadlineSeconds: 120 });
  });

  it("with recreate stops all old pods before it starts new ones", async () => {
    const { spec } = await deploymentOf({ replicas: { min: 1 }, rollout: { strategy: "recreate" } });
    expect(spec?.strategy).toEqual({ type: "Recreate" });
  });

  it("carries the chart's hash on the workload, not on the pods", async () => {
    const objects = await renderService({ chartHash: "abc123" });
    expect(only(objects, "Deployment").metadata?.annotations).toEqual({ "slipway.dev/chart-hash": "abc123" });
    expect(JSON.stringify(podTemplateOf(objects))).not.toContain("abc123");
  });

  it("rolls on a new release, name of a ConfigMap or Secret, restart or annotation", async () => {
    const before = JSON.stringify(podTemplateOf(await renderService()));
    const changes = [
      { release: "v1.0.1" },
      { configName: "web-1" },
      { secretName: "web-2" },
      { restartedAt: "2025-01-31T12:00:00Z" },
      { podAnnotations: { team: "backend" } },
    ];
    for (const change of changes) {
      expect(JSON.stringify(podTemplateOf(await renderService(change))), JSON.stringify(change)).not.toBe(before);
    }
  });

  it.each(["deployment", "stateful"])(
    "of a %s rolls on another name of the configuration, and by nothing else",
    async (kind) => {
      const rendered = async (configName: string) =>
        // The Job of a rollout has a name of its own for each change.
        (await renderService({ kind, configName })).filter((object) => object.kind !== "Job");
      const red = await rendered("web-red");
      const blue = await rendered("web-blue");
      expect(podTemplateOf(blue)).not.toEqual(podTemplateOf(red));
      expect(JSON.parse(JSON.stringify(red).replaceAll("web-red", "web-blue"))).toEqual(blue);
      expect(podTemplateOf(red).metadata).not.toHaveProperty("annotations");
    },
  );
});

describe("shutdown", () => {
  it("continues to serve for 15 s by the kubelet's own sleep, which needs no shell in the image", async () => {
    expect((await serviceContainer()).lifecycle).toEqual({ preStop: { sleep: { seconds: 15 } } });
  });

  it("allows preStop, drain and 5 s more", async () => {
    expect(podSpecOf(await renderService()).terminationGracePeriodSeconds).toBe(35);
    const slow = await renderService({ shutdown: { preStopSeconds: 20, drainSeconds: 60 } });
    expect(podSpecOf(slow).terminationGracePeriodSeconds).toBe(85);
    expect(containerOf(slow).lifecycle?.preStop).toEqual({ sleep: { seconds: 20 } });
  });

  it("has no preStop if it is 0", async () => {
    const objects = await renderService({ shutdown: { preStopSeconds: 0 } });
    expect(containerOf(objects).lifecycle).toBeUndefined();
    expect(podSpecOf(objects).terminationGracePeriodSeconds).toBe(20);
  });

  it("keeps the last log lines as the reason of a failure", async () => {
    expect((await serviceContainer()).terminationMessagePolicy).toBe("FallbackToLogsOnError");
  });
});
