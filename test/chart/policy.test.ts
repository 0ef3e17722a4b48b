import { describe, expect, it } from "vitest";
import type { PolicyRule } from "../../config/policy-rules.ts";
import { violationsOf } from "../../policy/violations.ts";
import { CHARTS, type Chart, objectsOf, renderText, shapesOf, shapeValues } from "./render.ts";

/** Kinds that the clusters of some shapes have. */
const KINDS = ["--api-versions", "argoproj.io/v1alpha1/Rollout", "--api-versions", "keda.sh/v1alpha1/ScaledObject"];

/** What add-ons may break: their images come from config, one of them needs no second pod, and a load balancer is the way in. */
const OF_SERVICES: PolicyRule[] = ["disruption-budget", "image-digest", "public-endpoints", "replicas", "spread"];

async function broken(chart: Chart, shape: string): Promise<string[]> {
  const text = await renderText(chart, shapeValues(chart, shape), undefined, undefined, KINDS);
  return violationsOf(objectsOf(text)).map(({ rule }) => rule);
}

describe("the rules of policy/", () => {
  it.each(shapesOf("service").filter((shape) => shape !== "single"))("are kept by a service like %s", async (shape) => {
    expect(await broken("service", shape)).toEqual([]);
  });

  it("are broken by a service with one pod that answers requests", async () => {
    expect(await broken("service", "single")).toEqual(["replicas"]);
  });

  it.each(CHARTS.filter((chart) => chart !== "service"))("about pods and secrets are kept by %s", async (chart) => {
    for (const shape of shapesOf(chart)) {
      const rules = await broken(chart, shape);
      expect(rules.filter((rule) => !OF_SERVICES.includes(rule as PolicyRule))).toEqual([]);
    }
  });
});
