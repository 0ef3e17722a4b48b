import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLoad } from "../load/load.ts";
import { kubectlJson, Workspace } from "./workspace.ts";

interface Deployment {
  spec: { replicas: number };
  status: { availableReplicas?: number };
}

let shop: Workspace;
const deployment = () => kubectlJson<Deployment>("get", "deployment", "api", "-n", "e2e-scaling");
const replicas = async () => (await deployment()).spec.replicas;
const available = async () => (await deployment()).status.availableReplicas ?? 0;

beforeAll(async () => {
  shop = new Workspace("e2e-scaling", {
    services: {
      web: { enabled: false },
      orders: { enabled: false },
      worker: { enabled: false },
      api: {
        replicas: { min: 2, max: 4 },
        rollout: { minReadySeconds: 1 },
        // The control: pods are stopped before the ingress has heard of it.
        shutdown: { preStopSeconds: 0, drainSeconds: 5 },
      },
    },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

describe("without a preStop pause", () => {
  it("a rollout loses requests: what the other tests find not lost is there to be lost", async () => {
    const load = await startLoad({ url: "http://api.e2e-scaling.localhost:30080/version", rps: 200, maxSeconds: 280 });
    shop.configure("v2");
    await shop.up();
    const report = await load.stop();
    expect(report.failed).toBeGreaterThan(0);
  });
});

describe("the autoscaler", () => {
  it("adds pods when real CPU use is above the target, and a deploy keeps them", async () => {
    const load = await startLoad({
      url: "http://api.e2e-scaling.localhost:30080/work?ms=20",
      rps: 30,
      maxSeconds: 280,
    });
    try {
      await expect.poll(replicas, { timeout: 150_000, interval: 2_000 }).toBe(4);
    } finally {
      await load.stop();
    }
    shop.configure("v3", { services: { api: { shutdown: { preStopSeconds: 5 } } } });
    await shop.up();
    expect(await replicas()).toBe(4);
  });
});

describe("a fixed number of pods that becomes autoscaled", () => {
  it("never falls, and no request is lost", async () => {
    shop.configure("v3", { services: { api: { replicas: { min: 6, max: 6 }, shutdown: { preStopSeconds: 5 } } } });
    await shop.up();
    await expect.poll(available, { timeout: 120_000, interval: 1_000 }).toBe(6);
    const load = await startLoad({ url: "http://api.e2e-scaling.localhost:30080/version", rps: 100, maxSeconds: 280 });
    let least = 6;
    let isOver = false;
    const watch = async () => {
      while (!isOver) least = Math.min(least, await replicas(), await available());
    };
    const watching = watch();
    shop.configure("v3", { services: { api: { replicas: { min: 6, max: 8 }, shutdown: { preStopSeconds: 5 } } } });
    await shop.up();
    isOver = true;
    await watching;
    const report = await load.stop();
    expect(least).toBe(6);
    expect(report.failed).toBe(0);
  });
});
