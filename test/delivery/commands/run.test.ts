import type { IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import type { V1Job, V1NetworkPolicy } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { serve } from "../../components/images/registry-server.ts";
import { useShop } from "../shop.ts";

const shop = useShop();
let cluster: Awaited<ReturnType<typeof serve>>;
/** What the API holds, by path. A POST puts an object there. */
let objects: Record<string, object>;
let sent: { method: string; path: string; body: unknown }[];
/** The Job's status and its pod's state when it is looked at. */
let end: { conditions: object[]; terminated?: object; waiting?: object };

const NAMESPACE = "/namespaces/shop";
const labels = { "app.kubernetes.io/name": "api", "app.kubernetes.io/instance": "api" };
const container = {
  name: "api",
  image: "shop@sha256:1",
  ports: [{ containerPort: 8080 }],
  readinessProbe: { tcpSocket: { port: 8080 } },
  lifecycle: { preStop: { sleep: { seconds: 15 } } },
  args: ["serve"],
  envFrom: [{ secretRef: { name: "api-1" } }],
  volumeMounts: [
    { name: "tmp", mountPath: "/tmp" },
    { name: "data", mountPath: "/data" },
  ],
};
const pod = {
  metadata: {
    labels: { ...labels, "pod-template-hash": "1" },
    annotations: { "prometheus.io/scrape": "true", a: "b" },
  },
  spec: {
    serviceAccountName: "api",
    topologySpreadConstraints: [{}],
    affinity: { podAntiAffinity: {} },
    initContainers: [{ name: "proxy", restartPolicy: "Always" }, { name: "migrate" }],
    containers: [container],
    volumes: [{ name: "tmp", emptyDir: {} }],
  },
};
const cronJob = (over: object = {}) => ({
  metadata: { name: "api", uid: "c1" },
  spec: {
    schedule: "@daily",
    concurrencyPolicy: "Forbid",
    ...over,
    jobTemplate: {
      metadata: { labels },
      spec: { backoffLimit: 2, template: { metadata: { labels }, spec: { containers: [container] } } },
    },
  },
});

beforeEach(async () => {
  objects = {};
  sent = [];
  end = { conditions: [{ type: "Complete", status: "True" }], terminated: { exitCode: 0 } };
  cluster = await serve(async (request: IncomingMessage, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const method = request.method ?? "";
    const answer = (body: object, code = 200) =>
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (method !== "GET") {
      const body = method === "DELETE" ? undefined : ((await json(request)) as V1Job);
      sent.push({ method, path, body });
      if (method === "POST")
        objects[`${path}/${body?.metadata?.name}`] = { ...body, metadata: { ...body?.metadata, uid: "j1" } };
      if (method === "DELETE") delete objects[path];
      return void answer((method === "POST" && objects[`${path}/${body?.metadata?.name}`]) || (body ?? {}));
    }
    if (path.endsWith("/log")) return void response.writeHead(200).end("one\ntwo\n");
    if (path.endsWith("/pods")) {
      const { terminated, waiting } = end;
      const state = terminated ? { terminated } : { waiting };
      const status = {
        phase: terminated ? "Succeeded" : "Pending",
        startTime: "2026-01-01T00:00:00Z",
        containerStatuses: [{ name: "api", state, restartCount: 0 }],
      };
      return void answer({ items: [{ metadata: { name: "api-run-x" }, spec: { nodeName: "n1" }, status }] });
    }
    if (path.endsWith("/jobs")) return void answer({ items: Object.values(objects).filter((it) => "status" in it) });
    const found = objects[path];
    if (found === undefined) return void answer({}, 404);
    answer(path.includes("/jobs/") ? { ...found, status: { conditions: end.conditions } } : found);
  });
  const contexts = [{ name: "here", context: { cluster: "here", user: "here" } }];
  const clusters = [
    { name: "here", cluster: { server: `http://${cluster.address}`, "insecure-skip-tls-verify": true } },
  ];
  shop.clone.write(".slipway/kubeconfig", stringify({ clusters, users: [{ name: "here" }], contexts }));
});
afterEach(() => cluster.close());

const run = (...args: string[]) => shop.run("run", "--stack", "dev", ...args);
const jobSent = () =>
  sent.find(({ method, path }) => method === "POST" && path.endsWith("/jobs"))?.body as V1Job | undefined;

describe("run of a service that runs all the time", () => {
  beforeEach(() => {
    objects[`/apis/apps/v1${NAMESPACE}/deployments/api`] = { metadata: {}, spec: { selector: {}, template: pod } };
    objects[`/apis/networking.k8s.io/v1${NAMESPACE}/networkpolicies/api`] = {
      spec: { ingress: [{}], egress: [{ to: [{ podSelector: {} }] }] },
    };
  });

  it("prints the log, and ends with the exit code", async () => {
    end = {
      conditions: [{ type: "Failed", status: "True", message: "failed" }],
      terminated: { exitCode: 3, reason: "Error" },
    };
    const { exitCode, stdout, stderr } = await run("api", "--", "check", "--deep");
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 3, stdout: "one\ntwo\n" });
    expect(stderr).toContain("failed with exit code 3");
  });

  it("has the pod of the service, without what only a pod that serves needs, and under another instance", async () => {
    expect((await run("api", "--", "check", "--deep")).exitCode).toBe(0);
    const { template, ...spec } = jobSent()?.spec ?? { template: {} };
    expect(spec).toMatchObject({ suspend: true, backoffLimit: 0, activeDeadlineSeconds: 3600 });
    expect(template.metadata).toEqual({
      labels: {
        "app.kubernetes.io/name": "api",
        "app.kubernetes.io/instance": "api.run",
        "app.kubernetes.io/component": "run",
      },
      annotations: { a: "b" },
    });
    expect(template.spec).toEqual({
      serviceAccountName: "api",
      restartPolicy: "Never",
      initContainers: [{ name: "proxy", restartPolicy: "Always", volumeMounts: [] }],
      containers: [
        {
          name: "api",
          image: "shop@sha256:1",
          command: ["check", "--deep"],
          envFrom: [{ secretRef: { name: "api-1" } }],
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: {} }],
    });
  });

  it("begins only when its network policy is there: the service's egress, and no callers", async () => {
    await run("api", "--", "check");
    expect(
      sent.map(
        ({ method, path }) =>
          `${method} ${path
            .split("/")
            .at(-1)
            ?.replace(/run-.*/, "run")}`,
      ),
    ).toEqual(["POST jobs", "POST networkpolicies", "PATCH api-run"]);
    const policy = sent[1]?.body as V1NetworkPolicy;
    const job = jobSent()?.metadata?.name;
    expect(policy.metadata?.ownerReferences).toEqual([{ apiVersion: "batch/v1", kind: "Job", name: job, uid: "j1" }]);
    expect(policy.spec).toEqual({
      podSelector: { matchLabels: { "batch.kubernetes.io/job-name": job } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [{ to: [{ podSelector: {} }] }],
    });
    expect(sent[2]?.body).toEqual({ spec: { suspend: false } });
  });

  it("refuses to run without a command", async () => {
    expect(await run("api")).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining("as a Deployment. Give a command"),
    });
    expect(sent).toEqual([]);
  });

  it("changes nothing under --dry-run, and prints the Job", async () => {
    const { stdout } = await run("api", "--dry-run", "--timeout", "90s", "--", "check");
    expect(parse(stdout)).toMatchObject({ kind: "Job", spec: { activeDeadlineSeconds: 90 } });
    expect(sent).toEqual([]);
  });

  it("does not wait under --detach, and says how to follow it", async () => {
    const { exitCode, stdout } = await run("api", "--detach", "--", "check");
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/logs api --stack dev --job api-run-\w+ --follow/)]);
  });

  it("ends with 124 when its time is up", async () => {
    end = {
      conditions: [{ type: "Failed", status: "True", reason: "DeadlineExceeded" }],
      terminated: { exitCode: 137 },
    };
    expect(await run("api", "--", "check")).toMatchObject({
      exitCode: 124,
      stderr: expect.stringContaining("did not end in time"),
    });
  });

  it("ends with 125 if its pod can never start, and takes the Job away", async () => {
    end = { conditions: [], waiting: { reason: "CreateContainerConfigError", message: 'secret "api-1" not found' } };
    const { exitCode, stderr } = await run("api", "--", "check");
    expect([exitCode, stderr]).toEqual([125, expect.stringContaining('secret "api-1" not found')]);
    expect(sent.at(-1)).toMatchObject({ method: "DELETE" });
  });

  it("prints one object under --json, and the log beside it", async () => {
    const { stdout, stderr } = await run("api", "--json", "--", "check");
    expect(JSON.parse(stdout)).toMatchObject({ service: "api", result: "succeeded", exitCode: 0 });
    expect(stderr).toContain("one\ntwo\n");
  });
});

describe("run of a cron service", () => {
  const at = `/apis/batch/v1${NAMESPACE}/cronjobs/api`;

  it("is a run as by its schedule, kept in its history", async () => {
    objects[at] = cronJob();
    expect(await run("api")).toMatchObject({ exitCode: 0, stdout: "one\ntwo\n" });
    expect(sent.map(({ method }) => method)).toEqual(["POST"]);
    expect(jobSent()).toMatchObject({
      metadata: { labels, ownerReferences: [{ kind: "CronJob", name: "api", uid: "c1", controller: true }] },
      spec: { backoffLimit: 2, template: { metadata: { labels }, spec: { containers: [{ args: ["serve"] }] } } },
    });
    expect(jobSent()?.spec).not.toHaveProperty("activeDeadlineSeconds");
  });

  it("may be another command, which is no run of it", async () => {
    objects[at] = cronJob();
    await run("api", "--", "check");
    expect(jobSent()).toMatchObject({
      metadata: { labels: { "app.kubernetes.io/component": "run" }, ownerReferences: [{ controller: false }] },
      spec: { backoffLimit: 0, template: { spec: { containers: [{ command: ["check"] }] } } },
    });
    expect(jobSent()?.spec?.template.spec?.containers[0]).not.toHaveProperty("args");
  });

  it("is refused while another run is under way, unless both may run", async () => {
    const active = {
      metadata: { name: "api-29", ownerReferences: [{ kind: "CronJob", name: "api" }] },
      status: { active: 1 },
    };
    objects["/active"] = active;
    objects[at] = cronJob();
    expect(await run("api")).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/as the Job api-29.*Forbid/) });
    expect(sent).toEqual([]);
    objects[at] = cronJob({ concurrencyPolicy: "Allow" });
    expect((await run("api")).exitCode).toBe(0);
  });
});

it("run refuses a service that the stack does not have, and one that is not deployed", async () => {
  expect(await run("apii")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Did you mean api?") });
  expect(await run()).toMatchObject({
    exitCode: 64,
    stderr: expect.stringContaining("name a service of dev: api, web"),
  });
  expect(await run("api", "--", "check")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("does not run in shop"),
  });
});
