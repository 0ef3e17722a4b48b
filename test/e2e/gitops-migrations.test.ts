import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { ensureImage, imageName } from "../../sandbox/images/build.ts";
import { mariadbRecipe } from "../../sandbox/images/mariadb.ts";
import { network, paths, registryHost } from "../../sandbox/paths.ts";
import { toolPath } from "../../sandbox/toolchain.ts";
import { type LoadReport, startLoad } from "../load/load.ts";
import { killTree } from "./process-tree.ts";
import { ask, kubectl, kubectlJson, Workspace } from "./workspace.ts";

const STACK = "e2e-gitops-migrations";
const HOST = `store.${STACK}.localhost`;
const PASSWORD = "only-for-this-test";
const TOKEN = "manifests-token";

const quick = { rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
const off = { enabled: false };
let folder: string;
let server: GitServer;
let shop: Workspace;

const git = async (...args: string[]) => (await execa("git", ["--git-dir", server.path("manifests"), ...args])).stdout;
const head = () => git("rev-parse", `env/${STACK}`);
const options = ["--stack", STACK, "--no-commit", "--no-notify"];
const credentials = { SLIPWAY_MANIFESTS_USER: "ci", SLIPWAY_MANIFESTS_TOKEN: TOKEN };
const slipway = (...args: string[]) => shop.slipway([...args, ...options], credentials);

async function underLoad<T>(command: () => Promise<T>): Promise<T & { report: LoadReport }> {
  const load = await startLoad({ url: `http://${HOST}:30080/order`, rps: 60, timeoutMs: 20_000, maxSeconds: 280 });
  const result = await command();
  await sleep(8_000);
  return { ...result, report: await load.stop() };
}
function expectNoLoss({ report }: { report: LoadReport }): void {
  console.info(`${report.sent} requests, ${report.failed} failed`);
  expect(report.sent).toBeGreaterThan(400);
  expect(report.errors).toEqual({});
}

const mariadb = ["-h", "127.0.0.1", "-u", "orders", `-p${PASSWORD}`, "--skip-column-names", "orders", "-e"];
const inDatabase = ["exec", "-n", STACK, "deploy/db", "--", "mariadb", ...mariadb];
const query = (statement: string) => kubectl(...inDatabase, statement);
/** How often the command of a release's migration has begun. */
const runs = async (release: string) =>
  Number(await query(`SELECT COUNT(*) FROM runs WHERE release_tag = '${release}'`));
const releaseOf = async () => JSON.parse((await ask(HOST, "/version")).body).release as string;

interface Job {
  metadata: { name: string; uid: string; annotations: Record<string, string> };
  status: { active?: number };
}
const jobsOf = async (release: string) => {
  const found = ["-n", STACK, "-l", "app.kubernetes.io/component=migration"];
  const { items } = await kubectlJson<{ items: Job[] }>("get", "jobs", ...found);
  return items.filter(({ metadata }) => metadata.annotations["slipway.dev/release"] === release);
};
const podsOf = async (release: string) => {
  const labels = `app.kubernetes.io/instance=store,app.kubernetes.io/version=${release}`;
  return (await kubectl("get", "pods", "-n", STACK, "-l", labels, "-o", "name")).split("\n").filter(Boolean);
};

beforeAll(async () => {
  await ensureImage(mariadbRecipe);
  folder = mkdtempSync(join(tmpdir(), "slipway-e2e-git-"));
  server = new GitServer({ folder, address: network.api, users: { ci: TOKEN, "argo-cd": "reader" } });
  await server.start();
  await server.createRepository("manifests");
  shop = new Workspace(STACK, {
    delivery: { mode: "gitops", gitops: { repository: server.url("manifests"), username: "argo-cd" } },
    services: {
      ...{ web: off, api: off, orders: off, worker: off },
      db: {
        ...quick,
        image: `${imageName(mariadbRecipe)}@${await digestOfDatabase()}`,
        port: 3306,
        replicas: { min: 1, max: 1 },
        probes: { preset: "tcp", startupSeconds: 60 },
        config: { MARIADB_DATABASE: "orders", MARIADB_PASSWORD: PASSWORD },
        tmp: { paths: ["/var/lib/mysql"] },
        resources: { requests: { cpu: "200m", memory: "192Mi" }, limits: { memory: "384Mi" } },
        network: { allowFrom: ["store"], egress: { services: [], internet: false } },
      },
      store: {
        ...quick,
        build: {
          context: "examples/migrations",
          args: { BUILD_IMAGE: `${registryHost}/base/golang:1.26`, BASE_IMAGE: `${registryHost}/base/static:1` },
        },
        port: 8080,
        hosts: [HOST],
        replicas: { min: 2, max: 2 },
        probes: { path: "/healthz", startupSeconds: 60 },
        config: { DB_HOST: "db", MIGRATION_HOLD: "" },
        secrets: ["DB_PASSWORD"],
        resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { memory: "96Mi" } },
        network: { egress: { services: ["db"], internet: false } },
        migration: { command: ["/orders"], args: ["migrate"], phase: "expand", timeoutSeconds: 180 },
      },
    },
  });
  // The image's build has no network.
  await execa("go", ["mod", "vendor"], { cwd: shop.path("examples/migrations") });
  await shop.begin();
  await shop.pulumi("config", "set", "--secret", "slipway:gitops.password", "reader");
  await shop.pulumi("config", "set", "--secret", "slipway:secret.store.DB_PASSWORD", PASSWORD);
  await shop.up();
});
afterAll(async () => {
  await shop?.remove();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Changes the stack's file as a person does: it has secrets by now. */
function edit(change: (text: string) => string): void {
  const file = shop.path(`stacks/Pulumi.${STACK}.yaml`);
  const text = readFileSync(file, "utf8");
  if (change(text) === text) throw new Error(`nothing to change in ${text}`);
  writeFileSync(file, change(text));
}

async function digestOfDatabase(): Promise<string> {
  const { repository, tag } = mariadbRecipe;
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  const answer = await fetch(`http://${registryHost}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
  return answer.headers.get("docker-content-digest") ?? "";
}

describe("a migration that Argo CD runs", () => {
  it("runs before the first pod, with its Secret and its network, and its log is part of the output", async () => {
    const { exitCode, output } = await slipway("deploy", "--release", "v1");
    expect(exitCode, output).toBe(0);
    expect(output).toContain("store | orders: migrated to v1");
    expect(await runs("v1")).toBe(1);
    await expect.poll(releaseOf, { timeout: 60_000 }).toBe("v1");
  });
});

describe("a migration that cannot have its lock", () => {
  let reader: ReturnType<typeof spawn>;
  const openTransactions = () =>
    query("SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(300)'");

  it("fails the deploy with Job, reason and log, and a second commit takes it back: no new pod has started", async () => {
    await query("INSERT INTO orders (customer) VALUES ('first')");
    const transaction = "START TRANSACTION; SELECT COUNT(*) FROM orders; SELECT SLEEP(300);";
    reader = spawn(toolPath("kubectl"), [...inDatabase, transaction], { env: { KUBECONFIG: paths.kubeconfig } });
    await vi.waitFor(async () => expect(await openTransactions()).not.toBe(""), { timeout: 20_000, interval: 300 });
    const failed = await slipway("deploy", "--release", "v2");
    expect(failed.exitCode).not.toBe(0);
    expect(failed.output).toMatch(
      /store v2: migration expand failed: Job store-expand-\w+ in e2e-gitops-migrations: exit code 1/,
    );
    expect(failed.output).toMatch(/ {2}\| orders: gave up after [\d.]+ s: .*Lock wait timeout/);
    expect(failed.output).toMatch(/Reverted by commit [0-9a-f]{40}/);
    expect(await podsOf("v2")).toEqual([]);
    expect(await releaseOf()).toBe("v1");
    const [job] = await jobsOf("v2");
    expect(await git("log", "-1", "--format=%B", await head())).toContain(`Slipway-Failed-Jobs: ${job?.metadata.name}`);
  });

  it("runs once more with the same command, once the lock is free, and no request is lost", async () => {
    reader.kill();
    for (const id of (await openTransactions()).split("\n").filter(Boolean)) await query(`KILL ${id}`);
    const again = await underLoad(() => slipway("deploy", "--release", "v2"));
    expect(again.exitCode, again.output).toBe(0);
    expectNoLoss(again);
    expect(await releaseOf()).toBe("v2");
    expect(await runs("v2")).toBe(2);
  });

  afterAll(() => {
    reader?.kill();
  });
});

describe("a migration that has succeeded", () => {
  it("does not run again for another config of the same image", async () => {
    edit((text) => text.replace("DB_HOST: db", "DB_HOST: db.e2e-gitops-migrations"));
    const { exitCode, output } = await slipway("deploy");
    expect(exitCode, output).toBe(0);
    expect(await runs("v2")).toBe(2);
  });

  it("does not run again after a rollback and back, and no request is lost", async () => {
    const run = await underLoad(async () => {
      const forth = await slipway("deploy", "--release", "v3");
      const back = await slipway("rollback", "--to", "v2");
      const again = await slipway("deploy", "--release", "v3", "--allow-downgrade");
      return { codes: [forth.exitCode, back.exitCode, again.exitCode], output: again.output };
    });
    expect(run.codes, run.output).toEqual([0, 0, 0]);
    expectNoLoss(run);
    expect([await runs("v2"), await runs("v3")]).toEqual([2, 1]);
    expect(await releaseOf()).toBe("v3");
  });
});

describe("a migration that a person stops by its deadline", () => {
  it("has failed, and the deploy takes itself back", async () => {
    await query("CREATE TABLE hold (id INT)");
    edit((text) => text.replace('MIGRATION_HOLD: ""', 'MIGRATION_HOLD: "true"'));
    const before = await releaseOf();
    const deploy = slipway("deploy", "--release", "v3-stopped");
    await expect.poll(() => runs("v3-stopped"), { timeout: 150_000, interval: 1_000 }).toBe(1);
    const [job] = await jobsOf("v3-stopped");
    const patch = JSON.stringify({ spec: { activeDeadlineSeconds: 1 } });
    await kubectl("patch", "job", job?.metadata.name ?? "", "-n", STACK, "--patch", patch);
    const { exitCode, output } = await deploy;
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/store v3-stopped: migration expand failed: .*did not end within/);
    await query("DROP TABLE hold");
    expect(await releaseOf()).toBe(before);
    expect(await podsOf("v3-stopped")).toEqual([]);
  });
});

describe("a deploy that is killed in a migration", () => {
  it("leaves the Job to Argo CD, and the next command waits for it", async () => {
    await query("CREATE TABLE hold (id INT)");
    const { child } = await shop.startSlipway(["deploy", "--release", "v3-held", ...options], credentials);
    await expect.poll(() => runs("v3-held"), { timeout: 150_000, interval: 1_000 }).toBe(1);
    killTree(child.pid as number);
    await child;
    const next = slipway("deploy", "--release", "v3-held");
    await sleep(10_000);
    expect(await releaseOf()).toBe("v3");
    await query("DROP TABLE hold");
    const { exitCode, output } = await next;
    expect(exitCode, output).toBe(0);
    expect(await runs("v3-held")).toBe(1);
    await expect.poll(releaseOf, { timeout: 60_000 }).toBe("v3-held");
  });
});
