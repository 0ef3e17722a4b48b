import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isScalar, parseDocument, visit } from "yaml";
import { type LoadReport, startLoad } from "../load/load.ts";
import { startOtherTraefik, statusesFrom } from "./other-traefik.ts";
import { apply, ask, kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-canary";
const HOST = `api.${NAMESPACE}.localhost`;
const INTERVAL_SECONDS = 10;
const REQUESTS_PER_SECOND = 60;
const off = { enabled: false };
const api = { hosts: [HOST], replicas: { min: 2, max: 2 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
const measured = { successRate: 99, intervalSeconds: INTERVAL_SECONDS };
const canary = (more: object = {}) => ({
  strategy: "canary",
  minReadySeconds: 1,
  // Two intervals, which the analysis needs at least.
  steps: [{ weight: 25 }, { pause: 2 * INTERVAL_SECONDS }, { weight: 50 }, { pause: 2 }],
  header: { name: "X-Canary", value: "always" },
  ...more,
});
/** Of a canary that no analysis watches. */
const steps = [{ weight: 25 }, { pause: 10 }, { weight: 50 }, { pause: 2 }];
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace(NAMESPACE, {
    addons: { prometheus: { enabled: true } },
    services: { web: off, orders: off, worker: off, api: { ...api, rollout: { minReadySeconds: 1 } } },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

interface Rollout {
  status: { phase: string; message?: string; stableRS: string; currentPodHash: string; abortedAt?: string };
}
interface TraefikService {
  spec: { weighted: { services: { name: string; weight?: number }[] } };
}
const rollout = () => kubectlJson<Rollout>("get", "rollouts.argoproj.io", "api", "-n", NAMESPACE);
const canaryWeight = async () => {
  const { spec } = await kubectlJson<TraefikService>("get", "traefikservices", "api", "-n", NAMESPACE);
  return spec.weighted.services.find(({ name }) => name === "api-canary")?.weight;
};
const canaryPods = async () => {
  const { currentPodHash } = (await rollout()).status;
  const selector = `rollouts-pod-template-hash=${currentPodHash}`;
  return (await kubectl("get", "pods", "-n", NAMESPACE, "-l", selector, "-o", "name")).split("\n").filter(Boolean);
};

/** Releases that answer, by how often. */
async function releases(count: number, headers: Record<string, string> = {}): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const { statusCode, body } = await request("http://127.0.0.1:30080/version", {
      headers: { host: HOST, ...headers },
    });
    const text = await body.text();
    const release = statusCode === 200 ? (JSON.parse(text).release as string) : String(statusCode);
    found[release] = (found[release] ?? 0) + 1;
  }
  return found;
}

async function underLoad<T>(command: () => Promise<T>, path = "/version"): Promise<T & { report: LoadReport }> {
  const load = await startLoad({
    url: `http://${HOST}:30080${path}`,
    rps: REQUESTS_PER_SECOND,
    timeoutMs: 30_000,
    maxSeconds: 280,
  });
  const result = await command();
  // The old pods go half a minute later.
  await sleep(5_000);
  return { ...result, report: await load.stop() };
}

/** What a configuration before has said of it, and this one does not, is taken away. */
function configure(release: string, rollout: object, more: object = {}): void {
  shop.configure(release, { services: { api: { config: null, rollout: { analysis: null } } } });
  shop.configure(release, { services: { api: { ...api, rollout, ...more } } });
  const file = shop.path(`stacks/Pulumi.${NAMESPACE}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  visit(document, {
    Pair: (_, pair) => (isScalar(pair.value) && pair.value.value === null ? visit.REMOVE : undefined),
  });
  writeFileSync(file, document.toString());
}

function deploy(release: string, rollout: object, more: object = {}): Promise<Run> {
  configure(release, rollout, more);
  return shop.run("up");
}

/** Waits until the canary gets this share. */
const reached = (weight: number) => expect.poll(canaryWeight, { timeout: 120_000, interval: 250 }).toBe(weight);

/** A route like that of a canary, with the stable pods and half of the weight on a canary that has none. */
function emptyCanary(host: string): object[] {
  const metadata = (name: string) => ({
    name,
    namespace: NAMESPACE,
    annotations: { "kubernetes.io/ingress.class": "traefik" },
  });
  const weighted = (services: object[]) => ({ weighted: { services } });
  const kind = "TraefikService";
  const traefik = { apiVersion: "traefik.io/v1alpha1", kind };
  const ports = [{ name: "http", port: 80, targetPort: 8080 }];
  const halves = ["api-stable", "empty-canary"].map((name) => ({ kind, name, weight: 1 }));
  const routes = [{ kind: "Rule", match: `Host(\`${host}\`)`, services: [{ kind, name: "empty" }] }];
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata("empty-canary"),
      spec: { selector: { none: "none" }, ports },
    },
    {
      ...traefik,
      metadata: metadata("empty-canary"),
      spec: weighted([{ kind: "Service", name: "empty-canary", port: "http" }]),
    },
    { ...traefik, metadata: metadata("empty"), spec: weighted(halves) },
    { ...traefik, kind: "IngressRoute", metadata: metadata("empty"), spec: { entryPoints: ["web"], routes } },
  ];
}

function expectNoLoss({ report }: { report: LoadReport }): void {
  expect(report.sent).toBeGreaterThan(1_000);
  expect(report.errors).toEqual({});
}

describe("a live service that changes its strategy to canary", () => {
  it("loses no request, and has an IngressRoute before its Ingress", async () => {
    const run = await underLoad(() => deploy("v1", canary({ steps })));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await kubectl("get", "deployments", "-n", NAMESPACE, "-o", "name")).toBe("");
    expect((await rollout()).status.phase).toBe("Healthy");
    expect(await releases(4)).toEqual({ v1: 4 });
  });
});

describe("a canary of a good release", () => {
  it("gets its share in steps, and requests with the header, and no request is lost", async () => {
    const run = await underLoad(async () => {
      const deployed = deploy("v2", canary({ analysis: measured }));
      await reached(25);
      await sleep(2_000);
      const shares = await releases(80);
      const testers = await releases(10, { "x-canary": "always" });
      const others = await releases(10, { "x-canary": "never" });
      return { ...(await deployed), shares, testers, others };
    });
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(run.shares.v2).toBeGreaterThan(10);
    expect(run.shares.v2).toBeLessThan(30);
    expect(run.testers).toEqual({ v2: 10 });
    expect(run.others.v1).toBeGreaterThan(3);
    expect(await releases(20)).toEqual({ v2: 20 });
    expect(await canaryWeight()).toBe(0);
    expect(await measurements("success-rate")).not.toEqual([]);
    expect(new Set(await measurements("success-rate"))).toEqual(new Set(["Successful"]));
  });

  it("whose pods die keeps the route: only its own share fails, and only until it is taken away", async () => {
    const run = await underLoad(async () => {
      const deployed = deploy("v3", canary({ steps }));
      await reached(25);
      const pods = await canaryPods();
      await kubectl("delete", "-n", NAMESPACE, "--force", "--grace-period=0", ...pods);
      return deployed;
    });
    expect(run.exitCode, run.output).toBe(0);
    // All of them died at once: the controller takes their share away within a second or two.
    expect(run.report.failed).toBeLessThan(REQUESTS_PER_SECOND * 0.25 * 8);
    expect(Object.keys(run.report.errors)).not.toContain("status-404");
    expect(await releases(20)).toEqual({ v3: 20 });
  });

  it("without pods costs its share and not the route, unlike in a Traefik without allowEmptyServices", async () => {
    const host = `empty.${NAMESPACE}.localhost`;
    await apply(emptyCanary(host));
    const other = await startOtherTraefik(NAMESPACE, (argument) => !argument.includes("allowemptyservices"));
    const own = () => statusesFrom("http://127.0.0.1:30080", host, 20);
    await expect.poll(own, { timeout: 20_000 }).toContain(200);
    expect(new Set(await own())).toEqual(new Set([200, 503]));
    expect(await statusesFrom(other.origin, HOST, 5)).toEqual(Array(5).fill(200));
    expect(await statusesFrom(other.origin, host, 20)).toEqual(Array(20).fill(404));
    await other.remove();
    const objects = [
      "ingressroute/empty",
      "traefikservice/empty",
      "traefikservice/empty-canary",
      "service/empty-canary",
    ];
    await kubectl("delete", "-n", NAMESPACE, ...objects);
  });
});

describe("a canary of a bad release", () => {
  it("is aborted within two intervals, fails no more than its share, and the command says why", async () => {
    let gotRequests = 0;
    let lostRequests = 0;
    const run = await underLoad(async () => {
      const deployed = deploy("v4", canary({ analysis: measured }), { config: { FAIL_MODE: "errors" } });
      await reached(25);
      gotRequests = Date.now();
      await reached(0);
      lostRequests = Date.now();
      return deployed;
    });
    expect(run.exitCode).toBe(1);
    expect(run.output).toMatch(/api v4: the rollout is ended and rolled back: .*success-rate/);
    const seconds = (lostRequests - gotRequests) / 1000;
    expect(seconds).toBeLessThan(2 * INTERVAL_SECONDS + 5);
    expect(run.report.failed).toBeLessThan(REQUESTS_PER_SECOND * 0.25 * 0.5 * (seconds + 2));
    expect(run.report.failed).toBeGreaterThan(0);
    expect(await releases(20)).toEqual({ v3: 20 });
    expect((await rollout()).status.phase).toBe("Healthy");
  });
});

describe("a canary that is slower than allowed", () => {
  it("is aborted, and the command names p95", async () => {
    const analysis = { p95Milliseconds: 1, intervalSeconds: INTERVAL_SECONDS };
    // On a quiet machine other answers come within a millisecond.
    const path = "/work?ms=3";
    const run = await underLoad(() => deploy("v4", canary({ analysis }), { config: { FAIL_MODE: "" } }), path);
    expect(run.exitCode, run.output).toBe(1);
    expect(run.output).toMatch(/api v4: the rollout is ended and rolled back: .*p95/);
    expectNoLoss(run);
    expect(Object.keys(await releases(8))).not.toContain("v4");
  });
});

interface AnalysisRun {
  metadata: { creationTimestamp: string };
  status?: { phase: string; metricResults?: { name: string; measurements?: { phase: string; value?: string }[] }[] };
}

/** What the last analysis found, measurement by measurement. */
async function measurements(metric: string): Promise<string[]> {
  const { items } = await kubectlJson<{ items: AnalysisRun[] }>("get", "analysisruns", "-n", NAMESPACE);
  const last = items.sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)).at(-1);
  const results = last?.status?.metricResults?.find(({ name }) => name === metric);
  return (results?.measurements ?? []).map(({ phase }) => phase);
}

describe("without Prometheus", () => {
  beforeAll(async () => {
    await kubectl("scale", "deployment", "prometheus", "-n", `${NAMESPACE}-prometheus`, "--replicas=0");
    const selector = "app.kubernetes.io/name=prometheus";
    await kubectl("wait", "pods", "-n", `${NAMESPACE}-prometheus`, "-l", selector, "--for=delete", "--timeout=60s");
  });

  it("a canary is aborted, and the command says that nothing was measured", async () => {
    const untilItGivesUp = [{ weight: 25 }, { pause: 120 }];
    const run = await deploy("v4", canary({ steps: untilItGivesUp, analysis: measured }));
    expect(run.exitCode).toBe(1);
    expect(run.output).toMatch(/rolled back: .*success-rate.*Error/);
    expect(await releases(8)).toEqual({ v3: 8 });
  });

  it("a canary with onError: promote goes on", async () => {
    const run = await deploy("v4", canary({ analysis: { ...measured, onError: "promote" } }));
    expect(run.exitCode, run.output).toBe(0);
    expect(await measurements("success-rate")).toContain("Error");
    expect(await releases(8)).toEqual({ v4: 8 });
    await kubectl("scale", "deployment", "prometheus", "-n", `${NAMESPACE}-prometheus`, "--replicas=1");
    await kubectl("rollout", "status", "deployment/prometheus", "-n", `${NAMESPACE}-prometheus`, "--timeout=60s");
  });
});

describe("with too few requests", () => {
  it("a canary goes on by default", async () => {
    const run = await deploy("v5", canary({ analysis: measured }));
    expect(run.exitCode, run.output).toBe(0);
    expect(new Set(await measurements("success-rate"))).toEqual(new Set(["Successful"]));
    expect(await releases(8)).toEqual({ v5: 8 });
  });

  it("a canary with onTooFew: hold waits, and the command ends and says so", async () => {
    const analysis = { ...measured, onTooFew: "hold", inconclusiveLimit: 0 };
    const run = await deploy("v6", canary({ analysis }));
    expect(run.exitCode, run.output).toBe(0);
    expect(run.output).toContain("api v6: waits to be promoted");
    expect((await rollout()).status.phase).toBe("Paused");
    expect((await releases(40)).v5).toBeGreaterThan(20);
  });
});

describe("a command that is killed in the middle of a canary", () => {
  it("is finished by the next one", async () => {
    configure("v7", canary({ analysis: measured }));
    const first = shop.start("up");
    await reached(25);
    first.kill();
    await first.ended;
    const run = await underLoad(() => shop.sandboxUp());
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await releases(20)).toEqual({ v7: 20 });
    expect((await rollout()).status.phase).toBe("Healthy");
  });
});

describe("a smoke test", () => {
  it("that fails ends a canary before it gets a request", async () => {
    const analysis = { command: ["/api", "no-such-argument"], path: "/no-such-page" };
    const run = await underLoad(() => deploy("v8", canary({ steps, analysis })));
    expect(run.exitCode).toBe(1);
    expect(run.output).toMatch(/rolled back: .*(command|path)/);
    expectNoLoss(run);
    expect(await releases(8)).toEqual({ v7: 8 });
  });

  it("that succeeds lets it go on", async () => {
    const run = await underLoad(() => deploy("v8", canary({ steps, analysis: { path: "/readyz" } })));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await releases(8)).toEqual({ v8: 8 });
  });
});

describe("a canary with cookies, and one of a worker", () => {
  const sticky = { ingress: { sticky: { secure: false } } };
  const pods = async () => {
    const selector = "app.kubernetes.io/instance=worker";
    const { items } = await kubectlJson<{ items: { metadata: { labels: Record<string, string> } }[] }>(
      ...["get", "pods", "-n", NAMESPACE, "-l", selector, "--field-selector", "status.phase=Running"],
    );
    return items.map(({ metadata }) => metadata.labels["app.kubernetes.io/version"]).sort();
  };

  it("leads a client to the same version each time, and a share of the worker's pods is new", async () => {
    const half = [{ weight: 50 }, { pause: 20 }];
    const worker = { enabled: true, replicas: { min: 2, max: 2 }, rollout: { strategy: "canary", steps: half } };
    shop.configure("v8", { services: { worker: { ...worker, rollout: { ...worker.rollout, minReadySeconds: 1 } } } });
    const begun = await deploy("v8", canary({ steps: half }), sticky);
    expect(begun.exitCode, begun.output).toBe(0);
    const deployed = deploy("v9", canary({ steps: half }), sticky);
    await reached(50);
    await sleep(2_000);
    for (let client = 0; client < 4; client++) {
      const { headers, body } = await request("http://127.0.0.1:30080/version", { headers: { host: HOST } });
      const { release } = (await body.json()) as { release: string };
      const cookie = [headers["set-cookie"] ?? []]
        .flat()
        .map((text) => text.split(";")[0])
        .join("; ");
      expect(cookie).not.toBe("");
      expect(await releases(10, { cookie })).toEqual({ [release]: 10 });
    }
    await expect.poll(pods, { timeout: 20_000 }).toEqual(["v8", "v9"]);
    const run = await deployed;
    expect(run.exitCode, run.output).toBe(0);
    expect(await releases(8)).toEqual({ v9: 8 });
    // The old one may still be stopping.
    await expect.poll(pods, { timeout: 60_000, interval: 1_000 }).toEqual(["v9", "v9"]);
  });
});

describe("a service that goes back to rolling updates", () => {
  it("loses no request, and has only its Ingress", async () => {
    const rolling = { strategy: "rolling", minReadySeconds: 1, steps: null, header: null, analysis: null };
    shop.configure("v9", { services: { worker: off } });
    const run = await underLoad(() => deploy("v9", rolling, { ingress: { sticky: false } }));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    const kinds = "rollouts.argoproj.io,ingressroutes,traefikservices,analysistemplates";
    expect(await kubectl("get", kinds, "-n", NAMESPACE, "-o", "name")).toBe("");
    expect((await ask(HOST, "/version")).status).toBe(200);
  });
});
