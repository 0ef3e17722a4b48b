import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationName, argoCdNamespace } from "../../config/naming.ts";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { network, paths } from "../../sandbox/paths.ts";
import { startLoad } from "../load/load.ts";
import { FakeGitHub } from "./github-and-slack.ts";
import { apply, ask, kubectl, kubectlJson, type Run, Workspace } from "./workspace.ts";

const STACK = "e2e-gitops-faults";
const ARGO_CD = argoCdNamespace(STACK);
const BRANCH = `env/${STACK}`;
const HOST = `api.${STACK}.localhost`;
const TOKEN = "manifests-token-of-ci";
const REPOSITORY = "example/manifests";

interface Pods {
  items: { metadata: { uid: string; deletionTimestamp?: string } }[];
}

interface Application {
  metadata: { name: string };
  status?: { sync?: { status: string; revision?: string }; health?: { status: string } };
}

const off = { enabled: false };
const quick = {
  replicas: { min: 2, max: 2 },
  rollout: { minReadySeconds: 1 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
};
let folder: string;
let server: GitServer;
let github: FakeGitHub;
let shop: Workspace;

const git = async (...args: string[]) => (await execa("git", ["--git-dir", server.path(REPOSITORY), ...args])).stdout;
const head = () => git("rev-parse", BRANCH);
const running = async () => JSON.parse((await ask(HOST, "/version")).body).release as string;
const namesOf = async (kind: string, namespace = STACK) =>
  (await kubectlJson<{ items: { metadata: { name: string } }[] }>("get", kind, "-n", namespace)).items.map(
    ({ metadata }) => metadata.name,
  );

/** As a job that may also read the Applications and the pods: it sees how the rollout goes. */
const environment = () => ({
  KUBECONFIG: paths.kubeconfig,
  SLIPWAY_MANIFESTS_USER: "ci",
  SLIPWAY_MANIFESTS_TOKEN: TOKEN,
});
const slipway = (...args: string[]) =>
  shop.slipway([...args, "--stack", STACK, "--no-commit", "--no-notify"], environment());

const expectOk = ({ exitCode, output }: Run) => expect(exitCode, output).toBe(0);

const synced = (commit: string) =>
  expect
    .poll(
      () =>
        kubectlJson<Application>("get", "application", applicationName(STACK, "api"), "-n", ARGO_CD).then(
          ({ status }) => status,
        ),
      { timeout: 120_000, interval: 500 },
    )
    .toMatchObject({ sync: { status: "Synced", revision: commit }, health: { status: "Healthy" } });

/** As an update leaves it behind that has changed a secret. */
const oldSecret = (at: number) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: `api-old-${at}`, namespace: STACK, labels: { "slipway.dev/data-of": "api" } },
  stringData: { TOKEN: "old" },
});

/** Changes the stack's file, which has the secret too. */
async function configure(environment: object, release = "v1"): Promise<void> {
  shop.configure(release, environment);
  await shop.pulumi("config", "set", "--secret", "slipway:gitops.password", "reader");
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-e2e-git-"));
  server = new GitServer({ folder, address: network.api, users: { ci: TOKEN, "argo-cd": "reader" } });
  github = new FakeGitHub(TOKEN, REPOSITORY);
  await Promise.all([server.start(), github.server.start()]);
  await server.createRepository(REPOSITORY);
  shop = new Workspace(STACK, {
    delivery: { mode: "gitops", gitops: { repository: server.url(REPOSITORY), username: "argo-cd" } },
    addons: { argoCd: { reconciliationSeconds: 5 } },
    services: {
      web: off,
      orders: off,
      worker: { ...quick, replicas: { min: 1, max: 1 } },
      api: {
        ...quick,
        rollout: { minReadySeconds: 1, progressDeadlineSeconds: 30 },
        probes: { startupSeconds: 10 },
        config: { GREETING: "first" },
      },
    },
  });
  await shop.begin();
  await configure({});
  await shop.up();
  expectOk(await slipway("deploy", "--release", "v1"));
}, 600_000);

afterAll(async () => {
  await shop?.remove();
  await Promise.all([server?.stop(), github?.server.cut()]);
  rmSync(folder, { recursive: true, force: true });
});

describe("a release that never becomes healthy", () => {
  it("is taken back by a commit without a lost request, and the command says which pod fails and why", async () => {
    const before = await git("rev-parse", `${BRANCH}:api`);
    const load = await startLoad({ url: `http://${HOST}:30080/version`, rps: 100, maxSeconds: 280 });
    await configure({ services: { api: { config: { FAIL_MODE: "crash" } } } });
    const start = performance.now();
    const { exitCode, output } = await slipway("deploy", "--release", "v2");
    console.log(`bad release to its revert: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    expect(exitCode, output).toBe(3);
    expect(output).toMatch(/api: pod api-\S+: CrashLoopBackOff/);
    expect(output).toContain("Last lines of its log:");
    expect(output).toMatch(/Reverted by commit [0-9a-f]{40}/);
    expect(await git("rev-parse", `${BRANCH}:api`)).toBe(before);
    await synced(await head());
    const { failed, byRelease } = await load.stop();
    expect(failed).toBe(0);
    expect(Object.keys(byRelease)).toEqual(["v1"]);
    await configure({ services: { api: { config: { FAIL_MODE: "" } } } });
  });
});

describe("Argo CD that is down during a deploy", () => {
  it("leaves the commit, the command says how to go on, and the same command converges", async () => {
    await kubectl("scale", "statefulset", "argocd-application-controller", "-n", ARGO_CD, "--replicas=0");
    await kubectl("wait", "--for=delete", "pod/argocd-application-controller-0", "-n", ARGO_CD, "--timeout=90s");
    const before = await head();
    const { exitCode, output } = await slipway("deploy", "--release", "v3");
    expect(exitCode, output).toBe(3);
    expect(output).toContain("Argo CD has not read");
    expect(output).toContain("run the same command again");
    expect(output).not.toContain("Reverted");
    const commit = await head();
    expect(commit).not.toBe(before);
    expect(await running()).toBe("v1");
    await kubectl("scale", "statefulset", "argocd-application-controller", "-n", ARGO_CD, "--replicas=1");
    expectOk(await slipway("deploy", "--release", "v3"));
    expect(await head()).toBe(commit);
    expect(await running()).toBe("v3");
  });
});

describe("a manifests repository that is away", () => {
  it("refuses the deploy with a clear error, and nothing has changed", async () => {
    const before = await head();
    await server.stop();
    const { exitCode, output } = await slipway("deploy", "--release", "v4");
    await server.start();
    expect(exitCode, output).toBe(1);
    expect(output).toContain("cannot be read");
    expect(output).toContain("nothing was changed");
    expect(await head()).toBe(before);
    expect(await running()).toBe("v3");
  });
});

describe("two deploys at once", () => {
  it("do not undo each other: one commits, and the other is refused at once or goes on from that", async () => {
    const start = performance.now();
    const ended: { run: Run; seconds: number }[] = [];
    const one = async (release: string) => {
      const run = await slipway("deploy", "--release", release);
      ended.push({ run, seconds: (performance.now() - start) / 1000 });
    };
    await Promise.all([one("v5"), one("v6")]);
    const refused = ended.filter(({ run }) => run.exitCode !== 0);
    console.log(
      `two deploys: ${ended.map(({ run, seconds }) => `${run.exitCode} after ${seconds.toFixed(1)} s`).join(", ")}`,
    );
    expect(refused.length, ended.map(({ run }) => run.output).join("\n---\n")).toBeLessThan(2);
    for (const { run } of refused) expect(run.output).toMatch(/nothing was changed/i);
    await synced(await head());
    // No push had force: the history has both, or one.
    expect((await git("log", "--format=%H", BRANCH)).split("\n").length).toBeGreaterThan(3);
  });
});

describe("the server", () => {
  it("takes no push with force, not even from who may deploy", async () => {
    const url = new URL(server.url(REPOSITORY));
    Object.assign(url, { username: "ci", password: TOKEN });
    const clone = join(folder, "clone");
    await execa("git", ["clone", "--quiet", `--branch=${BRANCH}`, url.href, clone]);
    await execa("git", ["reset", "--quiet", "--hard", "HEAD~1"], { cwd: clone });
    const push = await execa("git", ["push", "--force", "origin", `HEAD:${BRANCH}`], { cwd: clone, reject: false });
    expect(push.exitCode).not.toBe(0);
    expect(push.stderr).toContain("non-fast-forward");
  });
});

describe("a service that leaves the config", () => {
  it("is removed with all of its objects, and the update deletes its Application and nothing else", async () => {
    const label = "app.kubernetes.io/instance=api";
    const pods = async () => {
      const { items } = await kubectlJson<Pods>("get", "pods", "-n", STACK, "-l", label);
      // Those of the release before may still be ending.
      const lasting = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return lasting.map(({ metadata }) => metadata.uid).sort();
    };
    const before = await pods();
    expect(await namesOf("deployments")).toEqual(["api", "worker"]);
    await configure({ services: { worker: off } }, await running());
    expectOk(await slipway("deploy"));
    await expect.poll(() => namesOf("deployments"), { timeout: 60_000, interval: 500 }).toEqual(["api"]);
    expect(await namesOf("applications", ARGO_CD)).toHaveLength(2);
    await apply(Array.from({ length: 12 }, (_, at) => oldSecret(at)));
    const output = await shop.up();
    expect(output).toMatch(/e2e-gitops-faults-worker\S* .*delet/);
    expect(await namesOf("applications", ARGO_CD)).toEqual([applicationName(STACK, "api")]);
    expect(await pods()).toEqual(before);
    for (const kind of ["services", "serviceaccounts", "horizontalpodautoscalers", "poddisruptionbudgets"])
      expect(await namesOf(kind), kind).not.toContain("worker");
    // Of releases that are over, the newest stay.
    expect((await namesOf("secrets")).filter((name) => name.startsWith("api-old-"))).toHaveLength(10);
  });
});

describe("a branch that takes pull requests only", () => {
  it("gets a pull request, and the release runs once it is merged", async () => {
    await server.createRepository(REPOSITORY, [{ branch: BRANCH, bypass: [] }]);
    const before = await head();
    const refused = await slipway("deploy", "--release", "v7");
    expect(refused.exitCode, refused.output).toBe(1);
    expect(refused.output).toContain("review: pull-request");
    await configure({ delivery: { gitops: { review: "pull-request" } } }, await running());
    const { exitCode, output } = await shop.slipway(
      ["deploy", "--release", "v7", "--stack", STACK, "--no-commit", "--no-notify"],
      {
        ...environment(),
        GITHUB_SERVER_URL: new URL(server.url(REPOSITORY)).origin,
        GITHUB_API_URL: github.server.url,
      },
    );
    expect(exitCode, output).toBe(0);
    expect(output).toContain("waits for its review");
    expect(await head()).toBe(before);
    expect(github.unexpected).toEqual([]);
    expect(github.proposals).toMatchObject([{ base: BRANCH, head: `deploy/${STACK}/v7` }]);
    // As GitHub's button does it.
    await git("update-ref", `refs/heads/${BRANCH}`, await git("rev-parse", `deploy/${STACK}/v7`));
    await synced(await head());
    await expect.poll(running, { timeout: 60_000 }).toBe("v7");
  });
});
