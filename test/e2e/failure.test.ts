import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { startLoad } from "../load/load.ts";
import { pushBrokenImage } from "./broken-image.ts";
import { ask, kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const quick = {
  replicas: { min: 1, max: 1 },
  // Nothing may wait as long as this.
  rollout: { minReadySeconds: 1, timeoutSeconds: 600 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
};
/** A worker: it has no probes. */
const small = {
  build: { context: "examples/shop/worker", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
  resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
};
/** It is ready as soon as it runs. */
const DIES_LATE = ["python3", "-c", "import time; time.sleep(5); raise SystemExit('no mailbox')"];
const FAILING = ["api", "web", "orders", "sweeper", "mailer", "billing"];
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace("e2e-failure", {
    services: {
      web: { ...quick, probes: { startupSeconds: 10 } },
      api: { ...quick, replicas: { min: 2, max: 2 }, probes: { startupSeconds: 10 } },
      orders: {
        ...quick,
        config: { START_SECONDS: "2" },
        probes: { startupSeconds: 10 },
        rollout: { ...quick.rollout, maxRestarts: 0 },
      },
      worker: quick,
      sweeper: { ...quick, ...small },
      billing: { ...quick, ...small },
      mailer: { ...quick, ...small, rollout: { ...quick.rollout, minReadySeconds: 10 }, config: { SMTP: "right" } },
    },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

let bad: Run;

describe("a bad release", () => {
  let failed: number;

  beforeAll(async () => {
    await pushBrokenImage(shop.repository, "sweeper-broken");
    shop.configure("v2", {
      services: {
        api: { config: { FAIL_MODE: "crash" } },
        web: { command: ["/no/such/program"] },
        orders: { config: { START_SECONDS: "999" } },
        sweeper: { tag: "broken" },
        mailer: { command: DIES_LATE, config: { SMTP: "wrong" } },
        billing: { secretRefs: [{ secret: "nobody-made-it" }] },
      },
    });
    const load = await startLoad({ url: "http://api.e2e-failure.localhost:30080/version", rps: 100, maxSeconds: 280 });
    bad = await shop.sandboxUp();
    const report = await load.stop();
    failed = report.failed;
  });

  it("fails the command, without a stack trace", () => {
    expect(bad.exitCode).toBe(1);
    expect(bad.output).not.toMatch(/\n\s+at .*\.(ts|js):/);
  });

  it("ends each rollout once it cannot succeed, long before Helm's timeout", async () => {
    for (const service of FAILING)
      expect(bad.output).toMatch(new RegExp(`${service} \\S+: the rollout is ended and rolled back`));
    // The update as a whole also builds the images.
    for (const service of FAILING) expect(await secondsUntilRollback(service), service).toBeLessThan(90);
  });

  it("names service, release, pod, reason and the last lines of the log of one that crashes", () => {
    expect(bad.output).toMatch(/api v2: pod api-\S+: CrashLoopBackOff \(Error 1\)/);
    expect(bad.output).toContain("FAIL_MODE=crash: exiting with status 1, as asked");
  });

  it("says why a container cannot start", () => {
    expect(bad.output).toMatch(/web v2: pod web-\S+: (RunContainerError|CrashLoopBackOff)/);
    expect(bad.output).toContain("/no/such/program");
  });

  it("says that an image cannot be pulled", () => {
    expect(bad.output).toMatch(/sweeper broken: pod sweeper-\S+: (ErrImagePull|ImagePullBackOff)/);
  });

  it("says which pod never became ready, and what its probe met", () => {
    expect(bad.output).toMatch(/orders v2: pod orders-\S+: not ready within the 10 s/);
  });

  it("says that a Secret is missing", () => {
    expect(bad.output).toMatch(/billing v2: pod billing-\S+: CreateContainerConfigError/);
    expect(bad.output).toContain("nobody-made-it");
  });

  it("does not take a worker that dies after five seconds for one that was rolled out", () => {
    expect(bad.output).toMatch(/mailer v2: pod mailer-\S+: CrashLoopBackOff \(Error 1\)/);
    expect(bad.output).toContain("no mailbox");
  });

  it("loses no request, and leaves the old version whole", async () => {
    expect(failed).toBe(0);
    const services = await shop.services();
    for (const name of FAILING) {
      expect(services[name]).toMatchObject({ release: "v1" });
      expect(services[name]?.ready).toBe(services[name]?.desired);
    }
  });

  it.each([
    ["api", 2],
    ["mailer", 1],
  ])("leaves the old version what it needs: a pod of %s that is lost comes back", async (service, count) => {
    const found = ["-n", "e2e-failure", "-l", `app.kubernetes.io/name=${service}`];
    const pods = (await kubectl("get", "pods", ...found, "-o", "name")).split("\n");
    await kubectl("delete", "-n", "e2e-failure", "--wait=true", pods[0] ?? "");
    await expect
      .poll(async () => (await shop.services())[service], { timeout: 30_000 })
      .toMatchObject({ release: "v1", ready: count, desired: count });
  });

  it("reports what was deployed and what was not", async () => {
    const table = bad.output.slice(bad.output.indexOf("What runs now"));
    expect(table).toMatch(/api .*v1 /);
    expect(table).toMatch(/worker .*v2 /);
  });

  it("is put right by one command", async () => {
    shop.configure("v2", {
      services: {
        api: { config: { FAIL_MODE: "" } },
        web: { command: [] },
        orders: { config: { START_SECONDS: "2" } },
        sweeper: { enabled: false },
        mailer: { command: [], config: { SMTP: "right" } },
        billing: { secretRefs: [] },
      },
    });
    await shop.up();
    for (const { release } of Object.values(await shop.services())) expect(release).toBe("v2");
  });
});

describe("an update that is cut off in the middle", () => {
  const underWay = () =>
    expect.poll(() => helmStatus("api"), { timeout: 60_000, interval: 200 }).toBe("pending-upgrade");
  const allRun = async (wanted: string) => {
    for (const { release, ready, desired } of Object.values(await shop.services())) {
      expect(release).toBe(wanted);
      expect(ready).toBe(desired);
    }
  };

  it("by Ctrl-C ends in order, and the next one goes on", async () => {
    shop.configure("v3");
    const cutOff = shop.start("up");
    await underWay();
    cutOff.interrupt();
    expect((await cutOff.ended).exitCode).not.toBe(0);
    expect((await ask("api.e2e-failure.localhost", "/version")).status).toBe(200);
    const { exitCode, output } = await shop.sandboxUp();
    expect(exitCode, output).toBe(0);
    expect(output).not.toContain("was killed");
    await allRun("v3");
  });

  it("by SIGKILL of all its processes leaves the old version serving, and the next one puts everything right", async () => {
    shop.configure("v4");
    const killed = shop.start("up");
    await underWay();
    // An update that had ended by itself would leave no lock, and its output says why.
    expect(killed.kill(), killed.printed()).toContain("pulumi");
    await killed.ended;
    expect(shop.isLocked(), killed.printed()).toBe(true);
    expect(await helmStatus("api")).toBe("pending-upgrade");
    expect((await ask("api.e2e-failure.localhost", "/version")).status).toBe(200);

    const { exitCode, output } = await shop.sandboxUp();
    expect(exitCode, output).toBe(0);
    expect(output).toContain("The engine that held the lock of e2e-failure was killed");
    expect(output).toContain("api: an earlier update was interrupted (pending-upgrade)");
    await allRun("v4");
  });
});

describe("secrets", () => {
  const secret = "only-for-the-local-stack";
  const shows = (text: string) => text.includes(secret) || text.includes(Buffer.from(secret).toString("base64"));
  const filesUnder = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const read = (file: string) => readFileSync(file, "utf8");

  it("reach the pods", async () => {
    expect((await kubectl("get", "secrets", "-n", "e2e-failure", "-o", "name")).includes("secret/api-")).toBe(true);
    expect(JSON.parse((await ask("api.e2e-failure.localhost", "/version")).body)).toMatchObject({ configured: true });
  });

  it("are in plain text in no state, no log and no output", () => {
    // Files of other stacks come and go while their tests run.
    const states = filesUnder(paths.stackStates).filter((file) => file.includes("e2e-failure"));
    expect(states.length).toBeGreaterThan(0);
    expect([...[...states, ...filesUnder(paths.logs)].map(read), bad.output].some(shows)).toBe(false);
  });

  it("are in no object of the cluster but their Secret, Helm's records included", async () => {
    const objects = await kubectl("get", "configmaps,deployments,pods", "-n", "e2e-failure", "-o", "yaml");
    const { items } = await kubectlJson<{ items: { data: { release: string } }[] }>(
      "get",
      "secrets",
      "-n",
      "e2e-failure",
      "-l",
      "owner=helm",
    );
    expect(items.length).toBeGreaterThan(0);
    // As Helm's driver stores it: base64 of gzip of JSON, within the Secret's own base64.
    const unpack = (text: string) =>
      gunzipSync(Buffer.from(Buffer.from(text, "base64").toString(), "base64")).toString();
    expect([objects, ...items.map(({ data }) => unpack(data.release))].some(shows)).toBe(false);
  });
});

interface HelmRecord {
  metadata: { labels: Record<string, string>; creationTimestamp: string };
}

/** Helm's records of a release, by revision. Its driver puts labels on them. */
async function helmRecords(name: string): Promise<HelmRecord[]> {
  const selector = `owner=helm,name=${name}`;
  const { items } = await kubectlJson<{ items: HelmRecord[] }>("get", "secrets", "-n", "e2e-failure", "-l", selector);
  const version = ({ metadata }: HelmRecord) => Number(metadata.labels.version);
  return items.sort((a, b) => version(a) - version(b));
}

/** From the beginning of the upgrade that failed to that of its rollback. */
async function secondsUntilRollback(name: string): Promise<number> {
  const records = await helmRecords(name);
  const failed = records.findLastIndex(({ metadata }) => metadata.labels.status === "failed");
  const [from, to] = [records[failed], records[failed + 1]].map((it) =>
    Date.parse(it?.metadata.creationTimestamp ?? ""),
  );
  return ((to ?? Number.NaN) - (from ?? Number.NaN)) / 1000;
}

/** Status of a release's last revision. */
async function helmStatus(name: string): Promise<string | undefined> {
  return (await helmRecords(name)).at(-1)?.metadata.labels.status;
}
