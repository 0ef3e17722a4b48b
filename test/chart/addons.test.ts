import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject, V1Deployment, V1PodDisruptionBudget, V1ServiceAccount } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { containerOf, podSpecOf } from "./pod.ts";
import { chartFolder, kindsOf, objectsOf, only, render, renderText, shapeValues, type Values } from "./render.ts";

const ADDONS = [
  "traefik",
  "metrics-server",
  "descheduler",
  "cluster-autoscaler",
  "argo-rollouts",
  "prometheus",
] as const;
type AddonChart = (typeof ADDONS)[number];

const DIGEST = `sha256:${"1".repeat(64)}`;
/** Renders an add-on with the values that it requires, and these over them. */
const rendered = (chart: AddonChart, values: Values = {}) =>
  render(chart, { ...shapeValues(chart, "default"), ...values });

describe.each(ADDONS)("charts/%s", (chart) => {
  it("meets the restricted pod security standard", async () => {
    const objects = await rendered(chart);
    const { securityContext, hostNetwork, hostPID } = podSpecOf(objects);
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(securityContext?.runAsUser).toBeGreaterThan(10_000);
    expect([hostNetwork, hostPID]).toEqual([undefined, undefined]);
    expect(containerOf(objects).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("requests what it needs, and has a limit for memory but none for CPU", async () => {
    const { requests, limits } = containerOf(await rendered(chart)).resources ?? {};
    expect(Object.keys(requests ?? {}).sort()).toEqual(["cpu", "ephemeral-storage", "memory"]);
    expect(Object.keys(limits ?? {}).sort()).toEqual(["ephemeral-storage", "memory"]);
  });

  it("has both probes, of which liveness is the more patient", async () => {
    const { readinessProbe, livenessProbe } = containerOf(await rendered(chart));
    const patience = (probe = readinessProbe) => (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0);
    expect(patience(livenessProbe)).toBeGreaterThan(patience(readinessProbe));
  });

  it("is among the last pods to be evicted and leaves a lost node within a minute", async () => {
    const { priorityClassName, tolerations } = podSpecOf(await rendered(chart));
    expect(priorityClassName).toBe("system-cluster-critical");
    expect(tolerations?.map(({ key }) => key)).toEqual(
      ["not-ready", "unreachable"].map((state) => `node.kubernetes.io/${state}`),
    );
    for (const { tolerationSeconds } of tolerations ?? []) {
      expect(tolerationSeconds).toBeGreaterThanOrEqual(30);
      expect(tolerationSeconds).toBeLessThanOrEqual(60);
    }
  });

  it("never has fewer pods during a rollout, and lets nodes be drained", async () => {
    const objects = await rendered(chart);
    const { strategy, replicas = 0 } = only<V1Deployment>(objects, "Deployment").spec ?? {};
    expect(strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    if (replicas === 1) expect(kindsOf(objects)).not.toContain("PodDisruptionBudget");
    else expect(only<V1PodDisruptionBudget>(objects, "PodDisruptionBudget").spec?.maxUnavailable).toBe(1);
  });

  it("gives the API's token to its own pods only, if they ask the API", async () => {
    const objects = await rendered(chart);
    const account = only<V1ServiceAccount>(objects, "ServiceAccount");
    expect(account.automountServiceAccountToken).toBe(false);
    expect(podSpecOf(objects)).toMatchObject({
      serviceAccountName: account.metadata?.name,
      automountServiceAccountToken: chart !== "prometheus",
    });
  });

  it("closes every port that nobody needs", async () => {
    const { spec } = only<KubernetesObject & { spec: { policyTypes: string[]; ingress: unknown[] } }>(
      await rendered(chart),
      "NetworkPolicy",
    );
    expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
    expect(spec.ingress).toHaveLength(["traefik", "metrics-server"].includes(chart) ? 1 : 0);
  });

  it("carries the hash of its files, so that a change of a template is a change", async () => {
    const { metadata } = only(await rendered(chart, { chartHash: "abc" }), "Deployment");
    expect(metadata?.annotations).toEqual({ "slipway.dev/chart-hash": "abc" });
  });

  it("names its image by tag or by digest", async () => {
    const image = async (given: Values) => containerOf(await rendered(chart, { image: given })).image;
    const repository = `registry.example.com/${chart}`;
    expect(await image({ repository, tag: "v9.8.7" })).toBe(`${repository}:v9.8.7`);
    expect(await image({ repository, tag: "v9.8.7", digest: DIGEST })).toBe(`${repository}@${DIGEST}`);
  });

  it("refuses a value that it does not know, and says where", async () => {
    await expect(rendered(chart, { replicaz: 2 })).rejects.toThrow(/additional properties 'replicaz' not allowed/);
    await expect(rendered(chart, { image: { tag: "v1.0.0", digest: "latest" } })).rejects.toThrow(
      /at '\/image\/digest'/,
    );
  });
});

it.each([
  ["traefik", "docker.io/library/traefik:v3.6.7"],
  ["metrics-server", "registry.k8s.io/metrics-server/metrics-server:v0.9.0"],
  ["descheduler", "registry.k8s.io/descheduler/descheduler:v0.36.0"],
  ["argo-rollouts", "quay.io/argoproj/argo-rollouts:v1.10.1"],
  ["prometheus", "quay.io/prometheus/prometheus:v3.5.0"],
] as const)("charts/%s runs its own release by default", async (chart, image) => {
  expect(containerOf(await rendered(chart)).image).toBe(image);
  expect(parse(readFileSync(join(chartFolder(chart), "Chart.yaml"), "utf8")).appVersion).toBe(image.split(":")[1]);
});

/**
 * What the upstream charts, which were installed before, made under these release names. A Deployment's selector and a binding's
 * role cannot change, and an object of another name would be a second one beside it.
 */
const UPSTREAM = {
  "metrics-server": {
    name: "metrics-server",
    objects: [
      "APIService v1beta1.metrics.k8s.io",
      "ClusterRole system:metrics-server",
      "ClusterRole system:metrics-server-aggregated-reader",
      "ClusterRoleBinding metrics-server:system:auth-delegator to system:auth-delegator",
      "ClusterRoleBinding system:metrics-server to system:metrics-server",
      "Deployment metrics-server",
      "RoleBinding metrics-server-auth-reader to extension-apiserver-authentication-reader",
      "Service metrics-server",
      "ServiceAccount metrics-server",
    ],
  },
  descheduler: {
    name: "descheduler",
    objects: [
      "ClusterRole descheduler",
      "ClusterRoleBinding descheduler to descheduler",
      "ConfigMap descheduler",
      "Deployment descheduler",
      "ServiceAccount descheduler",
    ],
  },
  "cluster-autoscaler": {
    name: "aws-cluster-autoscaler",
    objects: [
      "ClusterRole cluster-autoscaler",
      "ClusterRoleBinding cluster-autoscaler to cluster-autoscaler",
      "Deployment cluster-autoscaler",
      "Role cluster-autoscaler",
      "RoleBinding cluster-autoscaler to cluster-autoscaler",
      "ServiceAccount cluster-autoscaler",
    ],
  },
} as const;

describe.each(Object.entries(UPSTREAM))("a release of the upstream chart %s", (chart, upstream) => {
  const upgraded = async () =>
    objectsOf(await renderText(chart as AddonChart, shapeValues(chart as AddonChart, "default"), "kube-system", chart));

  it("keeps its selector", async () => {
    expect(only<V1Deployment>(await upgraded(), "Deployment").spec?.selector.matchLabels).toEqual({
      "app.kubernetes.io/name": upstream.name,
      "app.kubernetes.io/instance": chart,
    });
  });

  it("keeps its objects", async () => {
    const names = (await upgraded()).map(({ kind, metadata, ...object }) => {
      const { roleRef } = object as { roleRef?: { name: string } };
      return `${kind} ${metadata?.name}${roleRef ? ` to ${roleRef.name}` : ""}`;
    });
    expect(names).toEqual(expect.arrayContaining([...upstream.objects]));
  });
});
