import type { V1Deployment, V1Pod, V1PodDisruptionBudget } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureImage } from "../../sandbox/images/build.ts";
import { publicRecipes } from "../../sandbox/images/public-images.ts";
import { ensureTool } from "../../sandbox/toolchain.ts";
import { startLoad } from "../load/load.ts";
import { kubectl, kubectlJson, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-rebalance";
const HOST = `api.${NAMESPACE}.localhost`;
const off = { enabled: false };
const quick = { rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 3, drainSeconds: 3 } };
let shop: Workspace;

beforeAll(async () => {
  await ensureTool("descheduler");
  for (const recipe of publicRecipes.filter(({ repository }) => repository.includes("descheduler"))) {
    await ensureImage(recipe);
  }
  shop = new Workspace(NAMESPACE, {
    rebalance: "afterDeploy",
    // It looks once when it starts. After that only the deploy does.
    addons: { descheduler: { enabled: true, intervalMinutes: 1440 } },
    services: {
      web: off,
      orders: off,
      worker: { ...quick, replicas: { min: 1, max: 1 } },
      api: { ...quick, hosts: [HOST], replicas: { min: 3, max: 3 } },
    },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

async function pods(): Promise<V1Pod[]> {
  const labels = "app.kubernetes.io/instance=api";
  const { items } = await kubectlJson<{ items: V1Pod[] }>("get", "pods", "-n", NAMESPACE, "-l", labels);
  return items;
}
const isReady = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
const isLeaving = ({ metadata }: V1Pod) => metadata?.deletionTimestamp !== undefined;
const nodesOf = (all: readonly V1Pod[]) => all.filter((pod) => !isLeaving(pod)).map(({ spec }) => spec?.nodeName);

async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isDone()); ) {
    if (Date.now() > end) throw new Error("not within 60 s");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Brings all pods of api onto one node, as after the loss of the other. Other tests use the nodes too, so it is closed only briefly. */
async function crowd(): Promise<{ crowded: string; free: string }> {
  const [crowded = "", free = ""] = [...new Set(nodesOf(await pods()))].sort();
  await kubectl("cordon", free);
  try {
    const there = (await pods()).filter(({ spec }) => spec?.nodeName === free);
    for (const { metadata } of there) {
      await kubectl("delete", "pod", metadata?.name ?? "", "-n", NAMESPACE, "--wait=false");
    }
    await waitFor(async () => nodesOf(await pods()).filter((node) => node === crowded).length === 3);
  } finally {
    await kubectl("uncordon", free);
  }
  await waitFor(async () => {
    const all = await pods();
    const { status } = await kubectlJson<V1Deployment>("get", "deployment", "api", "-n", NAMESPACE);
    return all.length === 3 && status?.availableReplicas === 3;
  });
  return { crowded, free };
}

/** Looks again and again. @returns the fewest pods that were ready, and the most that were leaving, until it is stopped */
function watchPods(): { stop: () => Promise<{ fewestReady: number; mostLeaving: number }> } {
  let isStopped = false;
  const seen = { fewestReady: Number.POSITIVE_INFINITY, mostLeaving: 0 };
  const watching = (async () => {
    while (!isStopped) {
      const all = await pods();
      seen.fewestReady = Math.min(seen.fewestReady, all.filter((pod) => isReady(pod) && !isLeaving(pod)).length);
      seen.mostLeaving = Math.max(seen.mostLeaving, all.filter(isLeaving).length);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await watching;
      return seen;
    },
  };
}

const deploy = (...args: string[]) =>
  shop.slipway(["deploy", "--stack", NAMESPACE, "--no-commit", "--no-tag", "--no-notify", "--yes", ...args]);

describe("a service whose pods share a node", () => {
  let nodes: Awaited<ReturnType<typeof crowd>>;

  it("is named by status, with the node that has room", async () => {
    nodes = await crowd();
    const { output } = await shop.slipway(["status", "--stack", NAMESPACE]);
    expect(output).toContain("api: 3 pods on 1 node (3)");
    expect(output).toContain(`⚠ api: ${nodes.crowded} runs 3 of its pods, and ${nodes.free} has room and runs 0`);
  });

  it("is left alone by a deploy that changes nothing", async () => {
    const { exitCode, output } = await deploy();
    expect(exitCode, output).toBe(0);
    expect(output).toContain(`⚠ api: ${nodes.crowded} runs 3 of its pods`);
    expect(output).not.toContain("Rebalance");
    expect(nodesOf(await pods())).toEqual([nodes.crowded, nodes.crowded, nodes.crowded]);
  });

  it("is evened out by the deploy of another one, a pod at a time, and loses no request", async () => {
    const load = await startLoad({ url: `http://${HOST}:30080/version`, rps: 60, timeoutMs: 20_000, maxSeconds: 200 });
    const watch = watchPods();
    shop.configure("v1", { services: { worker: { config: { DEPLOYED: "again" } } } });
    const { exitCode, output, stdout } = await deploy("--json");
    const seen = await watch.stop();
    // The pod that was evicted answers until its preStop is over.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const report = await load.stop();

    expect(exitCode, output).toBe(0);
    expect(output).toContain("Rebalance: api: 3 pods on 2 nodes (2, 1); before on 1 node (3).");
    expect(JSON.parse(stdout).moved).toEqual([{ service: "api", from: nodes.crowded, to: nodes.free }]);
    expect(nodesOf(await pods()).sort()).toEqual([nodes.crowded, nodes.crowded, nodes.free]);
    expect(report.sent).toBeGreaterThan(400);
    expect(report.errors).toEqual({});
    // The budget: one may be away.
    const { items } = await kubectlJson<{ items: V1PodDisruptionBudget[] }>("get", "pdb", "-n", NAMESPACE);
    expect(items.find(({ metadata }) => metadata?.name === "api")?.spec?.maxUnavailable).toBe(1);
    expect(seen).toEqual({ fewestReady: 2, mostLeaving: 1 });
  });
});
