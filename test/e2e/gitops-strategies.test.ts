import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationName, argoCdNamespace } from "../../config/naming.ts";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { network } from "../../sandbox/paths.ts";
import { type LoadReport, startLoad } from "../load/load.ts";
import { ask, kubectl, kubectlJson, Workspace } from "./workspace.ts";

const STACK = "e2e-gitops-strategies";
const CANARY = `api.${STACK}.localhost`;
const BLUE = `front.${STACK}.localhost`;
const NEXT = `next.${STACK}.localhost`;
const TOKEN = "manifests-token";

const off = { enabled: false };
const build = {
  context: "examples/shop/api",
  args: { BUILD_IMAGE: "127.0.0.1:5000/base/golang:1.26", BASE_IMAGE: "127.0.0.1:5000/base/static:1" },
};
const common = {
  build,
  port: 8080,
  replicas: { min: 2, max: 2 },
  resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "96Mi" } },
  probes: { path: "/readyz", livenessPath: "/healthz", startupSeconds: 20 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
};
const canary = {
  strategy: "canary",
  minReadySeconds: 1,
  steps: [{ weight: 25 }, { pause: 15 }, { weight: 50 }, { pause: 10 }],
};

interface Application {
  status?: {
    sync?: { status: string; revision?: string };
    health?: { status: string };
    operationState?: { phase: string };
  };
}
interface TraefikService {
  spec: { weighted: { services: { name: string; weight?: number }[] } };
}

let folder: string;
let server: GitServer;
let shop: Workspace;

const git = async (...args: string[]) => (await execa("git", ["--git-dir", server.path("manifests"), ...args])).stdout;
const head = () => git("rev-parse", `env/${STACK}`);
const application = async (service: string) => {
  const name = applicationName(STACK, service);
  return (await kubectlJson<Application>("get", "application", name, "-n", argoCdNamespace(STACK))).status;
};
const canaryWeight = async () => {
  const { spec } = await kubectlJson<TraefikService>("get", "traefikservices", "api", "-n", STACK);
  return spec.weighted.services.find(({ name }) => name === "api-canary")?.weight;
};
const podsOf = async (service: string, release: string) => {
  const labels = `app.kubernetes.io/instance=${service},app.kubernetes.io/version=${release}`;
  return (await kubectl("get", "pods", "-n", STACK, "-l", labels, "-o", "name")).split("\n").filter(Boolean).sort();
};
const releaseOf = async (host: string) => JSON.parse((await ask(host, "/version")).body).release as string;

/** With the right to read the cluster. */
const slipway = (...args: string[]) =>
  shop.slipway([...args, "--stack", STACK], { SLIPWAY_MANIFESTS_USER: "ci", SLIPWAY_MANIFESTS_TOKEN: TOKEN });
const recorded = ["--no-commit", "--no-notify"];

/** The Application of a service at a commit. */
const synced = async (service: string, commit: string, health: string) => {
  await expect
    .poll(() => application(service), { timeout: 120_000, interval: 500 })
    .toMatchObject({ sync: { status: "Synced", revision: commit }, health: { status: health } });
};

async function underLoad<T>(host: string, command: () => Promise<T>): Promise<T & { report: LoadReport }> {
  const load = await startLoad({ url: `http://${host}:30080/version`, rps: 60, timeoutMs: 30_000, maxSeconds: 280 });
  const result = await command();
  // The old pods go half a minute later.
  await sleep(5_000);
  return { ...result, report: await load.stop() };
}
function expectNoLoss({ report }: { report: LoadReport }): void {
  console.info(`${report.sent} requests, ${report.failed} failed`);
  expect(report.sent).toBeGreaterThan(300);
  expect(report.errors).toEqual({});
}

/** Looks again and again while a command runs. @returns what was seen, without what comes twice in a row */
async function watch<T, R>(look: () => Promise<T>, command: () => Promise<R>): Promise<{ seen: T[]; result: R }> {
  const seen: T[] = [];
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const now = await look();
      if (seen.length === 0 || seen.at(-1) !== now) seen.push(now);
      await sleep(200);
    }
  })();
  try {
    return { seen, result: await command() };
  } finally {
    isOver = true;
    await watching;
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-e2e-git-"));
  server = new GitServer({ folder, address: network.api, users: { ci: TOKEN, "argo-cd": "reader" } });
  await server.start();
  await server.createRepository("manifests");
  shop = new Workspace(STACK, {
    delivery: { mode: "gitops", gitops: { repository: server.url("manifests"), username: "argo-cd" } },
    services: {
      web: off,
      orders: off,
      worker: off,
      api: { ...common, hosts: [CANARY], rollout: canary },
      front: {
        ...common,
        hosts: [BLUE],
        config: { GREETING: "Good morning" },
        rollout: { strategy: "blueGreen", minReadySeconds: 1, promotion: "manual", previewHost: NEXT },
      },
    },
  });
  await shop.begin();
  await shop.pulumi("config", "set", "--secret", "slipway:gitops.password", "reader");
  await shop.up();
  const first = await slipway("deploy", "--release", "v1", ...recorded);
  expect(first.exitCode, first.output).toBe(0);
});
afterAll(async () => {
  await shop?.remove();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a release that Argo CD rolls out as a canary, and as blue/green for a person to promote", () => {
  it("takes the canary through its weights, loses no request, and says which service waits", async () => {
    await expect.poll(() => releaseOf(CANARY), { timeout: 60_000 }).toBe("v1");
    const { seen, result } = await watch(canaryWeight, () =>
      underLoad(CANARY, () => slipway("deploy", "--release", "v2", ...recorded)),
    );
    expect(result.exitCode, result.output).toBe(0);
    expectNoLoss(result);
    expect(seen).toEqual([0, 25, 50, 0]);
    expect(result.output).toContain("front: v2 waits to be promoted, v1 serves");
    expect(result.output).toContain(`promote front --stack ${STACK}`);
    expect(result.output).not.toContain("promote api");
    expect(await releaseOf(CANARY)).toBe("v2");
    await synced("api", await head(), "Healthy");
    await synced("front", await head(), "Suspended");
  });

  it("serves the old version, and the new one on its preview host, until it is promoted without a lost request", async () => {
    expect([await releaseOf(BLUE), await releaseOf(NEXT)]).toEqual(["v1", "v2"]);
    const run = await underLoad(BLUE, () => slipway("promote", "front"));
    expect(run.exitCode, run.output).toBe(0);
    expectNoLoss(run);
    expect(await releaseOf(BLUE)).toBe("v2");
    await synced("front", await head(), "Healthy");
  });
});

describe("a rollback by commit", () => {
  it("takes back a blue/green rollout that waits, although its config has changed as well", async () => {
    shop.configure("v2", { services: { front: { config: { GREETING: "Good evening" } } } });
    const deploy = await slipway("deploy", ...recorded);
    expect(deploy.exitCode, deploy.output).toBe(0);
    expect(deploy.output).toContain("promote front");
    // The operation is over, so the next commit is applied at once.
    expect((await application("front"))?.operationState?.phase).toBe("Succeeded");
    shop.configure("v2", { services: { front: { config: { GREETING: "Good morning" } } } });
    const kept = await podsOf("front", "v1");
    const back = await underLoad(BLUE, () => slipway("rollback", "--to", "v1", "--service", "front", ...recorded));
    expect(back.exitCode, back.output).toBe(0);
    expectNoLoss(back);
    await synced("front", await head(), "Healthy");
    expect(await releaseOf(BLUE)).toBe("v1");
    expect(kept).toHaveLength(2);
    expect(await podsOf("front", "v1")).toEqual(kept);
  });
});

describe("a bad canary", () => {
  it("is aborted by its check, and a second commit takes the deploy back without a lost request", async () => {
    const before = await releaseOf(CANARY);
    const failing = { ...canary, analysis: { path: "/no-such-page" } };
    shop.configure("v2", { services: { api: { rollout: failing } } });
    const run = await underLoad(CANARY, () => slipway("deploy", "--release", "v3", "--service", "api", ...recorded));
    expect(run.exitCode).not.toBe(0);
    expectNoLoss(run);
    expect(run.output).toMatch(/api: Rollout api: RolloutAborted: .*path/);
    expect(run.output).toMatch(/Reverted by commit [0-9a-f]{40}/);
    await synced("api", await head(), "Healthy");
    expect(await releaseOf(CANARY)).toBe(before);
    expect(await git("log", "-1", "--format=%(trailers:key=Slipway-Action,valueonly)", await head())).toMatch(/revert/);
  });
});

describe("a canary that waits for a person", () => {
  it("keeps its weights while Argo CD heals, and the deploy says that it waits", async () => {
    const before = await releaseOf(CANARY);
    const steps = [{ weight: 25 }, { pause: "manual" }];
    shop.configure("v2", { services: { api: { rollout: { ...canary, analysis: { path: "/version" }, steps } } } });
    const { exitCode, output } = await slipway("deploy", "--release", "v4", "--service", "api", ...recorded);
    expect(exitCode, output).toBe(0);
    expect(output).toContain(`api: v4 waits to be promoted, ${before} serves`);
    await synced("api", await head(), "Suspended");
    // Argo CD looks at it whenever something changes, and heals within seconds.
    await kubectl(
      "label",
      "traefikservice",
      "api",
      "-n",
      STACK,
      "--overwrite",
      "app.kubernetes.io/name=changed-by-hand",
    );
    const { seen } = await watch(canaryWeight, () => sleep(15_000));
    expect(seen).toEqual([25]);
    const labelled = await kubectl(
      "get",
      "traefikservices",
      "-n",
      STACK,
      "-l",
      "app.kubernetes.io/name=api",
      "-o",
      "name",
    );
    expect(labelled).toContain("traefikservice.traefik.io/api\n");
  });

  it("loses them without the ignored differences: what is kept above is there to be lost", async () => {
    const name = applicationName(STACK, "api");
    const spec = { ignoreDifferences: null, syncPolicy: { syncOptions: ["CreateNamespace=false"] } };
    await kubectl(
      ...["patch", "application", name, "-n", argoCdNamespace(STACK), "--type=merge"],
      ...["--patch", JSON.stringify({ spec })],
    );
    await expect.poll(canaryWeight, { timeout: 60_000, interval: 100 }).toBeUndefined();
  });
});
