import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PropertyMap, Secret, Unknown } from "../../providers/protocol/value.ts";
import { PluginProcess } from "./plugin-process.ts";
import { UNREACHABLE_KUBECONFIG } from "./unreachable-kubeconfig.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";

let plugin: PluginProcess;
let folder: string;
let chart: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-release-"));
  chart = join(folder, "chart");
  mkdirSync(chart);
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: service\nversion: 1.2.3\n");
  const helm = join(folder, "helm");
  writeFileSync(helm, '#!/bin/sh\necho "Error: failed to fetch $*" >&2\nexit 1\n');
  chmodSync(helm, 0o755);
  plugin = await PluginProcess.start("kubernetes", { HELM_PATH: helm });
  await plugin.configure({ kubeconfig: UNREACHABLE_KUBECONFIG });
});
afterAll(async () => {
  await plugin.stop();
  rmSync(folder, { recursive: true, force: true });
});

const checked = async (news: PropertyMap): Promise<PropertyMap> => (await plugin.check(RELEASE, news)).inputs;

describe("check", () => {
  test("defaults are filled in and the version is the chart's", async () => {
    const inputs = await checked({ name: "web", chart, compat: "true" });
    expect(inputs).toMatchObject({ version: "1.2.3", namespace: "default", timeout: 300, atomic: false, values: {} });
    expect(inputs.compat).toBeUndefined();
  });

  test("a name is made up once", async () => {
    const first = await checked({ chart });
    expect(first.name).toMatch(/^web-[0-9a-f]{8}$/);
    const { inputs } = await plugin.check(RELEASE, { chart }, first);
    expect(inputs.name).toBe(first.name);
  });

  test("a chart that is not there is a fault of the property chart", async () => {
    const { failures } = await plugin.check(RELEASE, { name: "web", chart: "./nowhere" });
    expect(failures).toEqual(['chart: path "./nowhere" not found; check the chart\'s name and repository']);
    const remote = await plugin.check(RELEASE, {
      name: "web",
      chart: "oci://127.0.0.1:5000/charts/x",
      version: "1.0.0",
    });
    expect(remote.failures[0]).toMatch(/^chart: failed to fetch show chart oci:.* --version 1.0.0 --plain-http;/);
  });

  test("a chart without its dependencies says which", async () => {
    const broken = join(folder, "broken");
    mkdirSync(broken);
    writeFileSync(
      join(broken, "Chart.yaml"),
      "name: b\nversion: 1.0.0\ndependencies: [{ name: redis, version: 1.0.0 }]\n",
    );
    const { failures } = await plugin.check(RELEASE, { name: "web", chart: broken });
    expect(failures[0]).toMatch(/missing in charts\/: redis; run helm dependency build/);
  });

  test("secrets and unknowns in the values stay what they are", async () => {
    const values = { a: new Secret("s"), b: { c: Unknown.value }, list: [new Secret("t")] };
    expect((await checked({ name: "web", chart, values })).values).toEqual(values);
  });

  test("an input that is not served is refused", async () => {
    await expect(plugin.check(RELEASE, { name: "web", chart, valueYamlFiles: [] })).rejects.toThrow(
      /does not serve "valueYamlFiles" \(served: .*values/,
    );
  });
});

describe("diff", () => {
  const stateOf = (inputs: PropertyMap, live: PropertyMap = {}): PropertyMap => ({
    ...inputs,
    resourceNames: {},
    status: { revision: 1 },
    ...live,
    __inputs: new Secret(inputs),
  });

  test("the same inputs are no change, secret values and unset fields included", async () => {
    const inputs = await checked({ name: "web", chart, values: { token: new Secret("x"), n: 1 }, maxHistory: 5 });
    expect((await plugin.diff(RELEASE, stateOf(inputs), inputs)).changes).toEqual([]);
  });

  test("values change in place, name and namespace do not", async () => {
    const inputs = await checked({ name: "web", chart, values: { image: "a", gone: 1 } });
    const news = { ...inputs, values: { image: "b" }, namespace: "other" };
    expect((await plugin.diff(RELEASE, stateOf(inputs), news)).changes).toEqual([
      "delete values.gone",
      "update namespace!",
      "update values.image",
    ]);
  });

  test("after a refresh a changed value shows, one of someone else does not", async () => {
    const inputs = await checked({ name: "web", chart, values: { image: "a" } });
    const drifted = stateOf(inputs, { values: { image: "z", theirs: 1 }, version: "1.2.2" });
    expect((await plugin.diff(RELEASE, drifted, inputs)).changes).toEqual(["update values.image", "update version"]);
  });
});

describe("without a cluster", () => {
  test("a preview shows the inputs, the outputs unknown", async () => {
    const inputs = await checked({ name: "web", chart, values: { a: Unknown.value } });
    const { id, properties } = await plugin.create(RELEASE, inputs, true);
    expect(id).toBe("");
    expect(properties).toMatchObject({ name: "web", values: { a: Unknown.value } });
    expect(properties.status).toBe(Unknown.value);
    expect(properties.resourceNames).toBe(Unknown.value);
  });

  test("nothing is installed", async () => {
    const inputs = await checked({ name: "web", chart });
    await expect(plugin.create(RELEASE, inputs)).rejects.toThrow(/configured Kubernetes cluster is unreachable/);
  });
});
