import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationName, argoCdNamespace } from "../../config/naming.ts";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { network } from "../../sandbox/paths.ts";
import { startLoad } from "../load/load.ts";
import { ask, kubectlJson, Workspace } from "./workspace.ts";

const STACK = "e2e-gitops";
const HOST = `api.${STACK}.localhost`;
const TOKEN = "manifests-token";

interface Application {
  status?: { sync?: { status: string; revision?: string }; health?: { status: string } };
}

const off = { enabled: false };
let folder: string;
let server: GitServer;
let shop: Workspace;

const git = async (...args: string[]) => (await execa("git", ["--git-dir", server.path("manifests"), ...args])).stdout;
const head = () => git("rev-parse", `env/${STACK}`);
const application = async () => {
  const name = applicationName(STACK, "api");
  return (await kubectlJson<Application>("get", "application", name, "-n", argoCdNamespace(STACK))).status;
};
const running = async () => JSON.parse((await ask(HOST, "/version")).body).release as string;

/** As a job of CI: it may push to the repository, and has no credentials for the cluster. */
const deploy = (...args: string[]) =>
  shop.slipway([...args, "--stack", STACK, "--no-commit", "--no-notify"], {
    CI: "true",
    KUBECONFIG: "/nonexistent",
    SLIPWAY_MANIFESTS_USER: "ci",
    SLIPWAY_MANIFESTS_TOKEN: TOKEN,
  });

const synced = async (commit: string) => {
  await expect
    .poll(application, { timeout: 120_000, interval: 500 })
    .toMatchObject({ sync: { status: "Synced", revision: commit }, health: { status: "Healthy" } });
};

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
      api: {
        replicas: { min: 2, max: 2 },
        rollout: { minReadySeconds: 1 },
        shutdown: { preStopSeconds: 5, drainSeconds: 5 },
      },
    },
  });
  await shop.begin();
  await shop.pulumi("config", "set", "--secret", "slipway:gitops.password", "reader");
  await shop.up();
});
afterAll(async () => {
  await shop?.remove();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a deploy of a stack whose services Argo CD rolls out", () => {
  it("is one commit, which needs no credentials for the cluster", async () => {
    const { exitCode, output } = await deploy("deploy", "--release", "v1");
    expect(exitCode, output).toBe(0);
    const commit = await head();
    expect(output).toContain(commit.slice(0, 10));
    await synced(commit);
    await expect.poll(running, { timeout: 60_000 }).toBe("v1");
  });

  it("rolls a new release out without a lost request, and a rollback is the same bytes again", async () => {
    const first = await git("rev-parse", `env/${STACK}:api`);
    const load = await startLoad({ url: `http://${HOST}:30080/version`, rps: 100, maxSeconds: 280 });
    expect((await deploy("deploy", "--release", "v2")).exitCode).toBe(0);
    await synced(await head());
    expect(await running()).toBe("v2");
    expect((await deploy("rollback", "--to", "v1")).exitCode).toBe(0);
    await synced(await head());
    const { failed, byRelease } = await load.stop();
    expect(failed).toBe(0);
    expect(Object.keys(byRelease).sort()).toEqual(["v1", "v2"]);
    expect(await git("rev-parse", `env/${STACK}:api`)).toBe(first);
  });

  it("is not a commit if nothing changes", async () => {
    const before = await head();
    expect((await deploy("deploy")).exitCode).toBe(0);
    expect(await head()).toBe(before);
  });

  it("does not overwrite in silence what somebody has edited by hand", async () => {
    const clone = join(folder, "clone");
    const url = new URL(server.url("manifests"));
    Object.assign(url, { username: "ci", password: TOKEN });
    await execa("git", ["clone", "--quiet", `--branch=env/${STACK}`, url.href, clone]);
    const file = join(clone, "api/manifests/deployment-api.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("minReadySeconds: 1", "minReadySeconds: 2"));
    const by = ["-c", "user.name=Grace", "-c", "user.email=grace@example.com"];
    await execa("git", [...by, "commit", "--quiet", "--all", "--message=Wait longer"], { cwd: clone });
    await execa("git", ["push", "--quiet"], { cwd: clone });
    const refused = await deploy("deploy", "--release", "v3");
    expect(refused.exitCode).not.toBe(0);
    for (const part of ["api/manifests/deployment-api.yaml", "Grace", "Wait longer", "--overwrite-edits"])
      expect(refused.output).toContain(part);
    const forced = await deploy("deploy", "--release", "v3", "--overwrite-edits");
    expect(forced.exitCode, forced.output).toBe(0);
    await synced(await head());
  });
});
