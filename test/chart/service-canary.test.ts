import type { KubernetesObject, V1NetworkPolicy, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.ts";
import { kindsOf, only, renderService, type Values } from "./render.ts";

const hosts = ["shop.example.com"];
const prometheus = "http://prometheus.shop-prometheus.svc:9090";
const rolloutsNamespace = "shop-rollouts";
const ports = { admin: { port: 9000 } };

type Step = Record<string, unknown>;
interface Canary {
  stableService?: string;
  canaryService?: string;
  trafficRouting?: object;
  minPodsPerReplicaSet?: number;
  maxSurge?: number;
  steps: Step[];
  analysis?: { startingStep: number; templates: { templateName: string }[] };
}
type Rollout = KubernetesObject & { spec: { strategy: { canary: Canary } } };
interface Metric {
  name: string;
  interval?: string;
  initialDelay?: string;
  failureLimit?: number;
  inconclusiveLimit?: number;
  consecutiveErrorLimit?: number;
  successCondition?: string;
  failureCondition?: string;
  provider: {
    prometheus?: { address: string; query: string; timeout: number };
    web?: { url: string };
    job?: {
      spec: { backoffLimit: number; activeDeadlineSeconds: number; template: { metadata: object; spec: object } };
    };
  };
}
type AnalysisTemplate = KubernetesObject & { spec: { metrics: Metric[] } };
interface Routed {
  match: string;
  priority?: number;
  middlewares?: { name: string }[];
  services: { name: string; kind: string; port?: string; scheme?: string }[];
}
type IngressRoute = KubernetesObject & { spec: { routes: Routed[]; tls?: { secretName: string } } };
type TraefikService = KubernetesObject & { spec: { weighted: { services: object[]; sticky?: object } } };

const objectsOf = (values: Values = {}, rollout: Values = {}) =>
  renderService({ hosts, ...values, rollout: { strategy: "canary", ...rollout } });
const canaryOf = async (values: Values = {}, rollout: Values = {}) =>
  only<Rollout>(await objectsOf(values, rollout), "Rollout").spec.strategy.canary;
const routesOf = async (values: Values = {}, rollout: Values = {}) =>
  only<IngressRoute>(await objectsOf(values, rollout), "IngressRoute", "web").spec.routes;
const templateOf = async (name: string, analysis: Values, values: Values = {}) =>
  only<AnalysisTemplate>(
    await objectsOf({ prometheus, rolloutsNamespace, ...values }, { analysis }),
    "AnalysisTemplate",
    name,
  ).spec.metrics;

describe("a canary of a service with hosts", () => {
  it("moves requests in steps, from one Service to the other", async () => {
    expect(await canaryOf()).toMatchObject({
      stableService: "web-stable",
      canaryService: "web-canary",
      trafficRouting: { traefik: { weightedTraefikServiceName: "web" } },
      scaleDownDelaySeconds: 30,
      abortScaleDownDelaySeconds: 30,
      steps: [{ setWeight: 10 }, { pause: { duration: "60s" } }, { setWeight: 50 }, { pause: { duration: "60s" } }],
    });
    const { steps } = await canaryOf({}, { steps: [{ weight: 5 }, { pause: "manual" }] });
    expect(steps).toEqual([{ setWeight: 5 }, { pause: {} }]);
  });

  it("has two pods at least, unless the service has one", async () => {
    expect((await canaryOf()).minPodsPerReplicaSet).toBe(2);
    expect((await canaryOf({ replicas: { min: 1 } })).minPodsPerReplicaSet).toBe(1);
  });

  it("has Services with the ports of the service, whose selector the controller completes", async () => {
    const objects = await objectsOf({ ports });
    const own = only<V1Service>(objects, "Service", "web").spec;
    for (const name of ["web-stable", "web-canary"])
      expect(only<V1Service>(objects, "Service", name).spec).toEqual({ ...own });
  });

  it("leaves the weights to the controller, in a list that never changes", async () => {
    const weights = async (values: Values) =>
      only<TraefikService>(await objectsOf(values), "TraefikService", "web").spec;
    const services = ["stable", "canary"].map((version) => ({ name: `web-${version}`, kind: "TraefikService" }));
    expect(await weights({})).toEqual({ weighted: { services } });
    const changed = { probes: { preset: "grpc" }, ingress: { sticky: true }, servicePort: 8080, ports };
    expect((await weights(changed)).weighted.services).toEqual(services);
  });

  it("speaks gRPC to its pods, and leads a client to the same version and pod, if asked to", async () => {
    const values = { probes: { preset: "grpc" }, ingress: { sticky: { secure: false } } };
    const objects = await objectsOf(values);
    const cookie = { httpOnly: true, sameSite: "lax", secure: false };
    for (const version of ["stable", "canary"]) {
      const { weighted } = only<TraefikService>(objects, "TraefikService", `web-${version}`).spec;
      expect(weighted.services).toEqual([
        { name: `web-${version}`, kind: "Service", port: "http", scheme: "h2c", sticky: { cookie } },
      ]);
    }
    expect(only<TraefikService>(objects, "TraefikService", "web").spec.weighted.sticky).toEqual({ cookie });
  });
});

describe("the IngressRoute", () => {
  it("stands before the Ingress, which stays, with the class that the controller looks for", async () => {
    const annotations = { "cert-manager.io/cluster-issuer": "letsencrypt" };
    const objects = await objectsOf({ ingress: { annotations } });
    expect(only(objects, "Ingress").metadata?.annotations).toEqual(annotations);
    expect(only(objects, "IngressRoute").metadata?.annotations).toEqual({ "kubernetes.io/ingress.class": "traefik" });
    expect(kindsOf(await renderService({ hosts }))).not.toContain("IngressRoute");
  });

  it.each<[string, unknown, string]>([
    ["shop.example.com", "/", "Host(`shop.example.com`) && PathPrefix(`/`)"],
    ["shop.example.com", "/api", "Host(`shop.example.com`) && (Path(`/api`) || PathPrefix(`/api/`))"],
    ["shop.example.com", "/api/", "Host(`shop.example.com`) && (Path(`/api`) || PathPrefix(`/api/`))"],
    ["shop.example.com", { path: "/a", type: "Exact" }, "Host(`shop.example.com`) && Path(`/a`)"],
    ["*.example.com", "/", "HostRegexp(`^[a-zA-Z0-9-]+\\.example\\.com$`) && PathPrefix(`/`)"],
  ])("matches %s %o as the Ingress does", async (host, path, match) => {
    const routes = await routesOf({ hosts: [host], ingress: { paths: [path] } });
    const services = [{ name: "web", kind: "TraefikService" }];
    expect(routes).toEqual([{ kind: "Rule", match, priority: match.length + 1, services }]);
  });

  it("leads the header to the canary, before the same path and no other", async () => {
    const header = { name: "X-Canary", value: "always" };
    const [tested, root] = await routesOf({}, { header });
    expect(root?.match).toBe("Host(`shop.example.com`) && PathPrefix(`/`)");
    expect(tested).toMatchObject({
      match: `${root?.match} && Header(\`X-Canary\`, \`always\`)`,
      priority: (root?.priority ?? 0) + 1,
      services: [{ name: "web-canary", kind: "TraefikService" }],
    });
    const [longer] = await routesOf({ ingress: { paths: ["/a"] } });
    expect(longer?.match.length).toBeGreaterThan(tested?.priority ?? 0);
  });

  it("leads paths of other ports to the stable version", async () => {
    const paths = ["/", { path: "/admin", port: "admin" }];
    const header = { name: "X-Canary", value: "always" };
    const routes = await routesOf({ ports, ingress: { paths } }, { header });
    expect(routes).toHaveLength(3);
    expect(routes[2]?.services).toEqual([{ name: "web-stable", kind: "Service", port: "admin" }]);
  });

  it("has middlewares, without the namespace of those in its own", async () => {
    const [route] = await routesOf({ ingress: { middlewares: ["shop-auth@kubernetescrd", "limit@file"] } });
    expect(route?.middlewares).toEqual([{ name: "auth" }, { name: "limit@file" }]);
  });

  it("has a second one for HTTPS", async () => {
    const objects = await objectsOf({ ingress: { tls: { secretName: "wildcard" } } });
    const plain = only<IngressRoute>(objects, "IngressRoute", "web").spec;
    expect(only<IngressRoute>(objects, "IngressRoute", "web-tls").spec).toEqual({
      ...plain,
      tls: { secretName: "wildcard" },
    });
    expect(plain).not.toHaveProperty("tls");
  });
});

describe("an analysis of requests", () => {
  const all = 'sum(increase(traefik_service_requests_total{service="shop-web-canary-http@kubernetescrd"}[30s]))';

  it("asks Prometheus once in an interval, from the first request on", async () => {
    const [rate] = await templateOf("web-requests", { successRate: 99.5 });
    expect(rate).toMatchObject({
      name: "success-rate",
      interval: "30s",
      initialDelay: "30s",
      failureLimit: 0,
      consecutiveErrorLimit: 4,
      successCondition: "len(result) == 0 || isNaN(result[0]) || result[0] >= 99.5",
      provider: { prometheus: { address: prometheus, timeout: 10 } },
    });
    expect(rate).not.toHaveProperty("failureCondition");
    expect(rate?.provider.prometheus?.query).toContain(`/ ${all}) and ${all} >= 20`);
    const values = { prometheus, rolloutsNamespace };
    const analysis = { successRate: 99 };
    expect((await canaryOf(values, { analysis })).analysis).toEqual({
      startingStep: 1,
      templates: [{ templateName: "web-requests" }],
    });
    expect((await canaryOf(values, { analysis: { ...analysis, path: "/smoke" } })).analysis?.startingStep).toBe(4);
  });

  it("counts a canary that answers nothing but errors as failed, and not as one without requests", async () => {
    const [rate] = await templateOf("web-requests", { successRate: 99 });
    expect(rate?.provider.prometheus?.query).toMatch(
      /^100 \* \(1 - \(sum\(increase\(.*code=~"5\.\."\}\[30s\]\)\) or vector\(0\)\)/,
    );
  });

  it("counts the errors of gRPC by its own status", async () => {
    const [rate] = await templateOf("web-requests", { successRate: 99 }, { probes: { preset: "grpc" } });
    expect(rate?.provider.prometheus?.query).toContain('code=~"2|4|13|14|15|5.."');
  });

  it("asks for the 95th percentile in milliseconds", async () => {
    const analysis = { p95Milliseconds: 250, intervalSeconds: 20, minimumRequests: 5, failureLimit: 1 };
    const [p95] = await templateOf("web-requests", analysis);
    expect(p95).toMatchObject({ name: "p95-milliseconds", interval: "20s", failureLimit: 1 });
    expect(p95?.successCondition).toContain("result[0] <= 250");
    const { query = "" } = p95?.provider.prometheus ?? {};
    expect(query).toMatch(/^1000 \* histogram_quantile\(0\.95, sum by \(le\) \(increase\(/);
    expect(query).toMatch(/\[20s\]\)\) >= 5$/);
  });

  it("holds the canary if there are too few requests, if asked to", async () => {
    const [rate] = await templateOf("web-requests", { successRate: 99, onTooFew: "hold", inconclusiveLimit: 1 });
    expect(rate).toMatchObject({
      inconclusiveLimit: 1,
      successCondition: "len(result) > 0 && !isNaN(result[0]) && result[0] >= 99",
      failureCondition: "len(result) > 0 && !isNaN(result[0]) && !(result[0] >= 99)",
    });
  });

  it("goes on without Prometheus, if asked to", async () => {
    const [rate] = await templateOf("web-requests", { successRate: 99, onError: "promote" });
    expect(rate?.consecutiveErrorLimit).toBeGreaterThan(100_000);
  });
});

describe("a check before the first request", () => {
  const analysis = { command: ["/bin/smoke"], path: "/smoke" };
  const values = { prometheus, rolloutsNamespace };

  it("comes before the first weight, with one pod of the new version", async () => {
    const { steps } = await canaryOf(values, { analysis, steps: [{ weight: 20 }, { pause: 10 }] });
    expect(steps).toEqual([
      { setCanaryScale: { replicas: 1 } },
      { analysis: { templates: [{ templateName: "web-check" }] } },
      { setCanaryScale: { matchTrafficWeight: true } },
      { setWeight: 20 },
      { pause: { duration: "10s" } },
    ]);
  });

  it("runs a command of the service's image in a pod that is none of the service's", async () => {
    const [command] = await templateOf("web-check", { ...analysis, timeoutSeconds: 30 }, { configName: "web-1" });
    const job = command?.provider.job?.spec;
    expect(job).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 30 });
    expect(job?.template.metadata).toEqual({
      labels: { "app.kubernetes.io/name": "web-smoke", "app.kubernetes.io/instance": "web-smoke" },
    });
    expect(job?.template.spec).toMatchObject({
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          command: ["/bin/smoke"],
          env: expect.arrayContaining([{ name: "CANARY_URL", value: "http://web-canary.shop.svc:80" }]),
          envFrom: [{ configMapRef: { name: "web-1" } }],
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        },
      ],
    });
  });

  it("asks a path of the canary", async () => {
    const metrics = await templateOf("web-check", { path: "/smoke" }, { servicePort: 8080 });
    expect(metrics).toEqual([
      {
        name: "path",
        initialDelay: "5s",
        provider: { web: { url: "http://web-canary.shop.svc:8080/smoke", timeoutSeconds: 10 } },
      },
    ]);
  });

  it("is let in by the network policy, and gets out only to what the service may call", async () => {
    const objects = await objectsOf(values, { analysis });
    const callers = only<V1NetworkPolicy>(objects, "NetworkPolicy", "web").spec?.ingress ?? [];
    const smoke = { matchLabels: { "app.kubernetes.io/name": "web-smoke", "app.kubernetes.io/instance": "web-smoke" } };
    expect(callers.at(-1)).toEqual({
      ports: [{ port: "http", protocol: "TCP" }],
      from: [
        { podSelector: smoke },
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": rolloutsNamespace } } },
      ],
    });
    const policy = only<V1NetworkPolicy>(objects, "NetworkPolicy", "web-smoke").spec;
    expect(policy).toMatchObject({ podSelector: smoke, policyTypes: ["Ingress", "Egress"], ingress: [] });
    const without = (await objectsOf()).filter(({ kind }) => kind === "NetworkPolicy");
    expect(without.map(({ metadata }) => metadata?.name)).toEqual(["web"]);
  });
});

describe("a canary of a service without hosts", () => {
  it("is one of pods, and needs no ingress controller", async () => {
    const objects = await objectsOf({ hosts: [], port: undefined, replicas: { min: 4 } }, { maxSurge: 2 });
    const { steps, ...canary } = only<Rollout>(objects, "Rollout").spec.strategy.canary;
    expect(canary).toEqual({ maxSurge: 2, maxUnavailable: 0 });
    expect(steps).toHaveLength(4);
    expect(kindsOf(objects).filter((kind) => /Traefik|Ingress/.test(kind))).toEqual([]);
  });

  it("is checked once it has a pod", async () => {
    const { steps } = await canaryOf({ hosts: [], port: undefined }, { analysis: { command: ["/bin/smoke"] } });
    expect(steps.slice(0, 2)).toEqual([
      { setWeight: 10 },
      { analysis: { templates: [{ templateName: "web-check" }] } },
    ]);
  });
});

const canary = (rollout: Values = {}, values: Values = {}) => ({
  hosts,
  ...values,
  rollout: { strategy: "canary", ...rollout },
});

describe("values of a canary", () => {
  it.each<[Values, RegExp]>([
    [{ rollout: { header: { name: "A", value: "b" } } }, /only|Set strategy: canary/],
    [{ rollout: { analysis: { path: "/a" } } }, /Set strategy: canary/],
    [canary({ steps: [{ pause: 5 }, { weight: 5 }] }), /Begin with a weight/],
    [canary({ steps: [{ weight: 5 }, { weight: 5 }] }), /above the one before/],
    [canary({ steps: [{ weight: 101 }] }), /rollout\/steps/],
    [canary({}, { ingressClass: "nginx", ingressNamespace: "x" }), /needs Traefik/],
    [canary({}, { ports, ingress: { paths: [{ path: "/", port: "admin" }] } }), /main port/],
    [
      canary({}, { ingress: { annotations: { "traefik.ingress.kubernetes.io/router.priority": "1" } } }),
      /IngressRoute/,
    ],
    [canary({}, { serviceAnnotations: { "traefik.ingress.kubernetes.io/service.nativelb": "true" } }), /IngressRoute/],
    [canary({}, { ingress: { middlewares: ["other-auth@kubernetescrd"] } }), /another namespace/],
    [canary({ header: { name: "A", value: "b" } }, { hosts: [] }), /need hosts/],
    [canary({ analysis: { successRate: 99 } }, { hosts: [], prometheus }), /need hosts/],
    [canary({ analysis: { successRate: 99 } }), /prometheus: required/],
    [canary({ analysis: { successRate: 99, intervalSeconds: 61 } }, { prometheus }), /2 intervals, 122 s/],
    [canary({ analysis: { successRate: 99, intervalSeconds: 60, onTooFew: "hold" } }, { prometheus }), /4 intervals/],
    [canary({ analysis: { path: "/a" } }, { port: undefined, hosts: [], rolloutsNamespace }), /needs a port/],
    [canary({ analysis: { path: "/a" } }), /rolloutsNamespace: required/],
  ])("%o are refused", async (values, message) => {
    expect(await refusal(values)).toMatch(message);
  });
});
