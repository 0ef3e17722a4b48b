import type {
  KubernetesObject,
  V1ClusterRole,
  V1Deployment,
  V1IngressClass,
  V1NetworkPolicy,
  V1PodDisruptionBudget,
  V1Role,
  V1Service,
} from "@kubernetes/client-node";
import { ExecaError } from "execa";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf } from "./pod.ts";
import { kindsOf, only, render, rulesOf, type Values } from "./render.ts";

const SELECTOR = { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "web" };
const traefik = (values: Values = {}) => render("traefik", values);
const argsOf = async (values: Values = {}) => containerOf(await traefik(values)).args ?? [];

describe("Traefik's arguments", () => {
  it.each([
    ["serve Ingresses", "--providers.kubernetesingress=true"],
    ["only of its class", "--providers.kubernetesingress.ingressclass=traefik"],
    ["on one entry point, and not on those of ping and metrics", "--entrypoints.web.asdefault=true"],
    ["check for no new version", "--global.checknewversion=false"],
    ["report no usage", "--global.sendanonymoususage=false"],
    ["drop a pod within half a second", "--providers.providersthrottleduration=500ms"],
    ["answer 503 for a service without pods", "--providers.kubernetesingress.allowemptyservices=true"],
    ["match paths by element", "--providers.kubernetesingress.strictprefixmatching=true"],
    ["accept requests for 15 s after SIGTERM", "--entrypoints.web.transport.lifecycle.requestacceptgracetimeout=15s"],
    ["drain for 15 s more", "--entrypoints.web.transport.lifecycle.gracetimeout=15s"],
    ["read a request for up to a minute", "--entrypoints.web.transport.respondingtimeouts.readtimeout=60s"],
    ["give a pod 3 s to accept a connection", "--serverstransport.forwardingtimeouts.dialtimeout=3s"],
    ["and a minute to answer", "--serverstransport.forwardingtimeouts.responseheadertimeout=60s"],
    ["close idle connections before Node does", "--serverstransport.forwardingtimeouts.idleconntimeout=4s"],
    ["answer ping", "--ping=true"],
    ["on its own port", "--ping.entrypoint=ping"],
  ])("%s", async (_, arg) => {
    expect(await argsOf()).toContain(arg);
  });

  it("name no other provider, dashboard, retry, access log or metrics", async () => {
    const args = (await argsOf()).join(" ");
    expect(args).not.toMatch(/--api|dashboard|retry|accesslog|metrics|kubernetescrd|kubernetesgateway|providers\.file/);
  });

  it("follow the values", async () => {
    const args = await argsOf({
      accessLog: true,
      metricsFrom: ["monitoring"],
      logLevel: "WARN",
      trustedIPs: ["10.0.0.0/8", "fd00::/8"],
      ingressClass: { name: "edge" },
      throttle: "2s",
      shutdown: { acceptSeconds: 20, drainSeconds: 40 },
      timeouts: { keepAliveMax: "10s", write: "90s", idle: "75s" },
    });
    expect(args).toEqual(
      expect.arrayContaining([
        "--accesslog=true",
        "--metrics.prometheus.entrypoint=metrics",
        "--log.level=WARN",
        "--entrypoints.web.forwardedheaders.trustedips=10.0.0.0/8,fd00::/8",
        "--providers.kubernetesingress.ingressclass=edge",
        "--providers.providersthrottleduration=2s",
        "--entrypoints.web.transport.lifecycle.requestacceptgracetimeout=20s",
        "--entrypoints.ping.transport.lifecycle.requestacceptgracetimeout=20s",
        "--entrypoints.web.transport.lifecycle.gracetimeout=40s",
        "--entrypoints.web.transport.keepalivemaxtime=10s",
        "--entrypoints.web.transport.respondingtimeouts.writetimeout=90s",
        "--entrypoints.web.transport.respondingtimeouts.idletimeout=75s",
      ]),
    );
  });
});

describe("IngressRoutes", () => {
  const routes = { kubernetesCRD: true };
  const crds = (objects: KubernetesObject[]) => objects.filter(({ kind }) => kind === "CustomResourceDefinition");

  it("are served on request, only those of the class, also without a ready pod", async () => {
    expect(await argsOf({ ...routes, ingressClass: { name: "edge" }, namespaces: ["billing"] })).toEqual(
      expect.arrayContaining([
        "--providers.kubernetescrd=true",
        "--providers.kubernetescrd.ingressclass=edge",
        "--providers.kubernetescrd.allowemptyservices=true",
        "--providers.kubernetescrd.namespaces=billing",
      ]),
    );
    expect((await argsOf(routes)).join(" ")).not.toContain("kubernetescrd.namespaces");
    expect(crds(await traefik())).toEqual([]);
  });

  it("bring every kind that Traefik watches, and these stay when the release goes", async () => {
    const kinds = crds(await traefik(routes));
    const watched = "ingressroutes ingressroutetcps ingressrouteudps middlewares middlewaretcps serverstransports";
    const names = `${watched} serverstransporttcps tlsoptions tlsstores traefikservices`.split(" ");
    expect(kinds.map(({ metadata }) => metadata?.name)).toEqual(names.map((name) => `${name}.traefik.io`));
    for (const { metadata } of kinds) expect(metadata?.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
    const rules = rulesOf(only<V1ClusterRole>(await traefik(routes), "ClusterRole"));
    expect(rules).toEqual(
      expect.arrayContaining([...names.map((name) => `${name} list,watch`), "configmaps list,watch"]),
    );
  });
});

describe("Traefik's metrics", () => {
  it("are read by the namespaces that are named, and by no others", async () => {
    const objects = await traefik({ metricsFrom: ["shop-prometheus", "monitoring"] });
    expect(only<V1Service>(objects, "Service", "web-metrics").spec).toMatchObject({
      clusterIP: "None",
      selector: SELECTOR,
      ports: [{ port: 9100, targetPort: "metrics" }],
    });
    const from = ["shop-prometheus", "monitoring"].map((name) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    }));
    expect(only<V1NetworkPolicy>(objects, "NetworkPolicy").spec?.ingress).toEqual([
      { ports: [{ port: "web", protocol: "TCP" }] },
      { ports: [{ port: "metrics", protocol: "TCP" }], from },
    ]);
    expect((await traefik()).map(({ metadata }) => metadata?.name)).not.toContain("web-metrics");
  });

  it("tell 40 ms from 90 ms", async () => {
    const arg = (await argsOf({ metricsFrom: ["a"] })).find((arg) => arg.startsWith("--metrics.prometheus.buckets="));
    const buckets = arg?.split("=")[1]?.split(",").map(Number) ?? [];
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(buckets.filter((bucket) => bucket >= 0.04 && bucket < 0.09).length).toBeGreaterThan(0);
    expect(buckets.at(-1)).toBe(10);
  });
});

describe("Traefik's pods", () => {
  it("are two, never fewer during a rollout, with time to stop", async () => {
    const objects = await traefik();
    expect(only<V1Deployment>(objects, "Deployment").spec).toMatchObject({
      replicas: 2,
      minReadySeconds: 10,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    expect(podSpecOf(objects).terminationGracePeriodSeconds).toBe(35);
    expect(only<V1PodDisruptionBudget>(objects, "PodDisruptionBudget").spec?.maxUnavailable).toBe(1);
    expect(kindsOf(await traefik({ replicas: 1 }))).not.toContain("PodDisruptionBudget");
  });

  it("run the tag of the chart, another, or a digest", async () => {
    const image = async (given: object) => containerOf(await traefik({ image: given })).image;
    expect(await image({})).toBe("docker.io/library/traefik:v3.6.7");
    expect(await image({ repository: "r.example.com/traefik", tag: "v3.6.9" })).toBe("r.example.com/traefik:v3.6.9");
    const digest = `sha256:${"1".repeat(64)}`;
    expect(await image({ tag: "v3.6.9", digest })).toBe(`docker.io/library/traefik@${digest}`);
  });

  it("prefer different hosts, or require them, for each revision by itself so that a rollout finds room", async () => {
    const term = {
      topologyKey: "kubernetes.io/hostname",
      labelSelector: { matchLabels: SELECTOR },
      matchLabelKeys: ["pod-template-hash"],
    };
    expect(podSpecOf(await traefik()).affinity?.podAntiAffinity).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
    });
    expect(podSpecOf(await traefik({ spread: "required" })).affinity?.podAntiAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [term],
    });
  });

  it("are checked by ping, once the routes are read", async () => {
    const { readinessProbe, livenessProbe } = containerOf(await traefik());
    expect(readinessProbe).toMatchObject({ httpGet: { path: "/ping", port: "ping" }, initialDelaySeconds: 5 });
    expect(livenessProbe).toMatchObject({ httpGet: { path: "/ping", port: "ping" }, failureThreshold: 6 });
  });

  it("run as an unprivileged user that can write only to /tmp", async () => {
    const objects = await traefik();
    expect(podSpecOf(objects).securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(containerOf(objects).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(containerOf(objects).volumeMounts).toEqual([{ name: "tmp", mountPath: "/tmp" }]);
  });
});

describe("Traefik's rights", () => {
  const own = ["ingressclasses list,watch", "nodes list,watch"];
  const shared = ["services list,watch", "secrets list,watch", "endpointslices list,watch", "ingresses list,watch"];

  const balancer = { service: { type: "LoadBalancer" } };

  it("are to read what an Ingress leads to, and to write its status", async () => {
    const objects = await traefik(balancer);
    const rules = rulesOf(only<V1ClusterRole>(objects, "ClusterRole"));
    expect(rules).toEqual([...own, ...shared, "ingresses/status update"]);
    expect(kindsOf(objects)).not.toContain("Role");
  });

  it("do not include writing if no status is published", async () => {
    for (const values of [{ ...balancer, publishStatus: false }, {}]) {
      const objects = await traefik(values);
      expect(rulesOf(only<V1ClusterRole>(objects, "ClusterRole"))).toEqual([...own, ...shared]);
      expect((containerOf(objects).args ?? []).join(" ")).not.toContain("publishedservice");
    }
  });

  it("are limited to the namespaces that are named, and its own", async () => {
    const objects = await traefik({ ...balancer, namespaces: ["billing"] });
    expect(rulesOf(only<V1ClusterRole>(objects, "ClusterRole"))).toEqual(own);
    const roles = objects.filter(({ kind }) => kind === "Role") as V1Role[];
    expect(roles.map(({ metadata }) => metadata?.namespace)).toEqual(["billing", "shop"]);
    for (const role of roles) expect(rulesOf(role)).toEqual([...shared, "ingresses/status update"]);
    expect(containerOf(objects).args).toContain("--providers.kubernetesingress.namespaces=billing,shop");
  });
});

describe("Traefik's Service and class", () => {
  it("is a port of the nodes, for which Helm need not wait, or a load balancer", async () => {
    const { spec: balancer } = only<V1Service>(await traefik({ service: { type: "LoadBalancer" } }), "Service");
    expect(balancer?.type).toBe("LoadBalancer");
    expect(only<V1Service>(await traefik(), "Service").spec).toMatchObject({
      type: "NodePort",
      selector: SELECTOR,
      ports: [{ name: "web", port: 80, targetPort: "web" }],
    });
    const onNodes = await traefik({ service: { type: "NodePort", nodePort: 31080, annotations: { a: "b" } } });
    const { metadata, spec } = only<V1Service>(onNodes, "Service");
    expect(spec?.ports?.[0]).toMatchObject({ port: 80, nodePort: 31080 });
    expect(metadata?.annotations).toEqual({ a: "b" });
  });

  it("is the default class, named traefik", async () => {
    expect(only<V1IngressClass>(await traefik(), "IngressClass")).toMatchObject({
      metadata: { name: "traefik", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      spec: { controller: "traefik.io/ingress-controller" },
    });
  });

  it("opens only the public port", async () => {
    expect(only(await traefik(), "NetworkPolicy")).toMatchObject({
      spec: {
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: [{ port: "web", protocol: "TCP" }] }],
        egress: [{}],
      },
    });
  });
});

describe("Traefik's values", () => {
  it.each<[Values, RegExp]>([
    [{ replica: 3 }, /additional properties 'replica' not allowed/],
    [{ spread: "always" }, /at '\/spread'/],
    [{ throttle: "2 seconds" }, /at '\/throttle'/],
    [{ image: { digest: "latest" } }, /at '\/image\/digest'/],
  ])("%o are refused, with the place", async (values, message) => {
    const error = await traefik(values).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ExecaError);
    expect(String((error as ExecaError).stderr)).toMatch(message);
  });
});
