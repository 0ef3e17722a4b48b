import type { V1ClusterRole, V1Role } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf, podTemplateOf } from "./pod.ts";
import { only, render, rulesOf, type Values } from "./render.ts";

const REQUIRED = { image: { tag: "v1.36.1" }, clusterName: "shop-prod", region: "eu-west-1" };
const autoscaler = (values: Values = {}) => render("cluster-autoscaler", { ...REQUIRED, ...values });

describe("the cluster-autoscaler", () => {
  it("finds the node groups by the cluster's name, and knows the region without the node's metadata", async () => {
    const { args, env } = containerOf(await autoscaler());
    expect(args).toContain(
      "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/shop-prod",
    );
    expect(env).toContainEqual({ name: "AWS_REGION", value: "eu-west-1" });
  });

  it.each(Object.keys(REQUIRED))("requires %s", async (key) => {
    const { [key]: _, ...values } = REQUIRED as Values;
    await expect(render("cluster-autoscaler", values)).rejects.toThrow(new RegExp(key));
  });

  it("removes nodes that by default it would keep", async () => {
    const { args } = containerOf(await autoscaler());
    expect(args).toEqual(
      expect.arrayContaining([
        "--expander=least-waste",
        "--balance-similar-node-groups=true",
        "--skip-nodes-with-system-pods=false",
        "--skip-nodes-with-local-storage=false",
        "--max-graceful-termination-sec=7205",
      ]),
    );
  });

  it("keeps the node that it runs on, and does not wait for the cluster's DNS", async () => {
    const objects = await autoscaler();
    expect(podTemplateOf(objects).metadata?.annotations).toEqual({
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    });
    expect(podSpecOf(objects).dnsPolicy).toBe("Default");
  });

  it("has its credentials under the names that EKS uses, from the volume that they are in", async () => {
    const objects = await autoscaler();
    const { env, volumeMounts } = containerOf(objects);
    const variable = (name: string) => env?.find((given) => given.name === name)?.value;
    const [volume] = podSpecOf(objects).volumes ?? [];
    const [mount] = volumeMounts ?? [];
    expect([volume?.name, mount?.name]).toEqual(["eks-pod-identity-token", "eks-pod-identity-token"]);
    const token = volume?.projected?.sources?.[0]?.serviceAccountToken;
    expect(token).toMatchObject({ audience: "pods.eks.amazonaws.com" });
    expect(variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")).toBe(`${mount?.mountPath}/${token?.path}`);
    expect(variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")).toBe("http://169.254.170.23/v1/credentials");
  });

  it("reads what the scheduler reads; taints nodes, evicts pods and records events", async () => {
    const rules = rulesOf(only<V1ClusterRole>(await autoscaler(), "ClusterRole"));
    expect(rules.filter((rule) => !rule.endsWith(" get,list,watch"))).toEqual([
      "nodes update",
      "pods/eviction create",
      "events create,patch",
    ]);
    // A cache that may not list one of these never fills.
    for (const read of [
      "persistentvolumes",
      "csinodes",
      "volumeattachments",
      "resourceslices",
      "poddisruptionbudgets",
    ]) {
      expect(rules).toContain(`${read} get,list,watch`);
    }
    expect(rules.join()).not.toMatch(/secrets|configmaps/);
  });

  it("writes only its own status and its leader's Lease", async () => {
    const { rules } = only<V1Role>(await autoscaler(), "Role");
    const changes = (rules ?? []).filter(({ verbs }) => verbs.join() !== "create");
    expect(changes.map(({ resources, resourceNames }) => [...(resources ?? []), ...(resourceNames ?? [])])).toEqual([
      ["configmaps", "cluster-autoscaler-status"],
      ["leases", "cluster-autoscaler"],
    ]);
  });
});
