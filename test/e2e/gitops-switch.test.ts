import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { argoCdNamespace } from "../../config/naming.ts";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { network } from "../../sandbox/paths.ts";
import { type Load, startLoad } from "../load/load.ts";
import { pushBrokenImage } from "./broken-image.ts";
import { ask, kubectlJson, Workspace } from "./workspace.ts";

const STACK = "e2e-switch";
const HOST = `api.${STACK}.localhost`;
const TOKEN = "manifests-token";

interface Pods {
  items: { metadata: { name: string; uid: string; deletionTimestamp?: string } }[];
}

interface StackFile {
  delivery?: object | undefined;
  services: Record<string, { enabled?: boolean; tag?: string }>;
}

const off = { enabled: false };
let folder: string;
let server: GitServer;
let shop: Workspace;
let gitops: object;

const running = async () => JSON.parse((await ask(HOST, "/version")).body).release as string;
const pods = async (service: string) => {
  const { items } = await kubectlJson<Pods>("get", "pods", "-n", STACK, "-l", `app.kubernetes.io/instance=${service}`);
  // Those of the release before may still be ending.
  const lasting = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return lasting.map(({ metadata }) => metadata.uid).sort();
};
const applications = async () =>
  (await kubectlJson<Pods>("get", "applications", "-n", argoCdNamespace(STACK))).items.map(
    ({ metadata }) => metadata.name,
  );

/** As a job of CI that has no credentials for the cluster. */
const commit = (...args: string[]) =>
  shop.slipway([...args, "--stack", STACK, "--no-commit", "--no-notify"], {
    KUBECONFIG: "/nonexistent",
    SLIPWAY_MANIFESTS_USER: "ci",
    SLIPWAY_MANIFESTS_TOKEN: TOKEN,
  });
/** With credentials for both. */
const slipway = async (...args: string[]) => {
  const { exitCode, output } = await shop.slipway([...args, "--stack", STACK, "--no-commit", "--no-notify"], {
    SLIPWAY_MANIFESTS_USER: "ci",
    SLIPWAY_MANIFESTS_TOKEN: TOKEN,
  });
  expect(exitCode, output).toBe(0);
  return output;
};
/** As a person edits the stack's file. */
const edit = (change: (environment: StackFile) => void) => {
  const file = shop.path(`stacks/Pulumi.${STACK}.yaml`);
  const stack = parse(readFileSync(file, "utf8"));
  change(stack.config["slipway:environment"]);
  writeFileSync(file, stringify(stack));
};
const setDelivery = (delivery: object | undefined, api?: { tag: string }) =>
  edit((environment) => {
    environment.delivery = delivery;
    delete environment.services.api?.tag;
    Object.assign(environment.services.api ?? {}, api);
  });
const load = (): Promise<Load> => startLoad({ url: `http://${HOST}:30080/version`, rps: 100, maxSeconds: 280 });
const noneLost = async (under: Load) => {
  const { failed, errors } = await under.stop();
  expect(failed, JSON.stringify(errors)).toBe(0);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-e2e-git-"));
  server = new GitServer({ folder, address: network.api, users: { ci: TOKEN, "argo-cd": "reader" } });
  await server.start();
  await server.createRepository("manifests");
  gitops = { mode: "gitops", gitops: { repository: server.url("manifests"), username: "argo-cd" } };
  shop = new Workspace(STACK, {
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

it("refuses a commit before Argo CD has the services", async () => {
  setDelivery(gitops);
  const { exitCode, output } = await commit("deploy");
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/still run in mode: direct\. First run pulumi up --stack e2e-switch/);
});

it("hands running services to Argo CD without a lost request or a new pod", async () => {
  const before = await pods("api");
  const under = await load();
  await shop.up();
  expect(await pods("api")).toEqual(before);
  await slipway("deploy");
  expect(await pods("api")).toEqual(before);
  expect(await applications()).toEqual([`${STACK}-api`]);
  await noneLost(under);
});

it("then deploys and rolls back as commits, and has nothing to change in the cluster", async () => {
  const under = await load();
  await slipway("deploy", "--release", "v2");
  expect(await running()).toBe("v2");
  await slipway("rollback", "--to", "v1");
  expect(await running()).toBe("v1");
  await slipway("deploy", "--release", "v2");
  await noneLost(under);
  // What only renders leaves its provider in the state.
  expect(await shop.up()).not.toMatch(/ \d+ (created|updated|replaced)|warning/);
  await shop.run("refresh");
  expect(await shop.up()).not.toMatch(/ \d+ (created|updated|replaced)/);
  expect(await running()).toBe("v2");
});

it("deploys a service that Helm never had", async () => {
  edit(({ services }) => Object.assign(services.worker ?? {}, { enabled: true }));
  await shop.up();
  await slipway("deploy");
  expect(await pods("worker")).toHaveLength(1);
});

it("keeps what Argo CD runs if the first update with Helm fails", async () => {
  await pushBrokenImage(shop.repository, "api-broken");
  setDelivery(undefined, { tag: "broken" });
  const before = await pods("api");
  const under = await load();
  const { exitCode, output } = await shop.run("up");
  expect(exitCode, output).not.toBe(0);
  expect(output).toMatch(/api broken: the rollout is ended and rolled back/);
  expect(await running()).toBe("v2");
  expect(await pods("api")).toEqual(before);
  await noneLost(under);
});

it("hands the services back to Helm without a lost request or a new pod, killed in the middle", async () => {
  setDelivery(undefined);
  const before = [await pods("api"), await pods("worker")];
  const under = await load();
  const killed = shop.start("up");
  await expect.poll(killed.printed, { timeout: 120_000, interval: 100 }).toMatch(/Release api updating/);
  killed.kill();
  await killed.ended;
  await shop.pulumi("cancel", "--yes");
  await shop.up();
  expect([await pods("api"), await pods("worker")]).toEqual(before);
  await noneLost(under);
  expect((await shop.helm("status", "api")).output).toContain("STATUS: deployed");
  expect((await shop.helm("status", "worker")).output).toContain("STATUS: deployed");
  const left = await kubectlJson<Pods>("get", "namespaces");
  expect(left.items.map(({ metadata }) => metadata.name)).not.toContain(argoCdNamespace(STACK));
});

it("then deploys and rolls back with Helm", async () => {
  const under = await load();
  await slipway("deploy", "--release", "v3");
  expect(await running()).toBe("v3");
  await slipway("rollback", "--to", "v2");
  expect(await running()).toBe("v2");
  await slipway("deploy", "--release", "v3");
  await noneLost(under);
});

it("comes back to Argo CD, which does not apply what the branch has from before", async () => {
  setDelivery(gitops);
  const before = [await pods("api"), await pods("worker")];
  const under = await load();
  await shop.up();
  // It looks every 20 s.
  await sleep(30_000);
  expect(await running()).toBe("v3");
  await slipway("deploy");
  expect([await pods("api"), await pods("worker")]).toEqual(before);
  await noneLost(under);
});
