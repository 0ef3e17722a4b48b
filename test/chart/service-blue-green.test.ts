import type { KubernetesObject, V1HorizontalPodAutoscaler, V1Ingress, V1Job, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.ts";
import { kindsOf, only, renderService } from "./render.ts";

interface Rollout extends KubernetesObject {
  spec: {
    replicas?: number;
    strategy: { blueGreen?: Record<string, unknown> };
    template: { spec: { topologySpreadConstraints: { matchLabelKeys: string[] }[] } };
  };
}
const blueGreen = (rollout = {}, values = {}) =>
  renderService({ hosts: ["shop.example.com"], ...values, rollout: { strategy: "blueGreen", ...rollout } });
const rolloutOf = async (...given: Parameters<typeof blueGreen>) => only<Rollout>(await blueGreen(...given), "Rollout");

describe("blueGreen", () => {
  it("renders a Rollout in place of the Deployment, which the autoscaler scales", async () => {
    const objects = await blueGreen();
    expect(kindsOf(objects)).not.toContain("Deployment");
    const { spec } = only<V1HorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler");
    expect(spec?.scaleTargetRef).toEqual({ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web" });
  });

  it("switches the Service of the service, and keeps the version before for 10 min", async () => {
    expect((await rolloutOf()).spec.strategy).toEqual({
      blueGreen: {
        activeService: "web",
        previewService: "web-preview",
        scaleDownDelaySeconds: 600,
        scaleDownDelayRevisionLimit: 1,
        abortScaleDownDelaySeconds: 30,
      },
    });
  });

  it("waits for a person, or for some time", async () => {
    const strategyOf = async (fields: object) => (await rolloutOf(fields)).spec.strategy.blueGreen;
    expect(await strategyOf({ promotion: "manual" })).toMatchObject({ autoPromotionEnabled: false });
    const timed = await strategyOf({ previewSeconds: 90, keepSeconds: 60 });
    expect(timed).toMatchObject({ autoPromotionEnabled: true, autoPromotionSeconds: 90, scaleDownDelaySeconds: 60 });
  });

  it("has a Service for the new version, and a host if one is given", async () => {
    const services = (await blueGreen()).filter((object): object is V1Service => object.kind === "Service");
    const [active, preview] = ["web", "web-preview"].map((name) => services.find((it) => it.metadata?.name === name));
    expect(preview?.spec).toEqual(active?.spec);
    const ingresses = (await blueGreen({ previewHost: "next.example.com" })).filter(
      (object): object is V1Ingress => object.kind === "Ingress",
    );
    expect(ingresses.map(({ spec }) => spec?.rules?.[0]?.host).sort()).toEqual([
      "next.example.com",
      "shop.example.com",
    ]);
    const rule = ingresses.find(({ metadata }) => metadata?.name === "web-preview")?.spec?.rules?.[0];
    expect(rule?.http?.paths[0]?.backend.service?.name).toBe("web-preview");
  });

  it("names the Job that holds Helm's wait, which Helm creates before it changes the Rollout", async () => {
    const objects = await blueGreen();
    const gate = only<V1Job>(objects, "Job").metadata?.name;
    expect(only<Rollout>(objects, "Rollout").metadata?.annotations?.["slipway.dev/gate"]).toBe(gate);
  });

  it("spreads the pods of each version by themselves", async () => {
    for (const { matchLabelKeys } of (await rolloutOf()).spec.template.spec.topologySpreadConstraints)
      expect(matchLabelKeys).toEqual(["rollouts-pod-template-hash"]);
  });

  it.each<[object, RegExp]>([
    [{ kind: "stateful", rollout: { strategy: "blueGreen" } }, /rollout\.strategy: blueGreen given for kind stateful/],
    [{ port: undefined, rollout: { strategy: "blueGreen" } }, /without a port/],
    [{ rollout: { strategy: "blueGreen", previewHost: "next.example.com" } }, /previewHost.*without hosts/],
    [{ rollout: { strategy: "blueGreen", maxSurge: 2 } }, /maxSurge 2/],
    [{ rollout: { promotion: "manual" } }, /of the strategy blueGreen; rolling given/],
    [{ rollout: { strategy: "blueGreen", promotion: "manual", previewSeconds: 9 } }, /previewSeconds.*manual/],
  ])("refuses %j", async (values, message) => {
    expect(await refusal(values as Record<string, unknown>)).toMatch(message);
  });
});
