import type { V1CronJob, V1EndpointSlice, V1Job, V1NetworkPolicy, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubectl, kubectlJson, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-jobs";
const off = { enabled: false };
const small = {
  build: { context: "examples/shop/worker", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
  resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
};
const python = (script: string) => ["python3", "-uc", script];
const server = {
  ...small,
  kind: "web",
  port: 8080,
  command: ["python3", "-m", "http.server", "8080"],
  replicas: { min: 1, max: 1 },
  probes: { preset: "tcp", startupSeconds: 30 },
  rollout: { minReadySeconds: 1 },
  shutdown: { preStopSeconds: 1, drainSeconds: 1 },
};
const SEED =
  "import os; print('rows:', os.environ['ROWS']); raise SystemExit(0 if os.environ['ROWS'] != 'bad' else 'no such table')";
const REPORT =
  "import os, time; print('begun', os.environ['SUBJECT']); time.sleep(float(os.environ['SECONDS'])); print('sent')";

let shop: Workspace;
beforeAll(async () => {
  shop = new Workspace(NAMESPACE, {
    services: {
      web: off,
      api: off,
      orders: off,
      worker: off,
      store: { ...server, network: { allowFrom: ["greeter"] } },
      greeter: { ...server, network: { egress: { internet: false, services: ["store"] } } },
      tick: { ...small, kind: "cron", command: python("print('tock')"), cron: { schedule: "* * * * *" } },
      report: {
        ...small,
        kind: "cron",
        command: python(REPORT),
        config: { SUBJECT: "sales", SECONDS: "0" },
        cron: { schedule: "30 2 1 1 *", timeZone: "Asia/Seoul" },
        shutdown: { drainSeconds: 1 },
      },
      seed: { ...small, kind: "job", command: python(SEED), config: { ROWS: "12" } },
    },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

const slipway = (command: string, ...args: string[]) => shop.slipway([command, "--stack", NAMESPACE, ...args]);
const runsOf = async (service: string) =>
  (
    await kubectlJson<{ items: V1Job[] }>("get", "jobs", "-n", NAMESPACE, "-l", `app.kubernetes.io/name=${service}`)
  ).items.filter(({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] !== "rollout-gate");
const namesOf = (jobs: V1Job[]) => jobs.map(({ metadata }) => metadata?.name);

describe("a job", () => {
  it("has run once by the end of its deploy, and does not run again if nothing of it changes", async () => {
    const first = await runsOf("seed");
    expect(first.map(({ status }) => status?.succeeded)).toEqual([1]);
    expect((await slipway("logs", "seed")).stdout).toMatch(/seed-\S+ rows: 12$/);
    shop.configure("v1", {
      services: { store: { rollout: { minReadySeconds: 2 } }, seed: { job: { activeDeadlineSeconds: 300 } } },
    });
    await shop.up();
    expect(namesOf(await runsOf("seed"))).toEqual(namesOf(first));
  });

  it("that fails ends its deploy with its log, long before the timeout, and the old state stays", async () => {
    const before = namesOf(await runsOf("seed"));
    shop.configure("v1", { services: { seed: { config: { ROWS: "bad" } } } });
    const began = Date.now();
    const { exitCode, output } = await shop.sandboxUp();
    expect(exitCode).toBe(1);
    expect(Date.now() - began).toBeLessThan(120_000);
    expect(output).toMatch(/seed v1: pod seed-\S+: ended with exit code 1/);
    expect(output).toContain("| no such table");
    const job = await kubectlJson<V1CronJob>("get", "cronjob", "seed", "-n", NAMESPACE);
    expect(before).toEqual([job.metadata?.annotations?.["slipway.dev/job"]]);
    const jobs = await runsOf("seed");
    expect(jobs.filter(({ status }) => status?.succeeded).map(({ metadata }) => metadata?.name)).toEqual(before);
    shop.configure("v1", { services: { seed: { config: { ROWS: "13" } } } });
    await shop.up();
    expect((await slipway("logs", "seed")).stdout).toMatch(/rows: 13/);
  });
});

describe("slipway run", () => {
  it("runs a cron service now, with its log, and status knows of it", async () => {
    const { exitCode, stdout } = await slipway("run", "report");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "begun sales\nsent" });
    const status = await slipway("status");
    expect(status.exitCode, status.output).toBe(0);
    expect(status.stdout).toMatch(/30 2 1 1 \* Asia\/Seoul: succeeded .*, next 20\d\d-/);
  });

  it("ends with the exit code of a command, which has the service's access", async () => {
    const script =
      "import sys, urllib.request\n" +
      "print('store', urllib.request.urlopen('http://store', timeout=5).status)\n" +
      "try: urllib.request.urlopen('http://greeter', timeout=3)\n" +
      "except OSError: print('greeter closed')\n" +
      "sys.exit(3)";
    const { exitCode, stdout, output } = await slipway("run", "greeter", "--", ...python(script));
    expect({ exitCode, stdout }, output).toEqual({ exitCode: 3, stdout: "store 200\ngreeter closed" });
  });

  it("starts a pod that no request reaches, and that nobody counts as one of the service", async () => {
    const started = await slipway("run", "greeter", "--detach", "--json", "--", "sleep", "60");
    const { job } = JSON.parse(started.stdout);
    const found = ["-n", NAMESPACE, "-l", `batch.kubernetes.io/job-name=${job}`];
    await expect
      .poll(async () => (await kubectlJson<{ items: V1Pod[] }>("get", "pods", ...found)).items[0]?.status?.phase, {
        timeout: 30_000,
      })
      .toBe("Running");
    const slices = ["-n", NAMESPACE, "-l", "kubernetes.io/service-name=greeter"];
    const { items } = await kubectlJson<{ items: V1EndpointSlice[] }>("get", "endpointslices", ...slices);
    expect(items.flatMap(({ endpoints }) => endpoints ?? [])).toHaveLength(1);
    const policy = await kubectlJson<V1NetworkPolicy>("get", "networkpolicy", job, "-n", NAMESPACE);
    expect(policy.spec?.ingress ?? []).toEqual([]);
    expect((await slipway("logs", "greeter")).stdout).not.toContain(job);
    await kubectl("delete", "job", job, "-n", NAMESPACE);
  });

  it("stops its Job at Ctrl-C", async () => {
    const { child } = await shop.startSlipway([
      "run",
      "greeter",
      "--stack",
      NAMESPACE,
      "--",
      ...python("print('up'); import time; time.sleep(60)"),
    ]);
    await new Promise<void>((resolve) => child.stdout?.on("data", (text) => String(text).includes("up") && resolve()));
    child.kill("SIGINT");
    const { exitCode, stderr } = await child;
    expect(exitCode, stderr).toBe(130);
    const [, job = ""] = /The Job (\S+) was deleted/.exec(stderr) ?? [];
    expect(namesOf(await runsOf("greeter"))).not.toContain(job);
  });

  it("ends with 124 when its time is up", async () => {
    const { exitCode, stdout } = await slipway(
      "run",
      "greeter",
      "--timeout",
      "8s",
      "--",
      ...python("print('up'); import time; time.sleep(60)"),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 124, stdout: "up" });
  });
});

it("a run of a CronJob outlives a deploy of another version of it", async () => {
  shop.configure("v1", { services: { report: { config: { SECONDS: "25" } } } });
  await shop.up();
  const { job } = JSON.parse((await slipway("run", "report", "--detach", "--json")).stdout);
  expect((await slipway("run", "report")).output).toContain(`runs already, as the Job ${job}`);
  shop.configure("v1", { services: { report: { config: { SUBJECT: "returns" } } } });
  await shop.up();
  await kubectl("wait", "-n", NAMESPACE, "--for=condition=Complete", `job/${job}`, "--timeout=60s");
  expect((await slipway("logs", "report", "--job", job)).stdout).toMatch(/begun sales\n.* sent$/);
});

it("a cron service fires by its schedule", async () => {
  await expect
    .poll(async () => (await runsOf("tick")).some(({ status }) => status?.succeeded), { timeout: 75_000 })
    .toBe(true);
});
