import type { V1Ingress, V1Service, V1StatefulSet } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podTemplateOf } from "./pod.ts";
import { kindsOf, NAME, NAMESPACE, only, render, renderService, shapesOf, shapeValues } from "./render.ts";

const SELECTOR = { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web" };

describe("every object", () => {
  it.each(shapesOf("service"))("of %s has the release's name, namespace and labels", async (shape) => {
    const values = shapeValues("service", shape);
    for (const { kind, metadata } of await render("service", values)) {
      expect(metadata?.name, kind).toMatch(
        new RegExp(`^${NAME}(-(headless|preview|stable|canary|smoke|requests|check|tls|rollout(-[0-9a-f]{8})?))?$`),
      );
      expect(metadata?.namespace, kind).toBe(NAMESPACE);
      expect(metadata?.labels, kind).toMatchObject({
        ...SELECTOR,
        "app.kubernetes.io/version": values.release,
        "app.kubernetes.io/managed-by": "Helm",
        "helm.sh/chart": "service-0.1.0",
      });
    }
  });

  it.each(shapesOf("service"))("of %s is deleted by a release that no longer has it", async (shape) => {
    const text = JSON.stringify(await render("service", shapeValues("service", shape)));
    expect(text).not.toContain("helm.sh/resource-policy");
    expect(text).not.toContain("helm.sh/hook");
  });

  it("is selected by labels that no release changes", async () => {
    const selector = async (release: string) =>
      only<V1StatefulSet>(await renderService({ release }), "Deployment").spec;
    expect((await selector("v1"))?.selector).toEqual({ matchLabels: SELECTOR });
    expect((await selector("v2"))?.selector).toEqual({ matchLabels: SELECTOR });
  });

  it("has the release's version on the pods, and the chart's only outside them", async () => {
    expect(podTemplateOf(await renderService()).metadata?.labels).toEqual({
      ...SELECTOR,
      "app.kubernetes.io/version": "v1.0.0",
      "app.kubernetes.io/managed-by": "Helm",
    });
  });
});

describe("a service is reached", () => {
  it("through its Service on port 80, whatever port the container listens on", async () => {
    const objects = await renderService({ port: 3000 });
    expect(containerOf(objects).ports).toEqual([{ name: "http", containerPort: 3000, protocol: "TCP" }]);
    expect(only<V1Service>(objects, "Service", NAME).spec).toEqual({
      type: "ClusterIP",
      selector: SELECTOR,
      ports: [{ name: "http", port: 80, targetPort: "http", protocol: "TCP" }],
    });
  });

  it.each(["tcp", "exec"])(
    "on the port that its clients know if it is checked by %s, and on port 80 for clients of today",
    async (preset) => {
      const objects = await renderService({
        port: 6379,
        probes: { preset, ...(preset === "exec" && { command: ["/check"] }) },
      });
      expect(containerOf(objects).ports).toEqual([{ name: "http", containerPort: 6379, protocol: "TCP" }]);
      expect(only<V1Service>(objects, "Service", NAME).spec?.ports).toEqual([
        { name: "tcp", port: 6379, targetPort: "http", protocol: "TCP" },
        { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
      ]);
    },
  );

  it.each([
    [{ servicePort: 8080 }, { name: "http", port: 8080 }],
    [
      { servicePort: 6380, probes: { preset: "tcp" } },
      { name: "tcp", port: 6380 },
    ],
    [
      { port: 80, probes: { preset: "tcp" } },
      { name: "tcp", port: 80 },
    ],
    [
      { hosts: ["a.example.com"], probes: { preset: "tcp" } },
      { name: "http", port: 80 },
    ],
    [
      { hosts: ["a.example.com"], servicePort: 90, probes: { preset: "tcp" } },
      { name: "http", port: 90 },
    ],
  ])("of %o on one port: %o", async (values, port) => {
    const { spec } = only<V1Service>(await renderService(values), "Service", NAME);
    expect(spec?.ports).toEqual([{ ...port, targetPort: "http", protocol: "TCP" }]);
  });

  it("on other ports, each with a name and a protocol", async () => {
    const ports = {
      admin: { port: 9000, servicePort: 8000, appProtocol: "http" },
      stats: { port: 8125, protocol: "UDP" },
    };
    const objects = await renderService({ kind: "stateful", ports });
    expect(containerOf(objects).ports).toEqual([
      { name: "http", containerPort: 8080, protocol: "TCP" },
      { name: "admin", containerPort: 9000, protocol: "TCP" },
      { name: "stats", containerPort: 8125, protocol: "UDP" },
    ]);
    expect(only<V1Service>(objects, "Service", NAME).spec?.ports).toEqual([
      { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
      { name: "admin", port: 8000, targetPort: "admin", protocol: "TCP", appProtocol: "http" },
      { name: "stats", port: 8125, targetPort: "stats", protocol: "UDP" },
    ]);
    expect(only<V1Service>(objects, "Service", `${NAME}-headless`).spec?.ports).toEqual([
      { name: "http", port: 8080, targetPort: "http", protocol: "TCP" },
      { name: "admin", port: 9000, targetPort: "admin", protocol: "TCP" },
      { name: "stats", port: 8125, targetPort: "stats", protocol: "UDP" },
    ]);
  });

  it("through a Service with annotations of the team", async () => {
    const serviceAnnotations = { "example.com/team": "backend" };
    const { metadata } = only<V1Service>(await renderService({ serviceAnnotations }), "Service", NAME);
    expect(metadata?.annotations).toEqual(serviceAnnotations);
  });

  it("from outside only if it has hosts", async () => {
    const objects = await renderService({ hosts: ["a.example.com", "b.example.com"], path: "/shop" });
    const rule = (host: string) => ({
      host,
      http: {
        paths: [{ path: "/shop", pathType: "Prefix", backend: { service: { name: "web", port: { name: "http" } } } }],
      },
    });
    expect(only<V1Ingress>(objects, "Ingress").spec).toEqual({
      ingressClassName: "traefik",
      rules: [rule("a.example.com"), rule("b.example.com")],
    });
    expect(kindsOf(await renderService())).not.toContain("Ingress");
  });

  it("at / of a host by default", async () => {
    const { spec } = only<V1Ingress>(await renderService({ hosts: ["a.example.com"] }), "Ingress");
    expect(spec?.rules?.[0]?.http?.paths[0]?.path).toBe("/");
  });

  it("over HTTP/2 if it speaks gRPC", async () => {
    const service = only<V1Service>(
      await renderService({ probes: { preset: "grpc" }, hosts: ["a.example.com"] }),
      "Service",
      NAME,
    );
    expect(service.spec?.ports?.[0]?.appProtocol).toBe("kubernetes.io/h2c");
    expect(service.metadata?.annotations).toEqual({ "traefik.ingress.kubernetes.io/service.serversscheme": "h2c" });
  });

  it("not at all without a port", async () => {
    const services = (await renderService({ port: undefined })).filter(({ kind }) => kind === "Service");
    expect(services.map(({ metadata }) => metadata?.name)).toEqual([`${NAME}-rollout`]);
  });
});

describe("a stateful service", () => {
  const volume = { size: "10Gi", mountPath: "/var/lib/data", storageClass: "gp3" };

  it("has a name for each pod, and replaces them one by one so that a rollback is possible", async () => {
    const objects = await renderService({ kind: "stateful", replicas: { min: 3 } });
    expect(only<V1StatefulSet>(objects, "StatefulSet").spec).toMatchObject({
      serviceName: "web-headless",
      replicas: 3,
      minReadySeconds: 10,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    });
    const careful = await renderService({
      kind: "stateful",
      replicas: { min: 3, max: 5 },
      rollout: { canaryPods: 1 },
    });
    // No pod is replaced before the program has seen the rollout.
    expect(only<V1StatefulSet>(careful, "StatefulSet").spec?.updateStrategy?.rollingUpdate?.partition).toBe(5);
    expect(only<V1Service>(objects, "Service", "web-headless").spec).toEqual({
      type: "ClusterIP",
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: SELECTOR,
      ports: [{ name: "http", port: 8080, targetPort: "http", protocol: "TCP" }],
    });
    expect(only<V1Service>(objects, "Service", "web").spec?.ports?.[0]?.port).toBe(80);
  });

  it("has a volume for each pod, which is kept", async () => {
    const objects = await renderService({ kind: "stateful", volume });
    const { spec } = only<V1StatefulSet>(objects, "StatefulSet");
    expect(spec?.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    expect(spec?.volumeClaimTemplates).toEqual([
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data", labels: SELECTOR },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: "gp3",
          resources: { requests: { storage: "10Gi" } },
        },
      },
    ]);
    expect(containerOf(objects).volumeMounts).toContainEqual({ name: "data", mountPath: "/var/lib/data" });
  });
});
