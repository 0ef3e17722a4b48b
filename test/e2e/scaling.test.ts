import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLoad } from "../load/load.ts";
import { kubectlJson, Workspace } from "./workspace.ts";

interface Deployment {
  spec: { replicas: number };
}

let shop: Workspace;
const replicas = async () =>
  (await kubectlJson<Deployment>("get", "deployment", "api", "-n", "e2e-scaling")).spec.replicas;

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
    const load = await startLoad({ url: "http://api.e2e-scaling.localhost:30080/version", rps: 500, maxSeconds: 280 });
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
