import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PropertyMap, Secret, Unknown } from "../../providers/protocol/value.ts";
import { PluginProcess } from "./plugin-process.ts";
import { UNREACHABLE_KUBECONFIG } from "./unreachable-kubeconfig.ts";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const SECRET = "kubernetes:core/v1:Secret";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

let plugin: PluginProcess;

beforeAll(async () => {
  plugin = await PluginProcess.start("kubernetes");
  await plugin.configure({ kubeconfig: UNREACHABLE_KUBECONFIG });
});
afterAll(() => plugin.stop());

/** The state that a create of these inputs would leave. */
const stateOf = (inputs: PropertyMap, live: PropertyMap = {}): PropertyMap => ({
  ...inputs,
  ...live,
  __inputs: inputs,
  __fieldManager: "pulumi-kubernetes-test",
});

describe("check", () => {
  test("a name is made up, marked, and kept afterwards", async () => {
    const first = await plugin.check(CONFIG_MAP, { data: { a: "1" } });
    const metadata = first.inputs.metadata as PropertyMap;
    expect(metadata.name).toMatch(/^web-[0-9a-f]{8}$/);
    expect(metadata.namespace).toBe("default");
    expect(metadata.annotations).toEqual({ "pulumi.com/autonamed": "true" });
    const second = await plugin.check(CONFIG_MAP, { data: { a: "2" } }, first.inputs);
    expect(second.inputs.metadata).toEqual(metadata);
  });

  test("a namespace gets no namespace", async () => {
    const { inputs } = await plugin.check(NAMESPACE, { metadata: { name: "shop" } });
    expect(inputs).toEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  });

  test("a secret's stringData is folded into data, which is secret even where the program forgot to say so", async () => {
    const { inputs } = await plugin.check(SECRET, { metadata: { name: "s" }, stringData: { key: "value" } });
    expect(inputs.stringData).toBeUndefined();
    expect(inputs.data).toEqual(new Secret({ key: Buffer.from("value").toString("base64") }));
  });

  test("an unknown stays unknown, in a secret too", async () => {
    const { inputs } = await plugin.check(SECRET, {
      metadata: { name: "s", namespace: Unknown.value },
      stringData: { key: Unknown.value },
    });
    expect(inputs.metadata).toEqual({ name: "s", namespace: Unknown.value });
    expect(inputs.data).toEqual(new Secret({ key: Unknown.value }));
  });

  test("an unknown property and an unknown type are refused, with what is known", async () => {
    await expect(plugin.check(CONFIG_MAP, { metadata: { name: "c" }, dta: {} })).rejects.toThrow(
      /ConfigMap has no property "dta" \(known: .*data/,
    );
    await expect(plugin.check("kubernetes:apps/v1:Deployment", {})).rejects.toThrow(
      /does not serve "kubernetes:apps\/v1:Deployment" \(served: .*Namespace/,
    );
  });
});

describe("diff", () => {
  const inputs: PropertyMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c", namespace: "shop", labels: { team: "a" } },
    data: { key: "1" },
  };

  test("what the server filled in is no change", async () => {
    const live = {
      metadata: { ...(inputs.metadata as PropertyMap), uid: "u", resourceVersion: "7", managedFields: [] },
    };
    expect(await plugin.diff(CONFIG_MAP, stateOf(inputs, live), inputs)).toEqual({
      changes: [],
      deleteBeforeReplace: false,
    });
  });

  test("labels change in place", async () => {
    const news = { ...inputs, metadata: { name: "c", namespace: "shop", labels: { team: "b", "app.io/x": "y" } } };
    const { changes } = await plugin.diff(CONFIG_MAP, stateOf(inputs), news);
    expect(changes).toEqual(['add metadata.labels["app.io/x"]', "update metadata.labels.team"]);
  });

  test("data needs a new object, made after the old one is gone when the name is fixed", async () => {
    const answer = await plugin.diff(CONFIG_MAP, stateOf(inputs), { ...inputs, data: { key: "2" } });
    expect(answer).toEqual({ changes: ["update data.key!"], deleteBeforeReplace: true });
  });

  test("a made-up name lets the new object come first", async () => {
    const annotations = { "pulumi.com/autonamed": "true" };
    const named = { ...inputs, metadata: { name: "c-1", namespace: "shop", annotations } };
    const answer = await plugin.diff(CONFIG_MAP, stateOf(named), { ...named, data: { key: "2" } });
    expect(answer.deleteBeforeReplace).toBe(false);
  });

  test("another name is another object", async () => {
    const news = { ...inputs, metadata: { ...(inputs.metadata as PropertyMap), name: "d" } };
    const answer = await plugin.diff(CONFIG_MAP, stateOf(inputs), news);
    expect(answer).toEqual({ changes: ["update metadata.name!"], deleteBeforeReplace: false });
  });

  test("a value that someone else changed shows, one that nobody manages does not", async () => {
    const drifted = stateOf(inputs, {
      data: { key: "1" },
      metadata: { ...(inputs.metadata as PropertyMap), labels: { team: "z", other: "q" } },
    });
    expect((await plugin.diff(CONFIG_MAP, drifted, inputs)).changes).toEqual(["update metadata.labels.team"]);
  });

  test("a secret is compared by what it holds", async () => {
    const secret = { ...inputs, kind: "Secret", data: new Secret({ key: "MQ==" }) };
    expect((await plugin.diff(SECRET, stateOf(secret), secret)).changes).toEqual([]);
    const other = { ...secret, data: new Secret({ key: "Mg==" }) };
    expect((await plugin.diff(SECRET, stateOf(secret), other)).changes).toEqual(["update data.key!"]);
  });

  test("an unknown may be a change; an ignored one is none", async () => {
    const news = { ...inputs, data: { key: Unknown.value } };
    expect((await plugin.diff(CONFIG_MAP, stateOf(inputs), news)).changes).toEqual(["update data.key!"]);
    expect((await plugin.diff(CONFIG_MAP, stateOf(inputs), news, ["data"])).changes).toEqual([]);
  });
});

describe("a cluster that does not answer", () => {
  const inputs: PropertyMap = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };

  test("does not stop a preview, and unknowns survive it", async () => {
    const news = { ...inputs, metadata: { name: "shop", labels: { team: Unknown.value } } };
    expect(await plugin.create(NAMESPACE, news, true)).toEqual({ id: "", properties: news });
  });

  test("stops everything else, with the reason", async () => {
    const reason = /configured Kubernetes cluster is unreachable: .*127\.0\.0\.1:1.*ECONNREFUSED/;
    await expect(plugin.create(NAMESPACE, inputs)).rejects.toThrow(reason);
    await expect(plugin.update(NAMESPACE, "shop", stateOf(inputs), inputs)).rejects.toThrow(reason);
    await expect(plugin.delete(NAMESPACE, "shop", stateOf(inputs))).rejects.toThrow(reason);
    await expect(plugin.read(NAMESPACE, "shop", stateOf(inputs), inputs)).rejects.toThrow(reason);
  });
});

describe("the provider's own arguments", () => {
  test("one that is not served is refused", async () => {
    expect(await plugin.checkConfig({ kubeconfig: "x", enableServerSideApply: "true" })).toEqual([]);
    expect((await plugin.checkConfig({ renderYamlToDirectory: "out" }))[0]).toMatch(
      /does not serve "renderYamlToDirectory"/,
    );
    expect((await plugin.checkConfig({ enableServerSideApply: "false" }))[0]).toMatch(/leave it out or set true/);
  });

  test("another cluster replaces everything, another setting nothing", async () => {
    const olds = { kubeconfig: UNREACHABLE_KUBECONFIG };
    const moved = { kubeconfig: UNREACHABLE_KUBECONFIG.replace("127.0.0.1:1", "127.0.0.1:2") };
    expect((await plugin.diffConfig(olds, moved)).changes).toEqual(["update kubeconfig!"]);
    const renamed = { kubeconfig: UNREACHABLE_KUBECONFIG.replaceAll("user-a", "user-b") };
    expect((await plugin.diffConfig(olds, renamed)).changes).toEqual(["update kubeconfig"]);
    expect((await plugin.diffConfig(olds, { ...olds, namespace: "x" })).changes).toEqual(["add namespace"]);
  });

  test("a context that is not there is named, with those that are", async () => {
    const other = await PluginProcess.start("kubernetes");
    await other.configure({ kubeconfig: UNREACHABLE_KUBECONFIG, context: "prod" });
    await expect(other.create(NAMESPACE, { metadata: { name: "x" } })).rejects.toThrow(
      /no context "prod" \(it has: here\)/,
    );
    await other.stop();
  });
});
