import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storageClass } from "../../sandbox/cluster/volumes.ts";
import { startLoad } from "../load/load.ts";
import { kubectl, kubectlJson, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-stateful";
const PODS = ["ledger-0", "ledger-1", "ledger-2"];
const CLAIMS = PODS.map((pod) => `data-${pod}`);
/** Of this test, so that it can change whether its volumes may grow. */
const CLASS = "e2e-stateful";
const off = { enabled: false };
let shop: Workspace;

beforeAll(async () => {
  const ledger = {
    kind: "stateful",
    image: await imageByDigest("base/python", "3.11"),
    command: ["python3", "-c", readFileSync(new URL("./ledger.py", import.meta.url), "utf8")],
    port: 8080,
    hosts: [`ledger.${NAMESPACE}.localhost`],
    config: { VERSION: "one", FAIL: "" },
    replicas: { min: 3, max: 3 },
    resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
    // A busy machine must not look like a pod that fails.
    probes: { startupSeconds: 60, periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 6 },
    rollout: { minReadySeconds: 1, timeoutSeconds: 600, maxRestarts: 0 },
    shutdown: { preStopSeconds: 5, drainSeconds: 5 },
    volume: { size: "1Gi", mountPath: "/data", storageClass: CLASS },
  };
  await kubectl("delete", "storageclass", CLASS, "--ignore-not-found");
  const file = join(mkdtempSync(join(tmpdir(), "slipway-class-")), "class.json");
  writeFileSync(file, JSON.stringify({ ...storageClass, metadata: { name: CLASS }, allowVolumeExpansion: false }));
  await kubectl("create", "-f", file);
  shop = new Workspace(NAMESPACE, { services: { web: off, api: off, orders: off, worker: off, ledger } });
  await shop.begin();
  await shop.up();
});
afterAll(async () => {
  await shop.remove();
  await kubectl("delete", "storageclass", CLASS);
});

async function imageByDigest(repository: string, tag: string): Promise<string> {
  const { headers } = await fetch(`http://127.0.0.1:5000/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: {
      accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
    },
  });
  return `127.0.0.1:5000/${repository}:${tag}@${headers.get("docker-content-digest")}`;
}

const change = (ledger: object, release = "v2") => shop.configure(release, { services: { ledger } });
const statefulSet = () => kubectlJson<V1StatefulSet>("get", "statefulset", "ledger", "-n", NAMESPACE);
const pods = async () =>
  (await kubectlJson<{ items: V1Pod[] }>("get", "pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=ledger")).items;
const uids = async () => Object.fromEntries((await pods()).map(({ metadata }) => [metadata?.name, metadata?.uid]));
const claims = async () =>
  (await kubectlJson<{ items: V1PersistentVolumeClaim[] }>("get", "pvc", "-n", NAMESPACE)).items;
const starts = async (pod: string) =>
  (await kubectl("exec", "-n", NAMESPACE, pod, "--", "cat", "/data/starts")).trim().split("\n");
const load = () => startLoad({ url: `http://ledger.${NAMESPACE}.localhost:30080/`, rps: 100, maxSeconds: 280 });

describe("a rollout", () => {
  it("replaces one pod after another, the last one first, keeps their data and loses no request", async () => {
    const traffic = await load();
    change({ config: { VERSION: "two" } });
    await shop.up();
    const report = await traffic.stop();
    expect(report.failed, JSON.stringify(report.errors)).toBe(0);
    for (const pod of PODS) expect([...new Set(await starts(pod))], pod).toEqual(["one", "two"]);
    const begun = (await pods())
      .map(({ metadata }) => [metadata?.name, new Date(metadata?.creationTimestamp ?? 0).valueOf()] as const)
      .sort(([, a], [, b]) => a - b);
    expect(begun.map(([name]) => name)).toEqual(PODS.toReversed());
  });
});

describe("a pod that is deleted", () => {
  it("comes back under its name and address with its data, and no request is lost", async () => {
    const before = await starts("ledger-1");
    const traffic = await load();
    await kubectl("delete", "pod", "ledger-1", "-n", NAMESPACE);
    await kubectl("wait", "--for=condition=Ready", "pod/ledger-1", "-n", NAMESPACE, "--timeout=60s");
    await sleep(2_000);
    const report = await traffic.stop();
    expect(report.failed, JSON.stringify(report.errors)).toBe(0);
    expect(await starts("ledger-1")).toEqual([...before, "two"]);
    const lookUp = "import socket; print(socket.gethostbyname('ledger-1.ledger-headless'))";
    const address = async () =>
      (await kubectl("exec", "-n", NAMESPACE, "ledger-0", "--", "python3", "-c", lookUp)).trim();
    const own = (await pods()).find(({ metadata }) => metadata?.name === "ledger-1")?.status?.podIP;
    // The cluster's DNS keeps an answer for some seconds.
    await expect.poll(address, { timeout: 30_000 }).toBe(own);
  });
});

async function isWhole(): Promise<void> {
  const { status } = await statefulSet();
  expect(status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
  expect(status?.currentRevision).toBe(status?.updateRevision);
}

const sizes = async () =>
  Object.fromEntries(
    (await claims()).map(({ metadata, spec }) => [metadata?.name, spec?.resources?.requests?.storage]),
  );
const template = async () => (await statefulSet()).spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;

const grown = (size: string) => Object.fromEntries(CLAIMS.map((name) => [name, size]));

describe("another volume", () => {
  it("is refused before anything is touched if it cannot be had, with each reason and the runbook", async () => {
    change({ volume: { size: "512Mi", mountPath: "/var/data", storageClass: "gp3" } });
    const { exitCode, output } = await shop.run("preview");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/volume\.size: .*1Gi, and a volume cannot shrink.*grow-a-volume\.md/);
    expect(output).toMatch(/volume\.storageClass: .*its pods run with e2e-stateful/);
    expect(output).toMatch(/volume\.mountPath: .*have their data at \/data/);
    change({ volume: { size: "2Gi", mountPath: "/data", storageClass: CLASS } });
    const large = await shop.run("up");
    expect(large.exitCode).not.toBe(0);
    expect(large.output).toMatch(/volume\.size: .*claim data-ledger-0 has 1Gi and cannot grow: .*must support resize/);
    expect(await sizes()).toEqual(grown("1Gi"));
    expect(await template()).toBe("1Gi");
    await kubectl("patch", "storageclass", CLASS, "--patch", '{"allowVolumeExpansion":true}');
  });
});

describe("a larger volume", () => {
  it("grows by itself, while all pods run on", async () => {
    const before = await uids();
    const traffic = await load();
    change({ volume: { size: "2Gi" } });
    const preview = await shop.run("preview");
    expect(preview.exitCode, preview.output).toBe(0);
    const output = await shop.up();
    const report = await traffic.stop();
    expect(output).toMatch(/ledger: volumes grow to 2Gi: data-ledger-0 from 1Gi/);
    expect(await sizes()).toEqual(grown("2Gi"));
    expect(await template()).toBe("2Gi");
    expect(report.failed, JSON.stringify(report.errors)).toBe(0);
    expect(await uids()).toEqual(before);
    await isWhole();
    await expect
      .poll(async () => (await claims()).map(({ status }) => status?.capacity?.storage), { timeout: 120_000 })
      .toEqual(CLAIMS.map(() => "2Gi"));
  });

  it("is there after one more command if the update was killed, even without its StatefulSet", async () => {
    const before = await uids();
    change({ volume: { size: "3Gi" } });
    const update = shop.start("up");
    await expect.poll(async () => Object.values(await sizes()), { timeout: 120_000, interval: 100 }).toContain("3Gi");
    update.kill();
    await update.ended;
    // As it is for a moment during the growth.
    await kubectl("delete", "statefulset", "ledger", "-n", NAMESPACE, "--cascade=orphan", "--ignore-not-found");
    const { exitCode, output } = await shop.sandboxUp();
    expect(exitCode, output).toBe(0);
    expect([await sizes(), await template()]).toEqual([grown("3Gi"), "3Gi"]);
    await isWhole();
    expect(await uids()).toEqual(before);
  });
});

describe("a bad release", () => {
  it("is taken back without hands, loses no request, and leaves the larger volume that came with it", async () => {
    const before = await uids();
    const traffic = await load();
    change({ config: { FAIL: "yes" }, volume: { size: "4Gi" } });
    const { exitCode, output } = await shop.run("up");
    const report = await traffic.stop();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/ledger \S+: pod ledger-2: CrashLoopBackOff/);
    expect(output).toMatch(/the rollout is ended and rolled back/);
    expect(report.failed, JSON.stringify(report.errors)).toBe(0);
    expect([await sizes(), await template()]).toEqual([grown("4Gi"), "4Gi"]);
    await isWhole();
    // Only the last pod met the bad release.
    expect({ ...(await uids()), "ledger-2": "" }).toEqual({ ...before, "ledger-2": "" });
  });
});

describe("canary pods", () => {
  const canary = { canaryPods: 1, canarySeconds: 8 };
  const created = async () =>
    Object.fromEntries(
      (await pods()).map(({ metadata }) => [metadata?.name, new Date(metadata?.creationTimestamp ?? 0).valueOf()]),
    );

  it("get a release first, and the others follow when these have been ready for long enough", async () => {
    change({ config: { VERSION: "three", FAIL: "" }, rollout: canary });
    const output = await shop.up();
    expect(output).toMatch(/pods from ledger-2 on get it first/);
    for (const pod of PODS) expect((await starts(pod)).at(-1), pod).toBe("three");
    const { "ledger-2": first = 0, "ledger-1": second = 0 } = await created();
    expect(second - first).toBeGreaterThan(8_000);
    await isWhole();
  });

  it("alone meet a bad release, which is taken back", async () => {
    const before = await uids();
    change({ config: { FAIL: "yes" } });
    expect((await shop.run("up")).exitCode).not.toBe(0);
    expect({ ...(await uids()), "ledger-2": "" }).toEqual({ ...before, "ledger-2": "" });
    await isWhole();
  });
});
