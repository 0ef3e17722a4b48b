import type { KubernetesObject, V1NetworkPolicy, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podTemplateOf } from "./pod.ts";
import { kindsOf, LEAST, NAME, NAMESPACE, objectsOf, only, renderService, renderText, type Values } from "./render.ts";

const metrics = { port: 9464, from: "monitoring" };

async function callersOf(values: Values): Promise<unknown> {
  const { spec } = only<V1NetworkPolicy>(await renderService(values), "NetworkPolicy");
  return JSON.parse(JSON.stringify(spec?.ingress));
}

const fromMonitoring = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }];

describe("metrics", () => {
  it("have a port of the container and the Service, open to the namespace of Prometheus only", async () => {
    const objects = await renderService({ metrics });
    expect(containerOf(objects).ports).toContainEqual({ name: "metrics", containerPort: 9464, protocol: "TCP" });
    expect(only<V1Service>(objects, "Service", NAME).spec?.ports).toContainEqual({
      name: "metrics",
      port: 9464,
      targetPort: "metrics",
      protocol: "TCP",
    });
    expect(await callersOf({ metrics, network: { allowFrom: ["api"] } })).toEqual([
      {
        ports: [{ port: "http", protocol: "TCP" }],
        from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "api" } } }],
      },
      { ports: [{ port: "metrics", protocol: "TCP" }], from: fromMonitoring },
    ]);
  });

  it.each([
    [{ metrics: { ...metrics, port: 8080 } }, "http"],
    [{ metrics, ports: { admin: { port: 9464 } } }, "admin"],
  ])("of %o use the port %s that the container has anyway", async (values, port) => {
    const objects = await renderService(values);
    expect(containerOf(objects).ports?.map(({ name }) => name)).not.toContain("metrics");
    expect(only<V1Service>(objects, "Service", NAME).spec?.ports?.map(({ name }) => name)).not.toContain("metrics");
    expect(await callersOf(values)).toEqual([{ ports: [{ port, protocol: "TCP" }], from: fromMonitoring }]);
  });

  it("of a worker have a Service for themselves", async () => {
    const objects = await renderService({ port: undefined, metrics });
    expect(only<V1Service>(objects, "Service", NAME).spec?.ports?.map(({ name }) => name)).toEqual(["metrics"]);
    expect(await callersOf({ port: undefined, metrics })).toEqual([
      { ports: [{ port: "metrics", protocol: "TCP" }], from: fromMonitoring },
    ]);
  });

  it("are annotations of the pods only if asked", async () => {
    expect(podTemplateOf(await renderService({ metrics })).metadata?.annotations).toBeUndefined();
    const asked = { ...metrics, annotations: true, path: "/prometheus" };
    const objects = await renderService({ metrics: asked, podAnnotations: { "example.com/team": "backend" } });
    expect(podTemplateOf(objects).metadata?.annotations).toEqual({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9464",
      "prometheus.io/path": "/prometheus",
      "example.com/team": "backend",
    });
  });
});

describe("a ServiceMonitor", () => {
  const monitorOf = async (values: Values) => {
    const objects = await renderService(values);
    return only<KubernetesObject & { spec: { endpoints: { port: string }[] } }>(objects, "ServiceMonitor");
  };

  it("reads each pod once, by the main Service", async () => {
    const asked = { ...metrics, path: "/prometheus", intervalSeconds: 15, serviceMonitor: true };
    expect(await monitorOf({ metrics: asked, kind: "stateful" })).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      spec: {
        jobLabel: "app.kubernetes.io/name",
        selector: { matchLabels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web" } },
        endpoints: [
          {
            port: "metrics",
            path: "/prometheus",
            interval: "15s",
            relabelings: [{ sourceLabels: ["__meta_kubernetes_service_name"], regex: "web", action: "keep" }],
          },
        ],
      },
    });
  });

  it("has the labels by which Prometheus selects it", async () => {
    const { metadata } = await monitorOf({ metrics: { ...metrics, serviceMonitor: { labels: { release: "prom" } } } });
    expect(metadata?.labels).toMatchObject({ release: "prom", "app.kubernetes.io/name": "web" });
    const none = await monitorOf({ metrics: { ...metrics, serviceMonitor: { labels: {} } } });
    expect(none.spec).toMatchObject({ jobLabel: "app.kubernetes.io/name" });
  });

  it.each([
    [{ preset: "http" }, "http"],
    [{ preset: "tcp" }, "tcp"],
  ])("names the port of the Service for %o: %s", async (probes, port) => {
    const { spec } = await monitorOf({ probes, metrics: { ...metrics, port: 8080, serviceMonitor: true } });
    expect(spec.endpoints[0]?.port).toBe(port);
  });

  it("is left to the cluster unless the team says it", async () => {
    const kinds = async (fields: Values, ...apiVersions: string[]) => {
      const values = { ...LEAST, metrics: { ...metrics, ...fields } };
      return kindsOf(
        objectsOf(
          await renderText(
            "service",
            values,
            NAMESPACE,
            NAME,
            apiVersions.flatMap((version) => ["--api-versions", version]),
          ),
        ),
      );
    };
    const known = "monitoring.coreos.com/v1/ServiceMonitor";
    expect(await kinds({})).not.toContain("ServiceMonitor");
    expect(await kinds({}, known)).toContain("ServiceMonitor");
    expect(await kinds({ serviceMonitor: false }, known)).not.toContain("ServiceMonitor");
    expect(await kinds({ serviceMonitor: true })).toContain("ServiceMonitor");
  });
});
