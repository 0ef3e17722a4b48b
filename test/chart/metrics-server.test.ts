import type { V1APIService, V1ClusterRole, V1PodDisruptionBudget, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf } from "./pod.ts";
import { only, render, rulesOf, type Values } from "./render.ts";

const metricsServer = (values: Values = {}) => render("metrics-server", values);

describe("metrics-server", () => {
  it("serves the metrics API through its Service", async () => {
    const objects = await metricsServer();
    const { spec } = only<V1APIService>(objects, "APIService", "v1beta1.metrics.k8s.io");
    const service = only<V1Service>(objects, "Service");
    expect(spec).toMatchObject({ group: "metrics.k8s.io", version: "v1beta1", insecureSkipTLSVerify: true });
    expect(spec?.service).toEqual({ name: service.metadata?.name, namespace: "shop", port: 443 });
    expect(service.spec?.ports).toMatchObject([{ port: 443, targetPort: "https" }]);
    expect(containerOf(objects).ports).toMatchObject([{ name: "https", containerPort: 10250 }]);
  });

  it("asks kubelets by address, and puts its certificate where it may write", async () => {
    const objects = await metricsServer();
    expect(containerOf(objects).args).toEqual([
      "--secure-port=10250",
      "--cert-dir=/tmp",
      "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
      "--kubelet-use-node-status-port",
      "--metric-resolution=15s",
    ]);
    expect(containerOf(objects).volumeMounts).toEqual([{ name: "tmp", mountPath: "/tmp" }]);
  });

  it("takes more flags, which win over its own", async () => {
    const args = ["--kubelet-insecure-tls", "--metric-resolution=10s"];
    expect(containerOf(await metricsServer({ args })).args?.slice(-2)).toEqual(args);
    await expect(metricsServer({ args: ["kubelet-insecure-tls"] })).rejects.toThrow(/at '\/args\/0'/);
  });

  it("may read nodes, pods and the kubelets' metrics, and nothing else", async () => {
    const objects = await metricsServer();
    expect(rulesOf(only<V1ClusterRole>(objects, "ClusterRole", "system:web"))).toEqual([
      "nodes/metrics get",
      "nodes get,list,watch",
      "pods get,list,watch",
    ]);
  });

  it("lets everyone who may view a namespace see its metrics", async () => {
    const role = only<V1ClusterRole>(await metricsServer(), "ClusterRole", "system:metrics-server-aggregated-reader");
    expect(rulesOf(role)).toEqual(["nodes get,list,watch", "pods get,list,watch"]);
    for (const to of ["admin", "edit", "view"]) {
      expect(role.metadata?.labels).toMatchObject({ [`rbac.authorization.k8s.io/aggregate-to-${to}`]: "true" });
    }
  });

  it("spreads several pods over nodes and keeps all but one of them", async () => {
    const objects = await metricsServer({ replicas: 2 });
    expect(only<V1PodDisruptionBudget>(objects, "PodDisruptionBudget").spec?.maxUnavailable).toBe(1);
    const [preferred] =
      podSpecOf(objects).affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    expect(preferred?.podAffinityTerm.topologyKey).toBe("kubernetes.io/hostname");
  });
});
