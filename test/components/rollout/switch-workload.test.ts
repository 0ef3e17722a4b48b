import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import type { Rollout } from "../../../components/cluster/rollouts.ts";
import {
  finishSwitch,
  keepReplacedWorkloads,
  selectEveryTemplate,
} from "../../../components/rollout/switch-workload.ts";
import type { RolloutStrategy } from "../../../config/index.ts";

const RELEASE = "meta.helm.sh/release-name";
const POLICY = "helm.sh/resource-policy";
const live = (annotations: Record<string, string> = {}, uid = "u1") => ({
  metadata: { name: "api", uid, annotations: { [RELEASE]: "api", ...annotations } },
});

let done: string[];
beforeEach(() => {
  done = [];
});

interface Cluster {
  deployment?: object;
  rollout?: object;
  /** Looks at the Service until the controller has taken its label away. */
  selectedFor?: number;
}

function readerOf({ deployment, rollout, selectedFor = 0 }: Cluster): ClusterReader {
  let looks = 0;
  let endpoints = 0;
  return {
    deployment: async () => deployment,
    deleteDeployment: async () => done.push("deleted the Deployment"),
    patchDeployment: async (_: string, __: string, patch: object) => done.push(`Deployment ${JSON.stringify(patch)}`),
    rollouts: {
      visible: async () => (rollout ? [rollout] : []),
      patch: async (_: string, __: string, patch: object) => done.push(`Rollout ${JSON.stringify(patch)}`),
      delete: async () => done.push("deleted the Rollout"),
    },
    service: async () => {
      done.push("looked at the Service");
      const hash = looks++ < selectedFor ? { "rollouts-pod-template-hash": "a" } : {};
      return { spec: { selector: { "app.kubernetes.io/name": "api", ...hash } } };
    },
    patchService: async (_: string, __: string, patch: object) => done.push(`Service ${JSON.stringify(patch)}`),
    pods: async () => [
      { metadata: { name: "old", labels: { "rollouts-pod-template-hash": "a" } } },
      { metadata: { name: "new" } },
    ],
    readyPods: async () => {
      done.push("looked at the endpoints");
      return [["old"], ["old", "new"]][endpoints++] ?? [];
    },
  } as unknown as ClusterReader;
}

describe("before an update", () => {
  const prepare = (strategy: RolloutStrategy, cluster: { deployments?: object[]; rollouts?: object[] }) =>
    keepReplacedWorkloads(
      readerOf({}),
      { namespace: "shop", services: [{ name: "api", kind: "deployment", rollout: { strategy } }] },
      { deployments: (cluster.deployments ?? []) as [], rollouts: (cluster.rollouts ?? []) as Rollout[] },
    );
  const patch = (value: string | null) => JSON.stringify({ metadata: { annotations: { [POLICY]: value } } });

  it.each(["blueGreen", "canary"] as const)(
    "Helm is told to leave the Deployment that %s replaces",
    async (strategy) => {
      await prepare(strategy, { deployments: [live()] });
      expect(done).toEqual([`Deployment ${patch("keep")}`]);
    },
  );

  it("Helm is told to leave the Rollout that a rolling update replaces", async () => {
    await prepare("rolling", { rollouts: [live()] });
    expect(done).toEqual([`Rollout ${patch("keep")}`]);
  });

  it("a mark that a switch which failed has left is taken away", async () => {
    await prepare("rolling", { deployments: [live({ [POLICY]: "keep" })] });
    await prepare("blueGreen", { rollouts: [live({ [POLICY]: "keep" })] });
    const labels = { "argo-rollouts.argoproj.io/controller-instance-id": null };
    const freed = JSON.stringify({ metadata: { annotations: { [POLICY]: null }, labels } });
    expect(done).toEqual([`Deployment ${patch(null)}`, `Rollout ${freed}`]);
  });

  it("nothing is changed where nothing switches, and never an object of somebody else", async () => {
    await prepare("rolling", { deployments: [live()] });
    await prepare("blueGreen", { rollouts: [live()], deployments: [{ metadata: { name: "api" } }] });
    expect(done).toEqual([]);
  });
});

describe("once the new workload serves", () => {
  const finish = (strategy: RolloutStrategy, cluster: Cluster) =>
    finishSwitch(readerOf(cluster), { namespace: "shop", service: "api", strategy });

  it("the Deployment of before is deleted", async () => {
    await finish("blueGreen", { deployment: live() });
    expect(done).toEqual(["deleted the Deployment"]);
  });

  it("the Rollout's pods are deleted after its Service has others", async () => {
    vi.useFakeTimers();
    const finished = finish("rolling", { rollout: live(), selectedFor: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    await finished;
    vi.useRealTimers();
    expect(done).toEqual([
      'Rollout {"metadata":{"labels":{"argo-rollouts.argoproj.io/controller-instance-id":"slipway-replaced"}}}',
      "looked at the Service",
      'Service {"spec":{"selector":{"rollouts-pod-template-hash":null}}}',
      "looked at the endpoints",
      "looked at the Service",
      "looked at the endpoints",
      "deleted the Rollout",
    ]);
  });

  it("a Service that blueGreen has pointed at one template selects all under canary", async () => {
    await selectEveryTemplate(readerOf({ selectedFor: 1 }), "shop", "api");
    await selectEveryTemplate(readerOf({}), "shop", "api");
    expect(done.filter((line) => line.startsWith("Service"))).toEqual([
      'Service {"spec":{"selector":{"rollouts-pod-template-hash":null}}}',
    ]);
  });

  it("a Deployment of somebody else stays", async () => {
    await finish("blueGreen", { deployment: { metadata: { name: "api" } } });
    expect(done).toEqual([]);
  });
});
