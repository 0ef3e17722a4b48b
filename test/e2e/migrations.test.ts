import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensureImage, imageName } from "../../sandbox/images/build.ts";
import { mariadbRecipe } from "../../sandbox/images/mariadb.ts";
import { paths, registryHost } from "../../sandbox/paths.ts";
import { toolPath } from "../../sandbox/toolchain.ts";
import { type LoadReport, startLoad } from "../load/load.ts";
import { ask, kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const STACK = "e2e-migrations";
const HOST = `store.${STACK}.localhost`;
const PASSWORD = "only-for-this-test";
/** With SLIPWAY_LOAD=full, the load of docs/migrations.md: more than 50,000 requests in all. */
const { rps: RPS, requests: REQUESTS } =
  process.env.SLIPWAY_LOAD === "full" ? { rps: 400, requests: 50_000 } : { rps: 100, requests: 8_000 };

const quick = { rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
const off = { enabled: false };
let shop: Workspace;

beforeAll(async () => {
  await ensureImage(mariadbRecipe);
  shop = new Workspace(STACK, {
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
        resources: { requests: { cpu: "300m", memory: "192Mi" }, limits: { memory: "384Mi" } },
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
        config: { DB_HOST: "db", DB_PASSWORD: PASSWORD },
        resources: { requests: { cpu: "100m", memory: "32Mi" }, limits: { memory: "96Mi" } },
        network: { egress: { services: ["db"], internet: false } },
        migration: { command: ["/orders"], args: ["migrate"], phase: "expand", timeoutSeconds: 120, database: STACK },
      },
    },
  });
  // The image's build has no network.
  await execa("go", ["mod", "vendor"], { cwd: shop.path("examples/migrations") });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

async function digestOfDatabase(): Promise<string> {
  const { repository, tag } = mariadbRecipe;
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  const answer = await fetch(`http://${registryHost}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
  return answer.headers.get("docker-content-digest") ?? "";
}

/** What the next update deploys. */
function configure(release: string, { phase = "expand", ...config }: { phase?: string; MIGRATION_HOLD?: string } = {}) {
  shop.configure(release, {
    services: { store: { config: { MIGRATION_HOLD: "", ...config }, migration: { phase } } },
  });
}

async function deploy(...args: Parameters<typeof configure>): Promise<string> {
  configure(...args);
  return shop.up();
}

const mariadb = ["-h", "127.0.0.1", "-u", "orders", `-p${PASSWORD}`, "--skip-column-names", "orders", "-e"];
const inDatabase = ["exec", "-n", STACK, "deploy/db", "--", "mariadb", ...mariadb];
const query = (statement: string) => kubectl(...inDatabase, statement);

/** How often the command of a release's migration has begun. */
const runs = async (release: string) =>
  Number(await query(`SELECT COUNT(*) FROM runs WHERE release_tag = '${release}'`));

interface Job {
  metadata: { name: string; uid: string; annotations: Record<string, string> };
  spec: { suspend?: boolean };
  status: { active?: number; conditions?: { type: string; status: string }[] };
}
async function jobOf(release: string): Promise<Job | undefined> {
  const found = ["-n", STACK, "-l", "app.kubernetes.io/component=migration"];
  const { items } = await kubectlJson<{ items: Job[] }>("get", "jobs", ...found);
  return items.find(({ metadata }) => metadata.annotations["slipway.dev/release"] === release);
}
const running = async () => (await shop.services()).store;

describe("a migration that cannot have its lock", () => {
  let refused: Run;
  let reader: ReturnType<typeof spawn>;
  const openTransactions = () =>
    query("SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(300)'");
  beforeAll(async () => {
    await query("INSERT INTO orders (customer) VALUES ('first')");
    const transaction = "START TRANSACTION; SELECT COUNT(*) FROM orders; SELECT SLEEP(300);";
    reader = spawn(toolPath("kubectl"), [...inDatabase, transaction], { env: { KUBECONFIG: paths.kubeconfig } });
    await vi.waitFor(async () => expect(await openTransactions()).not.toBe(""), { timeout: 20_000, interval: 300 });
    configure("v2");
    refused = await shop.run("up");
  });

  it("gives up within 5 s, fails the deploy and names service, Job, reason and log", () => {
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toMatch(
      /store v2: migration expand failed: Job store-expand-\w+ in e2e-migrations: exit code 1/,
    );
    const [, seconds = "99"] = /gave up after ([\d.]+) s: .*Lock wait timeout/.exec(refused.output) ?? [];
    expect(Number(seconds)).toBeLessThanOrEqual(5);
  });

  it("leaves the old version serving, and its schema as it was", async () => {
    expect(await running()).toMatchObject({ release: "v1", ready: 2, desired: 2 });
    expect(JSON.parse((await ask(HOST, "/version")).body)).toMatchObject({ release: "v1" });
    expect(await query("SHOW COLUMNS FROM orders LIKE 'client'")).toBe("");
  });

  afterAll(async () => {
    reader.kill();
    for (const id of (await openTransactions()).split("\n").filter(Boolean)) await query(`KILL ${id}`);
  });
});

it("is announced by a preview, which runs nothing", async () => {
  const { output } = await shop.run("preview");
  expect(output).toMatch(/store v2: migration expand runs before the rollout: \/orders migrate/);
  expect(await runs("v2")).toBe(1);
});

describe("a column that is renamed over three releases under load", () => {
  let report: LoadReport;
  const outputs: Record<string, string> = {};
  let back: { v2: number; v3: number };

  beforeAll(async () => {
    // A busy machine is slow to answer. What a schema breaks is answered at once, with 500.
    const load = await startLoad({ url: `http://${HOST}:30080/order`, rps: RPS, timeoutMs: 20_000, maxSeconds: 900 });
    const begun = Date.now();
    outputs.v2 = await deploy("v2");
    outputs.v3 = await deploy("v3");
    outputs.back = await deploy("v2");
    outputs.forth = await deploy("v3");
    back = { v2: await runs("v2"), v3: await runs("v3") };
    outputs.v4 = await deploy("v4", { phase: "contract" });
    const left = (REQUESTS / RPS) * 1020 - (Date.now() - begun);
    if (left > 0) await setTimeout(left);
    report = await load.stop();
  }, 900_000);

  it("fails no request", () => {
    const { p50, p99, max } = report.latency;
    console.info(`${report.sent} requests at ${report.rate}/s, ${report.failed} failed; ms: ${p50}, ${p99}, ${max}`);
    expect(report.errors).toEqual({});
    expect(report.failed).toBe(0);
    expect(report.sent).toBeGreaterThanOrEqual(REQUESTS);
  });

  it("loses no order on the way", async () => {
    expect(await query("SHOW COLUMNS FROM orders LIKE 'customer'")).toBe("");
    expect(await query("SELECT COUNT(*) FROM orders WHERE client IS NULL OR client = ''")).toBe("0");
  });

  it("runs what failed once more, and everything else once, also when a release is rolled back and forth", async () => {
    expect(back).toEqual({ v2: 2, v3: 1 });
    expect([outputs.back, outputs.forth].join()).not.toMatch(/Job store-\S+ runs/);
    expect(await runs("v4")).toBe(1);
  });

  it("prints the log of the command as it runs", () => {
    expect(outputs.v3).toMatch(/store \| orders: backfilled \d+ rows/);
  });

  it("drops the old column only when no pod of an older release lives", async () => {
    const job = await jobOf("v4");
    const pods = await kubectlJson<{ items: { metadata: { labels: Record<string, string> } }[] }>(
      ...["get", "pods", "-n", STACK, "-l", "app.kubernetes.io/instance=store"],
    );
    expect(pods.items.map(({ metadata }) => metadata.labels["app.kubernetes.io/version"])).toEqual(["v4", "v4"]);
    expect(job?.status.conditions).toContainEqual(expect.objectContaining({ type: "Complete", status: "True" }));
    expect(outputs.v4).toMatch(/migration contract: Job store-contract-\w+ runs/);
  });
});

describe("a rollback across a contract migration", () => {
  it("is refused before anything is touched, with the reason and the way through", async () => {
    configure("v3", { phase: "contract" });
    const { exitCode, output } = await shop.run("up");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/v3 is older than the contract migration of v4/);
    expect(output).toContain("--across-contract");
    expect(await running()).toMatchObject({ release: "v4", ready: 2 });
  });
});

describe("an update that is killed in a migration", () => {
  it("leaves the Job running, and the next command waits for it and does not start it again", async () => {
    await query("CREATE TABLE hold (id INT)");
    configure("v4-killed", { MIGRATION_HOLD: "true" });
    const killed = shop.start("up");
    await expect.poll(async () => (await jobOf("v4-killed"))?.status.active, { timeout: 90_000 }).toBe(1);
    await expect.poll(() => runs("v4-killed"), { timeout: 30_000 }).toBe(1);
    killed.kill();
    await killed.ended;
    const job = await jobOf("v4-killed");
    expect(job?.status.active).toBe(1);
    expect(await running()).toMatchObject({ release: "v4", ready: 2 });

    const next = shop.start("up");
    await expect
      .poll(next.printed, { timeout: 120_000 })
      .toMatch(/Job store-expand-\w+ is there from an earlier command/);
    await query("DROP TABLE hold");
    const { exitCode, output } = await next.ended;
    expect(exitCode, output).toBe(0);
    expect((await jobOf("v4-killed"))?.metadata.uid).toBe(job?.metadata.uid);
    expect(await runs("v4-killed")).toBe(1);
    expect(await running()).toMatchObject({ release: "v4-killed", ready: 2 });
  });
});
