import type { V1Job, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { podSpecOf } from "./pod.ts";
import { NAME, only, render, renderService, shapesOf, shapeValues } from "./render.ts";

const jobOf = async (values = {}) => only<V1Job>(await renderService(values), "Job");

describe("the gates of a rollout", () => {
  it.each(shapesOf("service").filter((shape) => shape !== "cron"))(
    "of %s are a Service and a Job, neither with pods",
    async (shape) => {
      const objects = await render("service", shapeValues("service", shape));
      const service = only<V1Service>(objects, "Service", `${NAME}-rollout`);
      expect(service.spec).toEqual({ type: "ClusterIP", clusterIP: "None" });
      expect(only<V1Job>(objects, "Job").spec).toMatchObject({
        suspend: true,
        completionMode: "Indexed",
        completions: 1,
        parallelism: 1,
      });
    },
  );

  it("have a Job of its own for each change of the values, so that it is closed when Helm creates it", async () => {
    const name = async (values = {}) => (await jobOf(values)).metadata?.name;
    expect(await name()).toBe(await name());
    for (const change of [{ release: "v2" }, { chartHash: "1" }, { replicas: { min: 3 } }])
      expect(await name(change), JSON.stringify(change)).not.toBe(await name());
  });

  it("are found by a label that no pod has, and their Job is no pod of the service", async () => {
    const job = await jobOf();
    expect(job.metadata?.labels).toMatchObject({ "app.kubernetes.io/component": "rollout-gate" });
    expect(job.spec?.template.metadata?.labels).toBeUndefined();
  });

  it("have a pod template as restricted as the service's, for policies that look at it", async () => {
    const objects = await renderService();
    const gate = only<V1Job>(objects, "Job").spec?.template.spec;
    const service = podSpecOf(objects);
    expect(gate?.securityContext).toEqual(service.securityContext);
    expect(gate?.containers[0]?.securityContext).toEqual(service.containers[0]?.securityContext);
    expect(gate?.containers[0]?.resources).toEqual(service.containers[0]?.resources);
  });
});
