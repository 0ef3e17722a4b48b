import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readSpreadServices } from "../../../delivery/cluster.ts";
import { rebalance } from "../../../delivery/rebalance/rebalance.ts";
import { unevenLines } from "../../../delivery/spread/lines.ts";
import { serve } from "../../components/images/registry-server.ts";
import { environmentOf } from "../../config/config-of.ts";
import { captureOutputOf } from "../machine.ts";
import { node, pod } from "../spread/objects.ts";

const TEMPLATE = "/apis/batch/v1/namespaces/kube-system/cronjobs/descheduler-after-deploy";
const policy = stringify({
  maxNoOfPodsToEvictTotal: 1,
  profiles: [
    { name: "spread", pluginConfig: [{ name: "DefaultEvictor", args: { minReplicas: 2 } }, { name: "Other" }] },
  ],
});

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;
let pods: V1Pod[];
let jobs: V1Job[];
let hasTemplate: boolean;
/** What the Deployment says of itself. */
let status: object;
let replicas: number;
/** What a Job of the descheduler does, and how it ends. */
let act: () => "Complete" | "Failed";
let paths: string[];
/** Paths that the user may not read. */
let forbidden: string[];

/** Moves a pod of api: another starts on the node. */
function move(from: string, to: string): "Complete" {
  const evicted = pods.find(({ spec, metadata }) => spec?.nodeName === from && !metadata?.deletionTimestamp);
  if (evicted?.metadata) evicted.metadata.deletionTimestamp = new Date();
  pods.push(pod(to));
  return "Complete";
}

beforeEach(async () => {
  pods = [pod("a"), pod("a"), pod("a")];
  jobs = [];
  paths = [];
  forbidden = [];
  hasTemplate = true;
  replicas = 3;
  status = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 };
  act = () => move("a", "b");
  server = await serve(async (request: IncomingMessage, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    paths.push(path);
    const answer = (body: object, code = 200) =>
      void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (forbidden.includes(path)) return answer({}, 403);
    if (request.method === "POST") {
      const job = (await json(request)) as V1Job;
      jobs.push({ ...job, status: { conditions: [{ type: act(), status: "True", reason: "BackoffLimitExceeded" }] } });
      return answer(job);
    }
    if (path === "/api/v1/nodes") return answer({ items: [node("a"), node("b")] });
    if (path.endsWith("/pods")) return answer({ items: pods });
    if (path === "/apis/apps/v1/namespaces/shop/deployments") {
      const labels = { "app.kubernetes.io/version": "v1" };
      return answer({
        items: [{ metadata: { name: "api", generation: 1, labels }, spec: { replicas, template: {} }, status }],
      });
    }
    if (path === TEMPLATE && hasTemplate) {
      const template = { metadata: { annotations: { "slipway.dev/policy": policy } }, spec: { containers: [] } };
      const metadata = { name: "descheduler-after-deploy", namespace: "kube-system", uid: "c1" };
      return answer({ metadata, spec: { jobTemplate: { metadata: { labels: { a: "b" } }, spec: { template } } } });
    }
    const job = jobs.find(({ metadata }) => path.endsWith(`/jobs/${metadata?.name}`));
    if (job) return answer(job);
    answer(
      path.includes("argoproj") || path.includes("cronjobs/") ? {} : { items: [] },
      path.includes("argoproj") || path.includes("cronjobs/") ? 404 : 200,
    );
  });
  folder = mkdtempSync(join(tmpdir(), "slipway-rebalance-"));
  const clusters = [
    { name: "here", cluster: { server: `http://${server.address}`, "insecure-skip-tls-verify": true } },
  ];
  const contexts = [{ name: "here", context: { cluster: "here", user: "here" } }];
  writeFileSync(join(folder, "kubeconfig"), stringify({ clusters, users: [{ name: "here" }], contexts }));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function environment(service: object = {}) {
  const api = {
    build: { context: "." },
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
  };
  const config = environmentOf({
    namespace: "shop",
    cluster: { target: "existing", context: "here", kubeconfig: join(folder, "kubeconfig") },
    images: { repository: "127.0.0.1:5000/shop" },
    addons: { descheduler: { enabled: true } },
    rebalance: "afterDeploy",
    services: { api: { ...api, ...service } },
  });
  return { stack: "dev", config, services: [] };
}
async function evenOut(service: object = {}) {
  const { result, stderr } = await captureOutputOf(() => rebalance(environment(service)));
  return { moved: result, printed: stderr };
}

describe("rebalancing", { timeout: 30_000 }, () => {
  it("runs the descheduler for each uneven service, for one pod of it", async () => {
    const { moved, printed } = await evenOut();
    expect(moved).toEqual([{ service: "api", from: "a", to: "b" }]);
    expect(printed).toContain("a pod left a, a new one runs on b");
    expect(printed).toContain("api: 3 pods on 2 nodes (2, 1); before on 1 node (3)");
    expect(jobs).toHaveLength(1);
    const [job] = jobs;
    expect(job?.metadata).toMatchObject({ labels: { a: "b" }, ownerReferences: [{ kind: "CronJob", uid: "c1" }] });
    const text = job?.spec?.template.metadata?.annotations?.["slipway.dev/policy"] ?? "";
    expect(parse(text)).toMatchObject({
      maxNoOfPodsToEvictTotal: 1,
      profiles: [
        {
          pluginConfig: [
            {
              name: "DefaultEvictor",
              args: { minReplicas: 2, labelSelector: { matchLabels: { "app.kubernetes.io/instance": "api" } } },
            },
            { name: "Other" },
          ],
        },
      ],
    });
  });

  it("moves the next pod once the service is whole again", async () => {
    pods = Array.from({ length: 5 }, () => pod("a"));
    replicas = 5;
    status = { observedGeneration: 1, replicas, updatedReplicas: 5, availableReplicas: 5, readyReplicas: 5 };
    const ready: number[] = [];
    act = () => {
      ready.push(
        pods.filter((it) => !it.metadata?.deletionTimestamp && it.status?.conditions?.[0]?.status === "True").length,
      );
      move("a", "b");
      const started = pods.at(-1);
      if (started?.status) started.status.conditions = [{ type: "Ready", status: "False" }];
      setTimeout(() => {
        if (started?.status) started.status.conditions = [{ type: "Ready", status: "True" }];
      }, 2_500);
      return "Complete";
    };
    const { moved } = await evenOut();
    expect(moved).toHaveLength(2);
    expect(ready).toEqual([5, 5]);
  });

  it("does nothing where pods are even", async () => {
    pods = [pod("a"), pod("a"), pod("b")];
    expect((await evenOut()).printed).toContain("no pod has to move");
    expect(paths).not.toContain(TEMPLATE);
  });

  it.each([
    ["rebalance: never", { rebalance: "never" }],
    ["a volume", { kind: "stateful", volume: { size: "1Gi", mountPath: "/data" } }],
    ["recreate", { rollout: { strategy: "recreate" } }],
  ])("leaves a service with %s alone, and says that it is uneven", async (_, service) => {
    const { moved, printed } = await evenOut(service);
    expect({ moved, jobs }).toEqual({ moved: [], jobs: [] });
    expect(printed).toContain("⚠ api: a runs 3 of its pods, and b has room and runs 0");
  });

  it("leaves a service alone while its rollout is under way", async () => {
    status = { observedGeneration: 1, replicas: 4, updatedReplicas: 2, availableReplicas: 3, readyReplicas: 3 };
    const { moved, printed } = await evenOut();
    expect({ moved, jobs }).toEqual({ moved: [], jobs: [] });
    expect(printed).toContain("api is left as it is: a rollout is under way");
  });

  it.each([
    [
      "moves none",
      () => "Complete" as const,
      /moved none.*kubectl logs job\/descheduler-after-deploy-\w+ -n kube-system/,
    ],
    ["fails", () => "Failed" as const, /the Job \S+ failed: BackoffLimitExceeded/],
    ["evicts a pod that comes back to its node", () => move("a", "a"), /the scheduler took that node again/],
  ])("warns if the descheduler %s, once", async (_, does, warning) => {
    act = does;
    const { printed } = await evenOut();
    expect(printed).toMatch(warning);
    expect(printed).toMatch(/⚠ .*The deploy stands\./);
    expect(jobs).toHaveLength(1);
  });

  it("warns if the add-on does not have the CronJob yet, or the cluster refuses", async () => {
    hasTemplate = false;
    expect((await evenOut()).printed).toMatch(/⚠ .*descheduler-after-deploy is not in kube-system.*The deploy stands/);
    forbidden = ["/api/v1/namespaces/shop/pods"];
    expect((await evenOut()).printed).toMatch(/⚠ Pods were not evened out: .*The deploy stands/);
  });
});

describe("the spread of what runs", () => {
  const api = async () => (await readSpreadServices(environment())).api?.spread;

  it("counts pods that are there to stay", async () => {
    pods = [
      pod("a"),
      pod("b", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
      pod("b", { metadata: { ownerReferences: [{ kind: "Job", name: "api-1" }] } }),
      pod("b", { status: { phase: "Failed" } }),
      pod(""),
    ];
    expect((await api())?.nodes).toEqual({ a: 1 });
  });

  it("is only numbers for whoever may not see the nodes, or the pods of others", async () => {
    forbidden = ["/api/v1/pods"];
    expect(await api()).toEqual({ nodes: { a: 3 }, zones: {} });
    forbidden = ["/api/v1/nodes"];
    expect(await api()).toEqual({ nodes: { a: 3 }, zones: {} });
    forbidden = ["/api/v1/namespaces/shop/pods"];
    expect(await api()).toBeUndefined();
  });

  it("does not read the pods of all teams if nothing looks uneven", async () => {
    pods = [pod("a"), pod("b")];
    await api();
    expect(paths).not.toContain("/api/v1/pods");
  });

  it("says what evens out a service that is uneven", async () => {
    const lines = async (service: object = {}, enabled = true) => {
      const { config } = environment(service);
      const addons = { ...config.addons, descheduler: { enabled, values: {} } };
      return unevenLines({ ...config, addons }, await readSpreadServices(environment(service))).join();
    };
    expect(await lines()).toMatch(/The descheduler looks every 5 minutes/);
    expect(await lines({}, false)).toMatch(/Nothing moves them by itself: docs/);
    expect(await lines({ rebalance: "never" })).toMatch(/Nothing moves them: rebalance: never/);
  });
});
