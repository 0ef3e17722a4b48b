import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { kill, processesOf } from "../chaos/victims.ts";
import { kubectl, kubectlJson, Workspace } from "./workspace.ts";

const STACK = "e2e-plugin";
const ENFORCE = "pod-security.kubernetes.io/enforce";
const quick = {
  replicas: { min: 1, max: 1 },
  rollout: { minReadySeconds: 1 },
  shutdown: { preStopSeconds: 1, drainSeconds: 1 },
};

/** A service that the stack does not have at first. */
const mailer = {
  build: { context: "examples/shop/worker", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
  resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
};

let shop: Workspace;
/** The stack's own copy, so that a test can change it. */
let kubeconfig: string;

beforeAll(async () => {
  shop = new Workspace(STACK, {
    services: {
      api: { ...quick, config: { GREETING: "hello" } },
      web: { enabled: false },
      orders: { enabled: false },
      worker: { enabled: false },
    },
  });
  kubeconfig = shop.path("kubeconfig");
  copyFileSync(paths.kubeconfig, kubeconfig);
  shop.configure("v1", { cluster: { kubeconfig } });
  await shop.begin();
  // A run that was killed may have left it, unknown to the state.
  await kubectl("delete", "namespace", STACK, "--ignore-not-found");
});
afterAll(() => shop.remove());

interface Namespace {
  metadata: { uid: string; labels: Record<string, string> };
}
const namespace = () => kubectlJson<Namespace>("get", "namespace", STACK);

/** URNs in the stack's state whose type ends like this. */
async function urnsOf(type: string): Promise<string[]> {
  const { output } = await shop.pulumi("stack", "export");
  const { deployment } = JSON.parse(output) as { deployment: { resources: { urn: string; type: string }[] } };
  return deployment.resources.filter((resource) => resource.type.endsWith(type)).map(({ urn }) => urn);
}

describe("the official Kubernetes plugin under the program", () => {
  it("takes over a namespace that a killed update made and did not record", async () => {
    await kubectl("create", "namespace", STACK);
    const { uid } = (await namespace()).metadata;
    await shop.up();
    const { metadata } = await namespace();
    expect(metadata.uid).toBe(uid);
    expect(metadata.labels[ENFORCE]).toBe("restricted");
  });

  it("changes nothing in a second update", async () => {
    const output = await shop.up();
    expect(output).toMatch(/unchanged/);
    expect(output).not.toMatch(/[+~-] \d+ (created|updated|deleted)/);
  });

  it("puts back a label of the namespace that somebody changed by hand", async () => {
    await kubectl("label", "namespace", STACK, `${ENFORCE}=privileged`, "--overwrite");
    const refreshed = await shop.run("refresh");
    expect(refreshed.exitCode, refreshed.output).toBe(0);
    await shop.up();
    expect((await namespace()).metadata.labels[ENFORCE]).toBe("restricted");
  });

  it("puts back a release that somebody upgraded by hand", async () => {
    const replicas = () => kubectl("get", "deployment", "api", "-n", STACK, "-o", "jsonpath={.spec.replicas}");
    const { exitCode, output } = await shop.helm(
      "upgrade",
      "api",
      "charts/service",
      "--reuse-values",
      "--set",
      "replicas.min=2,replicas.max=2",
    );
    expect(exitCode, output).toBe(0);
    await expect.poll(replicas, { timeout: 60_000, interval: 1_000 }).toBe("2");
    const refreshed = await shop.run("refresh");
    expect(refreshed.exitCode, refreshed.output).toBe(0);
    await shop.up();
    await expect.poll(replicas, { timeout: 60_000, interval: 1_000 }).toBe("1");
  });

  it("keeps every resource in the state when the cluster is away", async () => {
    const before = await urnsOf("");
    const text = readFileSync(kubeconfig, "utf8");
    writeFileSync(kubeconfig, text.replace(/(server: https:\/\/[\d.]+):\d+/, "$1:1"));
    const { exitCode, output } = await shop.pulumi("refresh", "--yes", "--skip-preview");
    writeFileSync(kubeconfig, text);
    expect(exitCode).not.toBe(0);
    expect(output).toContain("unreachable");
    expect(await urnsOf("")).toEqual(before);
  });

  it("refuses to install over a release that the state does not know, and goes on once its record is deleted", async () => {
    const [urn = ""] = await urnsOf(":Release");
    const uid = () => kubectl("get", "deployment", "api", "-n", STACK, "-o", "jsonpath={.metadata.uid}");
    const before = await uid();
    expect((await shop.pulumi("state", "delete", urn, "--force", "--yes")).exitCode).toBe(0);
    const refused = await shop.run("up");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("cannot re-use a name that is still in use");
    expect(await uid()).toBe(before);

    // As docs/troubleshooting.md says.
    await kubectl("delete", "secret", "-n", STACK, "-l", "owner=helm,name=api");
    await shop.up();
    expect(await uid()).toBe(before);
  });

  it("installs over a release whose first install outlived the killed engine, and keeps its pods", async () => {
    const uid = () => kubectl("get", "deployment", "mailer", "-n", STACK, "-o", "jsonpath={.metadata.uid}");
    const status = () =>
      kubectl(
        "get",
        "secrets",
        "-n",
        STACK,
        "-l",
        "owner=helm,name=mailer",
        "-o",
        "jsonpath={.items[*].metadata.labels.status}",
      );
    shop.configure("v1", { services: { mailer: { ...quick, ...mailer } } });
    const update = shop.start("up");
    await expect.poll(status, { timeout: 120_000, interval: 200 }).toBe("pending-install");
    // It gets no answer from its plugin any more, which goes on.
    const { engine } = processesOf(update.pid);
    for (const pid of engine) process.kill(pid, "SIGSTOP");
    await expect.poll(status, { timeout: 60_000, interval: 200 }).toBe("deployed");
    expect(kill("engine", update.pid)).toBe(1);
    await update.ended;
    const before = await uid();

    const { exitCode, output } = await shop.sandboxUp();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/mailer: an earlier update was killed while it installed this release for the first time/);
    expect(await uid()).toBe(before);
    expect((await shop.services()).mailer).toMatchObject({ release: "v1", ready: 1, desired: 1 });
  });
});
