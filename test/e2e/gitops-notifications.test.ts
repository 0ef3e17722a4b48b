import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Deployment } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationName, argoCdNamespace } from "../../config/naming.ts";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { network } from "../../sandbox/paths.ts";
import { FakeSlack, FakeSlackApi } from "./github-and-slack.ts";
import { kubectl, kubectlJson, Workspace } from "./workspace.ts";

const STACK = "e2e-gitops-slack";
const ARGO_CD = argoCdNamespace(STACK);
const PATH = "/services/T0/B0/argo-cd-webhook";
const BOT = "xoxb-a-token-of-a-bot";
const off = { enabled: false };
let folder: string;
let server: GitServer;
let slack: FakeSlack;
let api: FakeSlackApi;
let shop: Workspace;

const head = async () =>
  (await execa("git", ["--git-dir", server.path("manifests"), "rev-parse", `env/${STACK}`])).stdout;

/** With Slack's webhook in its environment, as a job of CI has it. */
const deploy = (...args: string[]) =>
  shop.slipway([...args, "--stack", STACK, "--no-commit"], {
    KUBECONFIG: "/nonexistent",
    SLIPWAY_MANIFESTS_USER: "ci",
    SLIPWAY_MANIFESTS_TOKEN: "manifests-token",
    SLACK_WEBHOOK_URL: slack.url,
  });

interface Message {
  text: string;
  blocks: { type: string; text: { text: string } }[];
}

/** The messages so far whose headline has this, as headline and text. */
const messages = (part: string) =>
  slack.sent
    .map(({ body }) => body as Message)
    .filter(({ text }) => text.includes(part))
    .map(({ text, blocks }) => [text, ...blocks.map((block) => block.text.text)].join("\n"));

/** Waits for the first one. */
async function told(part: string, timeout = 120_000): Promise<string> {
  await expect
    .poll(() => messages(part).length, { timeout, interval: 250 })
    .toBeGreaterThan(0)
    .catch(async (error: Error) => {
      const log = await kubectl("logs", "deployment/argocd-notifications-controller", "-n", ARGO_CD, "--tail=40");
      throw new Error(`${error.message}\n${JSON.stringify(slack.sent, undefined, 1)}\n${log}`);
    });
  return messages(part)[0] ?? "";
}

const deployment = (name: string) => kubectlJson<V1Deployment>("get", "deployment", name, "-n", STACK);
const graceOf = async (name: string) => (await deployment(name)).spec?.template.spec?.terminationGracePeriodSeconds;

/** Changes a Deployment, as somebody on call does it. */
const patch = (name: string, spec: object) =>
  kubectl("patch", "deployment", name, "-n", STACK, "--type=merge", "--patch", JSON.stringify({ spec }));

/** Changes the stack's file, which has the secrets too. */
async function configure(environment: object): Promise<void> {
  shop.configure("v1", environment);
  for (const [key, value] of Object.entries({ password: "reader", slackWebhookUrl: slack.url, slackToken: BOT }))
    await shop.pulumi("config", "set", "--secret", `slipway:gitops.${key}`, value);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-e2e-git-"));
  server = new GitServer({
    folder,
    address: network.api,
    users: { ci: "manifests-token", "argo-cd": "reader" },
  });
  slack = new FakeSlack(PATH, network.api);
  api = new FakeSlackApi(BOT, network.api);
  await Promise.all([server.start(), slack.server.start(), api.server.start()]);
  await server.createRepository("manifests");
  const quick = {
    replicas: { min: 1, max: 1 },
    rollout: { minReadySeconds: 1 },
    shutdown: { preStopSeconds: 1, drainSeconds: 1 },
  };
  shop = new Workspace(STACK, {
    delivery: {
      mode: "gitops",
      gitops: { repository: server.url("manifests"), username: "argo-cd", slack: { by: "webhook" } },
    },
    addons: { argoCd: { reconciliationSeconds: 5 } },
    services: {
      web: off,
      orders: off,
      worker: quick,
      api: {
        ...quick,
        rollout: { minReadySeconds: 1, progressDeadlineSeconds: 30 },
        probes: { startupSeconds: 10 },
      },
    },
  });
  await shop.begin();
  await configure({});
  await shop.up();
}, 600_000);

afterAll(async () => {
  await shop?.remove();
  await Promise.all([server?.stop(), slack?.server.cut(), api?.server.cut()]);
  rmSync(folder, { recursive: true, force: true });
});

describe("Slack, of a stack whose services Argo CD rolls out", () => {
  it("has the webhook's URL neither in the state nor in the ConfigMap", async () => {
    const [state, data] = await Promise.all([
      shop.pulumi("stack", "export"),
      kubectl("get", "configmap", "argocd-notifications-cm", "-n", ARGO_CD, "-o", "yaml"),
    ]);
    expect(state.exitCode).toBe(0);
    expect(state.output).toContain("argocd-notifications-secret");
    for (const text of [state.output, data]) expect(text).not.toContain(PATH);
  });

  it("is notified of each service that a deploy changes, once, by Argo CD alone", async () => {
    const { exitCode, output } = await deploy("deploy", "--release", "v1");
    expect(exitCode, output).toBe(0);
    expect(output).toContain("Argo CD notifies Slack");
    const commit = await head();
    for (const service of ["api", "worker"]) {
      const text = await told(`${service} runs v1`);
      expect(text).toContain(`✅ ${STACK}: ${service} runs v1`);
      expect(text).toContain(`${server.url("manifests").replace(/\.git$/, "")}/commit/${commit}|${commit.slice(0, 7)}`);
      expect(text).toMatch(/Took (\d+m)?\d+s/);
      expect(text).toContain(`npm run slipway -- rollback --stack ${STACK}`);
    }
    // Several looks at the repository later.
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    expect(messages("api runs v1")).toHaveLength(1);
    expect(messages("worker runs v1")).toHaveLength(1);
    expect(slack.sent).toHaveLength(2);
  });

  it("is notified of a change by hand that was undone, and of what it was", async () => {
    const before = await graceOf("api");
    await patch("api", { template: { spec: { terminationGracePeriodSeconds: 77 } } });
    const start = performance.now();
    const text = await told("api by hand");
    console.log(`drift to Slack: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    expect(await graceOf("api")).toBe(before);
    expect(text).toContain("Deployment api");
    expect(messages("api runs v1")).toHaveLength(1);
  });

  it("is notified of a release that does not become healthy, with the reason", async () => {
    await configure({ services: { api: { config: { FAIL_MODE: "crash" } } } });
    const { exitCode, output } = await deploy("deploy", "--release", "v2");
    expect(exitCode, output).toBe(0);
    const text = await told("api is degraded", 180_000);
    expect(text).toContain("at v2");
    expect(text).toMatch(/Deployment api: .*exceeded its progress deadline/);
    expect(messages("api runs v2")).toHaveLength(0);
    await configure({ services: { api: { config: { FAIL_MODE: "" } } } });
    expect((await deploy("rollback", "--to", "v1")).exitCode).toBe(0);
    const back = await told("api rolled back to v1");
    expect(back).not.toContain("slipway -- rollback");
  });

  it("takes a change by hand for what it is after a commit of another service", async () => {
    await configure({ services: { worker: { config: { LOG_LEVEL: "debug" } } } });
    const { exitCode, output } = await deploy("deploy", "--release", "v1");
    expect(exitCode, output).toBe(0);
    const before = await graceOf("api");
    const { length } = messages("api by hand");
    const seen = async () => {
      const name = applicationName(STACK, "api");
      return (await kubectlJson<{ status: { sync: { revision: string } } }>("get", "applications", name, "-n", ARGO_CD))
        .status.sync.revision;
    };
    await expect.poll(seen, { timeout: 60_000, interval: 500 }).toBe(await head());
    await patch("api", { template: { spec: { terminationGracePeriodSeconds: 78 } } });
    await expect.poll(() => messages("api by hand").length, { timeout: 60_000, interval: 250 }).toBe(length + 1);
    expect(await graceOf("api")).toBe(before);
  });

  it("is notified of a commit that the cluster refuses, with the cluster's reason", async () => {
    expect((await deploy("deploy", "--release", "v1")).exitCode).toBe(0);
    const url = new URL(server.url("manifests"));
    Object.assign(url, { username: "ci", password: "manifests-token" });
    const clone = join(folder, "clone");
    await execa("git", ["clone", "--quiet", `--branch=env/${STACK}`, url.href, clone]);
    const file = join(clone, "api/manifests/deployment-api.yaml");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/terminationGracePeriodSeconds: \d+/, "$&\n      restartPolicy: Never"),
    );
    const by = ["-c", "user.name=Grace <!channel>", "-c", "user.email=grace@example.com"];
    await execa("git", [...by, "commit", "--quiet", "--all", "--message=Never restart & <!channel>"], { cwd: clone });
    await execa("git", ["push", "--quiet"], { cwd: clone });
    const text = await told("api cannot be applied");
    expect(text).toMatch(/cannot be applied at commit [0-9a-f]{7}/);
    expect(text).toContain("restartPolicy");
    expect(text).toContain("Never restart &amp; &lt;!channel&gt;, by Grace");
    expect(text).not.toContain("<!channel>");
    expect((await deploy("deploy", "--release", "v1", "--overwrite-edits")).exitCode).toBe(0);
    await told("api runs v1");
    expect(messages("api cannot be applied")).toHaveLength(1);
  });

  it("is notified by a bot in its channel as soon as the config says so, one thread for each commit", async () => {
    const by = { by: "token", channel: "deploys", apiUrl: `${api.server.url}/api/` };
    await configure({ delivery: { gitops: { slack: by } } });
    await shop.up();
    await configure({ services: { worker: { config: { LOG_LEVEL: "info" } }, api: { config: { GREETING: "hi" } } } });
    const { length } = slack.sent;
    const { exitCode, output } = await deploy("deploy", "--release", "v1");
    expect(exitCode, output).toBe(0);
    const of = (service: string) => api.posted.filter(({ text }) => text?.includes(`${service} runs v1`));
    const commit = (await head()).slice(0, 7);
    const ofCommit = () =>
      ["api", "worker"].flatMap((service) => of(service).filter(({ blocks }) => blocks?.includes(commit)));
    await expect.poll(() => ofCommit().length, { timeout: 120_000, interval: 250 }).toBe(2);
    expect(api.unexpected).toEqual([]);
    for (const { channel } of api.posted) expect(channel).toBe("deploys");
    expect(ofCommit().filter(({ thread_ts }) => thread_ts !== undefined)).toHaveLength(1);
    expect(slack.sent).toHaveLength(length);
  });
});
