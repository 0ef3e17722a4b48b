import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { toolPath } from "../../sandbox/toolchain.ts";
import { type Load, startLoad } from "../load/load.ts";
import { ask, kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-rename";
const HOST = "shop.e2e-rename.localhost";
const PRIORITY = "traefik.ingress.kubernetes.io/router.priority";
const quick = { rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
const api = {
  ...quick,
  build: {
    context: "examples/shop/api",
    args: { BUILD_IMAGE: "127.0.0.1:5000/base/golang:1.26", BASE_IMAGE: "127.0.0.1:5000/base/static:1" },
  },
  port: 8080,
  replicas: { min: 2, max: 3 },
  probes: { path: "/readyz", livenessPath: "/healthz", startupSeconds: 20 },
  resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "96Mi" } },
  hosts: [HOST],
  network: { allowFrom: ["browser"] },
};
/** Calls the service by its name, and writes a line for each call that fails. */
const CALLS = `
import os, signal, sys, time, urllib.request
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
time.sleep(5)
while True:
    try:
        urllib.request.urlopen(os.environ["SHOP"] + "/version", timeout=15).read()
    except Exception as error:
        print("lost", time.time(), error, flush=True)
    time.sleep(0.05)
`;
const browser = {
  ...quick,
  build: { context: "examples/shop/worker", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
  resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
  replicas: { min: 1, max: 1 },
  command: ["python3", "-c", CALLS],
};
const calling = (name: string) => ({
  config: { SHOP: `http://${name}` },
  network: { egress: { internet: false, services: [name] } },
});
const off = { enabled: false };
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace(NAMESPACE, {
    services: {
      ...{ web: off, orders: off, worker: off, api: off },
      catalog: api,
      browser: { ...browser, ...calling("catalog") },
    },
  });
  await shop.begin();
  await shop.up();
  // As an autoscaler does it under load.
  await kubectl("patch", "hpa", "catalog", "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"minReplicas":3}}');
  await vi.waitFor(async () => expect(await podsOf("catalog")).toHaveLength(3), { timeout: 60_000, interval: 1_000 });
});
afterAll(() => shop.remove());

interface Listed {
  items: { metadata: { name: string } }[];
}
async function podsOf(service: string): Promise<string[]> {
  const selector = `app.kubernetes.io/name=${service}`;
  const { items } = await kubectlJson<Listed>("get", "pods", "-n", NAMESPACE, "-l", selector);
  return items.map(({ metadata }) => metadata.name).sort();
}

async function releases(): Promise<string[]> {
  const { output } = await shop.helm("list", "--short", "--all");
  return output.split("\n").filter((name) => name !== "");
}

const priorityOf = async (service: string) =>
  (
    await kubectlJson<{ metadata: { annotations?: Record<string, string> } }>(
      ...["get", "ingress", service, "-n", NAMESPACE],
    )
  ).metadata.annotations?.[PRIORITY];

/** Deploys under load on the host. */
async function upUnderLoad(up = () => shop.run("up")): Promise<{ run: Run; lost: Awaited<ReturnType<Load["stop"]>> }> {
  const load = await startLoad({ url: `http://${HOST}:30080/version`, rps: 60, timeoutMs: 20_000, maxSeconds: 280 });
  const run = await up();
  // The pods of a service that was removed serve until the last router has dropped them.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return { run, lost: await load.stop() };
}

function logsOf(service: string, ...options: string[]) {
  const selector = `app.kubernetes.io/name=${service}`;
  const args = ["logs", "-n", NAMESPACE, "-l", selector, "--tail=-1", ...options];
  return execa(toolPath("kubectl"), args, { env: { KUBECONFIG: paths.kubeconfig }, reject: false });
}

describe("a rename that fails", () => {
  let run: Run;

  it("loses no request", async () => {
    shop.configure("v1", {
      services: {
        catalog: off,
        storefront: { ...api, renamedFrom: "catalog", config: { FAIL_MODE: "crash" } },
        browser: calling("storefront"),
      },
    });
    const { run: failed, lost } = await upUnderLoad();
    run = failed;
    expect(lost.errors).toEqual({});
    expect(lost.sent).toBeGreaterThan(500);
  });

  it("ends the update, and leaves the old name and who calls it as they are", async () => {
    expect(run.exitCode, run.output).not.toBe(0);
    expect(run.output).toMatch(/storefront replaces catalog: it starts with 3 pods/);
    expect(await releases()).toEqual(["browser", "catalog"]);
    expect(await podsOf("catalog")).toHaveLength(3);
    expect(JSON.parse((await ask(HOST, "/version")).body).pod).toMatch(/^catalog-/);
  });
});

it("a rename that is killed loses no request", async () => {
  shop.configure("v1", { services: { storefront: { config: { FAIL_MODE: "" } } } });
  const load = await startLoad({ url: `http://${HOST}:30080/version`, rps: 60, timeoutMs: 20_000, maxSeconds: 280 });
  const up = shop.start("up");
  await vi.waitFor(async () => expect((await podsOf("storefront")).length).toBeGreaterThan(0), {
    timeout: 120_000,
    interval: 500,
  });
  up.kill();
  await up.ended;
  const lost = await load.stop();
  expect(lost.errors).toEqual({});
  expect(await releases()).toEqual(["browser", "catalog", "storefront"]);
});

describe("a rename in one deploy", () => {
  let pods: string[];

  it("loses no request, from outside nor from other services", async () => {
    const before = logsOf("browser", "--follow");
    // It also removes the lock of the one that was killed.
    const { run, lost } = await upUnderLoad(() => shop.sandboxUp());
    expect(run.exitCode, run.output).toBe(0);
    expect(lost.errors).toEqual({});
    expect(lost.sent).toBeGreaterThan(500);
    expect((await before).stdout).toBe("");
    expect((await logsOf("browser")).stdout).toBe("");
    expect(run.output).not.toMatch(/answered 503/);
  });

  it("starts with as many pods as the old name had, and removes that", async () => {
    expect(await releases()).toEqual(["browser", "storefront"]);
    pods = await podsOf("storefront");
    expect(pods).toHaveLength(3);
    expect(JSON.parse((await ask(HOST, "/version")).body).pod).toMatch(/^storefront-/);
    expect(Number(await priorityOf("storefront"))).toBe(`Host(\`${HOST}\`) && PathPrefix(\`/\`)`.length - 1);
  });

  it("is settled by the next deploy, which stops no pod", async () => {
    const { run, lost } = await upUnderLoad();
    expect(run.exitCode, run.output).toBe(0);
    expect(lost.errors).toEqual({});
    expect(await priorityOf("storefront")).toBeUndefined();
    expect(await podsOf("storefront")).toEqual(pods);
    const again = await shop.run("up", "--expect-no-changes");
    expect(again.exitCode, again.output).toBe(0);
  });
});
