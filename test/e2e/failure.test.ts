import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { startLoad } from "../load/load.ts";
import { kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const quick = {
  replicas: { min: 1, max: 1 },
  rollout: { minReadySeconds: 1 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
};
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace("e2e-failure", {
    services: {
      web: { ...quick, probes: { startupSeconds: 10 } },
      api: { ...quick, replicas: { min: 2, max: 2 }, probes: { startupSeconds: 10 } },
      orders: { ...quick, config: { START_SECONDS: "2" }, probes: { startupSeconds: 10 } },
      worker: quick,
    },
  });
  await shop.up();
});
afterAll(() => shop.remove());

describe("a bad release", () => {
  let bad: Run;
  let failed: number;

  beforeAll(async () => {
    shop.configure("v2", {
      services: {
        api: { config: { FAIL_MODE: "crash" } },
        web: { command: ["/no/such/program"] },
        orders: { config: { START_SECONDS: "999" } },
      },
    });
    const load = await startLoad({ url: "http://api.e2e-failure.localhost:30080/version", rps: 100, maxSeconds: 280 });
    bad = await shop.run("up");
    const report = await load.stop();
    failed = report.failed;
  });

  it("fails the command, without a stack trace", () => {
    expect(bad.exitCode).toBe(1);
    expect(bad.output).not.toMatch(/\n\s+at .*\.(ts|js):/);
  });

  it("names service, release, pod, reason and the last lines of the log of one that crashes", () => {
    expect(bad.output).toMatch(/api v2: pod api-\S+: CrashLoopBackOff \(Error 1\)/);
    expect(bad.output).toContain("FAIL_MODE=crash: exiting with status 1, as asked");
  });

  it("says why a container cannot start", () => {
    expect(bad.output).toMatch(/web v2: pod web-\S+: (RunContainerError|CrashLoopBackOff)/);
    expect(bad.output).toContain("/no/such/program");
  });

  it("says which pod never became ready, and what its probe met", () => {
    expect(bad.output).toMatch(/orders v2: pod orders-\S+: not ready within the 10 s/);
  });

  it("loses no request, and leaves the old version whole", async () => {
    expect(failed).toBe(0);
    const services = await shop.services();
    for (const name of ["api", "web", "orders"]) {
      expect(services[name]).toMatchObject({ release: "v1" });
      expect(services[name]?.ready).toBe(services[name]?.desired);
    }
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
      },
    });
    await shop.up();
    for (const { release } of Object.values(await shop.services())) expect(release).toBe("v2");
  });
});

describe("an update that was cut off", () => {
  it("leaves a Helm release that the next one puts right", async () => {
    // What a SIGKILL in the middle of an upgrade leaves: the last revision's record says that it is still under way.
    const { items } = await kubectlJson<{ items: { metadata: { name: string; labels: Record<string, string> } }[] }>(
      "get",
      "secrets",
      "-n",
      "e2e-failure",
      "-l",
      "owner=helm,name=api",
    );
    const last = items
      .map(({ metadata }) => metadata)
      .sort((a, b) => Number(a.labels.version) - Number(b.labels.version))
      .at(-1);
    await markPending(last?.name ?? "");
    shop.configure("v3");
    const output = await shop.up();
    expect(output).toContain("api: an earlier update was cut off (pending-upgrade)");
    expect((await shop.services()).api).toMatchObject({ release: "v3" });
  });
});

describe("secrets", () => {
  it("are in plain text in no state, no release, no log and no output", async () => {
    const secret = "only-for-the-local-stack";
    expect((await kubectl("get", "secrets", "-n", "e2e-failure", "-o", "name")).includes("secret/api-")).toBe(true);
    const folder = join(paths.state, "stacks");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const states = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(states.some((state) => state.includes("e2e-failure"))).toBe(true);
    for (const text of states) {
      expect(text.includes(secret)).toBe(false);
      expect(text.includes(Buffer.from(secret).toString("base64"))).toBe(false);
    }
    expect((await kubectl("get", "configmaps,deployments", "-n", "e2e-failure", "-o", "yaml")).includes(secret)).toBe(
      false,
    );
  });
});

/** As Helm's driver stores it: base64 of gzip of JSON, within the Secret's own base64. */
async function markPending(name: string): Promise<void> {
  const { gunzipSync, gzipSync } = await import("node:zlib");
  const { data } = await kubectlJson<{ data: { release: string } }>("get", "secret", name, "-n", "e2e-failure");
  const release = JSON.parse(
    gunzipSync(Buffer.from(Buffer.from(data.release, "base64").toString(), "base64")).toString(),
  );
  release.info.status = "pending-upgrade";
  const packed = Buffer.from(gzipSync(JSON.stringify(release)).toString("base64")).toString("base64");
  const patch = { metadata: { labels: { status: "pending-upgrade" } }, data: { release: packed } };
  await kubectl("patch", "secret", name, "-n", "e2e-failure", "--type=merge", "-p", JSON.stringify(patch));
}
