import type { KubernetesObject, V1CustomResourceDefinition, V1Role } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { only, render, shapeValues } from "./render.ts";

const objects = () => render("argo-rollouts", shapeValues("argo-rollouts", "default"));
const ofKind = async <T extends KubernetesObject>(kind: string) =>
  (await objects()).filter((object): object is T => object.kind === kind);

describe("charts/argo-rollouts", () => {
  it("sees the services' namespace only", async () => {
    const { containers } = (
      only(await objects(), "Deployment") as { spec: { template: { spec: { containers: [{ args: string[] }] } } } }
    ).spec.template.spec;
    expect(containers[0].args).toEqual(expect.arrayContaining(["--namespaced", "--namespace=default"]));
    const kinds = (await objects()).map(({ kind }) => kind);
    expect(kinds).not.toContain("ClusterRole");
  });

  it("reads no Secret but that of its own notifications", async () => {
    const rules = (await ofKind<V1Role>("Role")).flatMap(({ metadata, rules = [] }) =>
      rules.map((rule) => ({ ...rule, namespace: metadata?.namespace })),
    );
    const ofSecrets = rules.filter(({ resources }) =>
      resources?.some((name) => ["secrets", "configmaps", "*"].includes(name)),
    );
    expect(ofSecrets).not.toEqual([]);
    for (const { resourceNames, namespace } of ofSecrets) {
      expect(resourceNames?.every((name) => name.startsWith("argo-rollouts-"))).toBe(true);
      expect(namespace).not.toBe("default");
    }
  });

  it("keeps its kinds when it is deleted, and an autoscaler can scale a Rollout", async () => {
    const crds = await ofKind<V1CustomResourceDefinition>("CustomResourceDefinition");
    expect(crds.map(({ spec }) => spec.names.kind).sort()).toEqual([
      "AnalysisRun",
      "AnalysisTemplate",
      "ClusterAnalysisTemplate",
      "Experiment",
      "Rollout",
    ]);
    for (const { metadata } of crds) expect(metadata?.annotations?.["helm.sh/resource-policy"]).toBe("keep");
    const rollout = crds.find(({ spec }) => spec.names.kind === "Rollout")?.spec.versions[0];
    expect(rollout?.subresources).toEqual({
      status: {},
      scale: {
        specReplicasPath: ".spec.replicas",
        statusReplicasPath: ".status.HPAReplicas",
        labelSelectorPath: ".status.selector",
      },
    });
  });
});
