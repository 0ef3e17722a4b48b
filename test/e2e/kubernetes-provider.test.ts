import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { type PropertyMap, Secret } from "../../sandbox/providers/protocol/value.ts";
import { PluginProcess } from "../../sandbox/test/providers/plugin-process.ts";
import { toolPath } from "../../sandbox/toolchain.ts";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const SECRET = "kubernetes:core/v1:Secret";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const SPACE = "slipway-providers-test";

const kubectl = async (...args: string[]): Promise<string> =>
  (await execa(toolPath("kubectl"), args, { env: { KUBECONFIG: paths.kubeconfig } })).stdout;
const helm = async (...args: string[]): Promise<string> =>
  (await execa(toolPath("helm"), ["--namespace", SPACE, ...args], { env: { KUBECONFIG: paths.kubeconfig } })).stdout;

let folder: string;
let kubernetes: PluginProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-providers-"));
  await kubectl("delete", "namespace", SPACE, "--ignore-not-found");
  await kubectl("create", "namespace", SPACE);
  kubernetes = await PluginProcess.start("kubernetes", { HELM_PATH: toolPath("helm") });
  await kubernetes.configure({ kubeconfig: paths.kubeconfig, namespace: SPACE });
});
afterAll(async () => {
  await kubernetes.stop();
  await kubectl("delete", "namespace", SPACE);
  rmSync(folder, { recursive: true, force: true });
});

/** Checks the inputs and creates the object, as the engine does. */
async function make(
  type: string,
  news: PropertyMap,
): Promise<{ id: string; properties: PropertyMap; inputs: PropertyMap }> {
  const { inputs, failures } = await kubernetes.check(type, news);
  expect(failures).toEqual([]);
  return { ...(await kubernetes.create(type, inputs)), inputs };
}

const named = (name: string, more: PropertyMap = {}): PropertyMap => ({
  metadata: { name, namespace: SPACE, ...more },
});

describe("objects", () => {
  test("live through create, no change, update, drift, repair and delete", async () => {
    const news = { ...named("life", { labels: { team: "a" } }), stringData: { key: new Secret("value") } };
    const made = await make(SECRET, news);
    expect(made.id).toBe(`${SPACE}/life`);
    expect(made.properties.data).toEqual(new Secret({ key: "dmFsdWU=" }));
    expect((await kubernetes.diff(SECRET, made.properties, made.inputs)).changes).toEqual([]);

    const relabelled = await kubernetes.check(
      SECRET,
      { ...news, ...named("life", { labels: { team: "b" } }) },
      made.inputs,
    );
    expect((await kubernetes.diff(SECRET, made.properties, relabelled.inputs)).changes).toEqual([
      "update metadata.labels.team",
    ]);
    const preview = await kubernetes.update(SECRET, made.id, made.properties, relabelled.inputs, true);
    expect((preview.properties.metadata as PropertyMap).labels).toEqual({ team: "b" });
    expect(await kubectl("-n", SPACE, "get", "secret", "life", "-o", "jsonpath={.metadata.labels.team}")).toBe("a");
    const updated = await kubernetes.update(SECRET, made.id, made.properties, relabelled.inputs);
    expect((await kubernetes.diff(SECRET, updated.properties, relabelled.inputs)).changes).toEqual([]);
    const managers = await kubectl(
      "-n",
      SPACE,
      "get",
      "secret",
      "life",
      "--show-managed-fields",
      "-o",
      "jsonpath={.metadata.managedFields[*].manager}",
    );
    expect(managers).toBe(updated.properties.__fieldManager);

    await kubectl("-n", SPACE, "label", "secret", "life", "team=z", "stray=1", "--overwrite");
    const live = await kubernetes.read(SECRET, made.id, updated.properties, relabelled.inputs);
    expect((await kubernetes.diff(SECRET, live.properties, relabelled.inputs)).changes).toEqual([
      "update metadata.labels.team",
    ]);
    expect(live.properties.data).toBeInstanceOf(Secret);
    await expect(kubernetes.update(SECRET, made.id, live.properties, relabelled.inputs)).rejects.toThrow(
      /conflict with "kubectl-label".*enablePatchForce/,
    );

    await kubernetes.delete(SECRET, made.id, live.properties);
    expect((await kubernetes.read(SECRET, made.id, live.properties, relabelled.inputs)).id).toBe("");
    await kubernetes.delete(SECRET, made.id, live.properties);
  });

  test("one that is there already is refused, with what to do, and a preview does not mind", async () => {
    const { inputs } = await make(CONFIG_MAP, { ...named("twice"), data: { a: "1" } });
    await expect(kubernetes.create(CONFIG_MAP, inputs)).rejects.toThrow(
      /ConfigMap ".*\/twice": .*already exists.*pulumi import/s,
    );
    expect((await kubernetes.create(CONFIG_MAP, inputs, true)).id).toBe("");
  });

  test("one left behind by a killed run is taken over where that is allowed", async () => {
    const { inputs } = await make(CONFIG_MAP, { ...named("orphan"), data: { a: "1" } });
    const lenient = await PluginProcess.start("kubernetes");
    await lenient.configure({ kubeconfig: paths.kubeconfig, upsertExistingObjects: "true" });
    const taken = await lenient.create(CONFIG_MAP, inputs);
    expect(taken.id).toBe(`${SPACE}/orphan`);
    await lenient.stop();
  });

  test("an unknown field is refused by the server", async () => {
    const { inputs } = await kubernetes.check(CONFIG_MAP, named("strict", { lables: {} }));
    await expect(kubernetes.create(CONFIG_MAP, inputs)).rejects.toThrow(/unknown field "metadata.lables"/);
  });

  test("an import finds what the program says of it", async () => {
    await kubectl("-n", SPACE, "create", "configmap", "imported", "--from-literal=a=1");
    const found = await kubernetes.read(CONFIG_MAP, `${SPACE}/imported`);
    expect(found.inputs).toEqual({ apiVersion: "v1", kind: "ConfigMap", ...named("imported"), data: { a: "1" } });
    const { inputs } = await kubernetes.check(CONFIG_MAP, { ...named("imported"), data: { a: "1" } }, found.inputs);
    expect((await kubernetes.diff(CONFIG_MAP, found.properties, inputs)).changes).toEqual([]);
  });

  test("a namespace is gone with all that is in it when its delete returns", async () => {
    const name = `${SPACE}-short`;
    const made = await make(NAMESPACE, { metadata: { name } });
    await kubectl("-n", name, "create", "configmap", "inside");
    await kubernetes.delete(NAMESPACE, made.id, made.properties);
    expect(await kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
  });
});

describe("releases", () => {
  let chart: string;

  beforeAll(() => {
    chart = join(folder, "chart");
    mkdirSync(join(chart, "templates"), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: '7'\n");
    writeFileSync(
      join(chart, "templates", "all.yaml"),
      `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}" }
data: { text: "{{ .Values.text }}" }
{{- if .Values.image }}
---
apiVersion: v1
kind: Pod
metadata: { name: "{{ .Release.Name }}" }
spec: { containers: [{ name: main, image: "{{ .Values.image }}" }], terminationGracePeriodSeconds: 0 }
{{- end }}
`,
    );
  });

  const release = (name: string, values: PropertyMap, more: PropertyMap = {}): PropertyMap => ({
    name,
    chart,
    values,
    timeout: 5,
    ...more,
  });

  test("live through install, no change, upgrade, drift and uninstall", async () => {
    const made = await make(RELEASE, release("life", { text: new Secret("one") }));
    expect(made.properties.status).toEqual({
      appVersion: "7",
      chart: "demo",
      name: "life",
      namespace: SPACE,
      revision: 1,
      status: "deployed",
      version: "0.1.0",
    });
    expect(made.properties.resourceNames).toEqual({ "ConfigMap/v1": ["life"] });
    expect(made.properties.values).toEqual({ text: new Secret("one") });
    expect((await kubernetes.diff(RELEASE, made.properties, made.inputs)).changes).toEqual([]);

    const next = (await kubernetes.check(RELEASE, release("life", { text: "two" }), made.inputs)).inputs;
    const upgraded = await kubernetes.update(RELEASE, made.id, made.properties, next);
    expect(upgraded.properties.status).toMatchObject({ revision: 2, status: "deployed" });
    const same = await kubernetes.read(RELEASE, made.id, upgraded.properties, next);
    expect((await kubernetes.diff(RELEASE, same.properties, next)).changes).toEqual([]);

    await helm("upgrade", "life", chart, "--set", "text=theirs");
    const drifted = await kubernetes.read(RELEASE, made.id, upgraded.properties, next);
    expect(drifted.properties.status).toMatchObject({ revision: 3 });
    expect((await kubernetes.diff(RELEASE, drifted.properties, next)).changes).toEqual(["update values.text"]);

    await kubernetes.delete(RELEASE, made.id, drifted.properties);
    expect((await kubernetes.read(RELEASE, made.id, drifted.properties, next)).id).toBe("");
  });

  test("a name in use is refused, an import takes it", async () => {
    await helm("install", "theirs", chart, "--set", "text=x");
    const { inputs } = await kubernetes.check(RELEASE, release("theirs", { text: "x" }));
    await expect(kubernetes.create(RELEASE, inputs)).rejects.toThrow(
      /theirs": .*cannot re-use a name that is still in use/s,
    );
    const found = await kubernetes.read(RELEASE, `${SPACE}/theirs`);
    expect(found.inputs).toMatchObject({ name: "theirs", namespace: SPACE, chart: "demo", values: { text: "x" } });
  });

  test("a failed install that is left is recorded and said; an atomic one leaves nothing", async () => {
    const bad = { text: "x", image: "127.0.0.1:5000/no/such:image" };
    const { inputs } = await kubernetes.check(RELEASE, release("left", bad));
    const failed = await kubernetes.create(RELEASE, inputs).then(
      () => undefined,
      (error: { metadata?: { get(key: string): unknown[] }; message: string }) => error,
    );
    expect(failed?.message).toMatch(/Helm release ".*\/left": INSTALLATION FAILED: .*deadline exceeded/s);
    expect(failed?.metadata?.get("grpc-status-details-bin")).toHaveLength(1);
    expect(JSON.parse(await helm("status", "left", "-o", "json")).info.status).toBe("failed");

    const atomic = await kubernetes.check(RELEASE, release("atomic", bad, { atomic: true }));
    await expect(kubernetes.create(RELEASE, atomic.inputs)).rejects.toThrow(/uninstalled due to atomic being set/);
    expect((await kubernetes.read(RELEASE, `${SPACE}/atomic`)).id).toBe("");
  });

  test("a failed upgrade goes back when atomic, and the next one may try again", async () => {
    const made = await make(RELEASE, release("back", { text: "good" }, { atomic: true }));
    const bad = await kubernetes.check(
      RELEASE,
      release("back", { image: "127.0.0.1:5000/no/such:image" }, { atomic: true }),
    );
    await expect(kubernetes.update(RELEASE, made.id, made.properties, bad.inputs)).rejects.toThrow(
      /UPGRADE FAILED: release back failed, and has been rolled back/,
    );
    const now = await kubernetes.read(RELEASE, made.id, made.properties, made.inputs);
    expect(now.properties.status).toMatchObject({ revision: 3, status: "deployed" });
    expect((await kubernetes.diff(RELEASE, now.properties, made.inputs)).changes).toEqual([]);
  });

  test("an upgrade that was killed blocks the next one, which says so and records nothing", async () => {
    const made = await make(RELEASE, release("stuck", { text: "a" }));
    const killed = execa(
      toolPath("helm"),
      ["--namespace", SPACE, "upgrade", "stuck", chart, "--wait", "--set", "image=127.0.0.1:5000/no/such:image"],
      { env: { KUBECONFIG: paths.kubeconfig }, reject: false },
    );
    await sleep(1500);
    killed.kill("SIGKILL");
    await killed;
    const next = await kubernetes.check(RELEASE, release("stuck", { text: "b" }), made.inputs);
    const outcome = await kubernetes
      .update(RELEASE, made.id, made.properties, next.inputs)
      .catch((error: Error) => error.message);
    expect(outcome).toMatch(/stuck": UPGRADE FAILED: another operation .* is in progress/);
  });

  test("a cancelled install stops at once and leaves no helm behind", async () => {
    const own = await PluginProcess.start("kubernetes", { HELM_PATH: toolPath("helm") });
    await own.configure({ kubeconfig: paths.kubeconfig, namespace: SPACE });
    const { inputs } = await own.check(
      RELEASE,
      release("cut", { image: "127.0.0.1:5000/no/such:image" }, { timeout: 120 }),
    );
    const started = Date.now();
    const outcome = own.create(RELEASE, inputs).then(
      () => "done",
      (error: Error) => error.message,
    );
    await sleep(2000);
    await own.cancel();
    expect(await outcome).toMatch(/Helm release ".*\/cut"/);
    expect(Date.now() - started).toBeLessThan(20_000);
    await own.stop();
    expect(JSON.parse(await helm("status", "cut", "-o", "json")).info.status).toBe("failed");
  });
});
