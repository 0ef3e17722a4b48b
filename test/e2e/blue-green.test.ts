import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Load, type LoadReport, startLoad } from "../load/load.ts";
import { killTree } from "./process-tree.ts";
import { ask, kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-blue-green";
const HOST = `api.${NAMESPACE}.localhost`;
const off = { enabled: false };
const api = {
  hosts: [HOST],
  replicas: { min: 3, max: 3 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
};
const ROLLBACK = ["rollback", "--stack", NAMESPACE, "--no-commit", "--no-artifacts", "--no-tag", "--no-notify"];
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace(NAMESPACE, {
    services: { web: off, orders: off, worker: off, api: { ...api, rollout: { minReadySeconds: 1 } } },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

interface Rollout {
  status: { phase: string; stableRS: string; currentPodHash: string };
}
const rollout = () => kubectlJson<Rollout>("get", "rollouts.argoproj.io", "api", "-n", NAMESPACE);
const names = async (kind: string) =>
  (await kubectl("get", kind, "-n", NAMESPACE, "-o", "name")).split("\n").filter(Boolean);
const releaseOf = async (host = HOST) => JSON.parse((await ask(host, "/version")).body).release as string;

/** Runs a command under load. @returns what it printed, and what became of the requests */
async function underLoad<T>(command: () => Promise<T>): Promise<T & { report: LoadReport }> {
  const load: Load = await startLoad({
    url: `http://${HOST}:30080/version`,
    rps: 60,
    timeoutMs: 20_000,
    maxSeconds: 280,
  });
  const result = await command();
  // Pods that were replaced stop answering after their preStop.
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  return { ...result, report: await load.stop() };
}

function expectNoLoss({ report }: { report: LoadReport }): void {
  expect(report.sent).toBeGreaterThan(400);
  expect(report.errors).toEqual({});
}

async function configured(release: string, service: object = {}): Promise<Run> {
  shop.configure(release, { services: { api: { ...api, ...service } } });
  return shop.run("up");
}
async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isDone()); ) {
    if (Date.now() > end) throw new Error("not within 60 s");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
const blueGreen = (more: object = {}) => ({ rollout: { minReadySeconds: 1, strategy: "blueGreen", ...more } });

describe("a live service that changes its strategy to blueGreen", () => {
  it("loses no request, and runs as a Rollout with as many pods", async () => {
    const run = await underLoad(() => configured("v1", blueGreen()));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await names("deployments")).toEqual([]);
    expect((await rollout()).status.phase).toBe("Healthy");
    expect((await shop.services()).api).toMatchObject({ ready: 3, desired: 3 });
  });
});

describe("a blue/green rollout", () => {
  it("switches all traffic at once, loses no request, and keeps the old pods", async () => {
    const run = await underLoad(() => configured("v2", blueGreen()));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await releaseOf()).toBe("v2");
    const { items } = await kubectlJson<{ items: unknown[] }>("get", "pods", "-n", NAMESPACE);
    expect(items).toHaveLength(6);
  });

  it("is rolled back by switching back before Helm begins, without new pods", async () => {
    const run = await underLoad(async () => {
      const began = Date.now();
      const { child } = await shop.startSlipway([...ROLLBACK, "--to", "v1"]);
      await expect.poll(() => releaseOf(), { timeout: 60_000, interval: 50 }).toBe("v1");
      const switched = (Date.now() - began) / 1000;
      const { exitCode, all } = await child;
      return { exitCode, output: all, switched, whole: (Date.now() - began) / 1000 };
    });
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    console.info(`the traffic has switched ${run.switched} s after the command, which took ${run.whole} s`);
    // On a busy machine all takes longer, and the switch is still in the first half: before Helm begins.
    expect(run.switched).toBeLessThan(Math.max(5, run.whole / 2));
    const { items } = await kubectlJson<{ items: { metadata: { creationTimestamp: string } }[] }>(
      ...["get", "pods", "-n", NAMESPACE],
    );
    expect(items).toHaveLength(6);
  });

  it("whose rollback is killed before Helm follows serves what the next command wants", async () => {
    const run = await underLoad(async () => {
      const { child } = await shop.startSlipway([...ROLLBACK, "--to", "v2"]);
      child.all?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("Switching api back to v2")) killTree(child.pid as number);
      });
      await child;
      await expect.poll(() => releaseOf(), { timeout: 20_000 }).toBe("v2");
      shop.configure("v1", { services: { api } });
      return shop.sandboxUp();
    });
    expect(run.exitCode, run.output).toBe(0);
    expect(run.output).toContain("api v1: switches back after an update that was interrupted");
    expectNoLoss(run);
    expect(await releaseOf()).toBe("v1");
  });

  it("of a bad release ends early, and the old version has served all along", async () => {
    const began = Date.now();
    const run = await underLoad(() => configured("v3", { ...blueGreen(), config: { FAIL_MODE: "crash" } }));
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toMatch(/api v3: the rollout is ended and rolled back/);
    expectNoLoss(run);
    expect((Date.now() - began) / 1000).toBeLessThan(100);
    expect(await releaseOf()).toBe("v1");
    expect((await rollout()).status.phase).toBe("Healthy");
  });

  it("waits on its preview host if a person promotes it, and serves the old version meanwhile", async () => {
    const preview = `next.${NAMESPACE}.localhost`;
    const manual = { ...blueGreen({ promotion: "manual", previewHost: preview }), config: { FAIL_MODE: "" } };
    const run = await underLoad(() => configured("v2", manual));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await releaseOf()).toBe("v1");
    expect(await releaseOf(preview)).toBe("v2");
    expect((await rollout()).status.phase).toBe("Paused");
    const status = await shop.slipway(["status", "--stack", NAMESPACE]);
    expect(status.output).toMatch(/v2 waits to be promoted: .*promote api --stack/);
    expect(status.exitCode).toBe(5);
  });

  it("is aborted and started again by a person", async () => {
    const aborted = await shop.slipway(["abort", "api", "--stack", NAMESPACE]);
    expect(aborted.exitCode, aborted.output).toBe(0);
    expect((await rollout()).status.phase).toBe("Degraded");
    const refused = await shop.slipway(["promote", "api", "--stack", NAMESPACE]);
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toMatch(/aborted.*retry/);
    const retried = await shop.slipway(["retry", "api", "--stack", NAMESPACE]);
    expect(retried.exitCode, retried.output).toBe(0);
    await waitFor(async () => (await rollout()).status.phase === "Paused");
  });

  it("switches within 5 s of the promotion, without a lost request", async () => {
    const run = await underLoad(() => shop.slipway(["promote", "api", "--stack", NAMESPACE]));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await releaseOf()).toBe("v2");
    expect(Number(/\((\d+) s\)/.exec(run.stdout)?.[1])).toBeLessThanOrEqual(5);
  });
});

describe("an update that is killed while it waits for the rollout", () => {
  it("loses no request, and the next command converges", async () => {
    shop.configure("v4", { services: { api } });
    const run = await underLoad(async () => {
      const update = shop.start("up");
      await waitFor(async () => (await rollout()).status.phase === "Progressing");
      update.kill();
      await update.ended;
      return shop.sandboxUp();
    });
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    const promoted = await shop.slipway(["promote", "api", "--stack", NAMESPACE]);
    expect(promoted.exitCode, promoted.output).toBe(0);
    // The ingress controller follows half a second later.
    await expect.poll(() => releaseOf(), { timeout: 10_000 }).toBe("v4");
  });
});

/** Changes the stack's file as a person does. */
function edit(change: (text: string) => string): void {
  const file = shop.path(`stacks/Pulumi.${NAMESPACE}.yaml`);
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

describe("a live service that changes from blueGreen to canary", () => {
  it("loses no request, and keeps its pods", async () => {
    const before = await names("replicasets");
    edit((text) => text.replaceAll(/^ +(promotion|previewHost): .*\n/gm, "").replace(": blueGreen", ": canary"));
    const run = await underLoad(() => shop.run("up"));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect((await rollout()).status.phase).toBe("Healthy");
    expect(await names("ingressroutes")).toEqual(["ingressroute.traefik.io/api"]);
    expect(await names("replicasets")).toEqual(before);
    expect(await releaseOf()).toBe("v4");
  });
});

describe("a service that goes back to rolling updates", () => {
  it("loses no request, and no Rollout or ReplicaSet of it stays", async () => {
    edit((text) => text.replaceAll(/^ +strategy: .*\n/gm, ""));
    const run = await underLoad(() => shop.run("up"));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await names("rollouts.argoproj.io")).toEqual([]);
    expect(await names("replicasets")).toHaveLength(1);
    expect(await releaseOf()).toBe("v4");
  });
});

describe("without the program, Helm alone", () => {
  beforeAll(async () => {
    const { exitCode, output } = await configured(
      "v4",
      blueGreen({ promotion: "manual", previewHost: `next.${HOST}` }),
    );
    expect(exitCode, output).toBe(0);
  });

  it("takes a bad release for a good one: only the rollout's gate holds it until its pods are ready", async () => {
    cpSync(shop.path("charts/service"), shop.path("charts/without-gates"), { recursive: true });
    rmSync(shop.path("charts/without-gates/templates/rollout-gates.yaml"));
    const image = `127.0.0.1:5000/nobody@sha256:${"0".repeat(64)}`;
    const change = ["upgrade", "api", "charts/without-gates", "--reuse-values", "--set", `image=${image}`];
    const run = await shop.helm(...change, "--atomic", "--timeout", "60s");
    expect(run.exitCode, run.output).toBe(0);
    await waitFor(async () => (await rollout()).status.phase !== "Healthy");
    expect(await releaseOf()).toBe("v4");
  });

  it("loses requests when a live service changes its strategy: what is not lost above is there to be lost", async () => {
    await shop.helm("rollback", "api");
    const { output: values } = await shop.helm("get", "values", "api", "--output", "json");
    const rolling = { ...JSON.parse(values), rollout: { minReadySeconds: 1 } };
    writeFileSync(shop.path("values.json"), JSON.stringify(rolling));
    const change = ["upgrade", "api", "charts/service", "--values", shop.path("values.json")];
    const run = await underLoad(() => shop.helm(...change));
    expect(run.exitCode, run.output).toBe(0);
    expect(run.report.failed).toBeGreaterThan(0);
  });
});
