import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";

const image = `docker.io/example/api:1@sha256:${"a".repeat(64)}`;
const resources = { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } };
const secretObjects = { api: [] as string[] };
/** More outputs of the last update. */
const more: Record<string, unknown> = {};
const RELEASE = "kubernetes:helm.sh/v3:Release";
const declared: { type: string; name: string; inputs: Record<string, unknown> }[] = [];
const calls: { token: string; inputs: Record<string, unknown> }[] = [];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  process.env.SLIPWAY_MANIFESTS = folder;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        declared.push({ type, name, inputs });
        const outputs = { nameKey: "key", secretObjects, accepted: { api: "1" }, ...more };
        if (type === "pulumi:pulumi:StackReference") return { id: name, state: { ...inputs, outputs } };
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ token, inputs }) => {
        calls.push({ token, inputs });
        if (token === "pulumi:pulumi:readStackResourceOutputs")
          return { outputs: { [`urn:pulumi:test::slipway::slipway:index:Service$${RELEASE}::api`]: {} } };
        const { release_name: name } = JSON.parse(inputs.jsonOpts) as { release_name: string };
        const metadata = { name, namespace: "shop" };
        const template = { spec: { containers: [{ name, image }] } };
        return {
          result: [
            { kind: "Deployment", apiVersion: "apps/v1", metadata, spec: { template } },
            { kind: "NetworkPolicy", apiVersion: "networking.k8s.io/v1", metadata, spec: { egress: [] } },
            { kind: "ServiceAccount", apiVersion: "v1", metadata },
          ],
        };
      },
    },
    "slipway",
    "test",
    false,
    "organization",
  );
  pulumi.runtime.setAllConfig(
    {
      "slipway:release": "v1.2.3",
      "slipway:secret.api.PASSWORD": "hunter2",
      "slipway:environment": JSON.stringify({
        // Nothing has this context: whatever asks the cluster fails.
        cluster: { target: "existing", context: "nowhere", kubeconfig: "/nonexistent" },
        images: { repository: "127.0.0.1:1/shop" },
        // Helm is not here, and its answer not that of the chart.
        policies: { enforcement: "advisory" },
        delivery: { mode: "gitops", gitops: { repository: "https://git.example.com/manifests.git" } },
        services: {
          web: { enabled: false },
          orders: { enabled: false },
          worker: { enabled: false },
          api: {
            ...{ build: null, image, resources, config: { LEVEL: "info" }, secrets: ["PASSWORD"] },
            migration: { command: ["/app", "migrate"], phase: "expand" },
          },
        },
      }),
    },
    ["slipway:secret.api.PASSWORD"],
  );
});
afterAll(() => {
  delete process.env.SLIPWAY_MANIFESTS;
  rmSync(folder, { recursive: true, force: true });
});

describe("an update that only renders", () => {
  it("refuses a service whose Secret the cluster does not have", async () => {
    await expect(import("../../index.ts")).rejects.toThrow(
      /services\.api: its secrets \(PASSWORD\).*pulumi up --stack test/s,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("writes the manifests, with the names of what they need, and asks no cluster", async () => {
    const { contentName } = await import("../../components/content-name.ts");
    const secretName = await new Promise<string>((resolve) => {
      contentName(pulumi.output("key"), "api", { PASSWORD: "hunter2" }).apply(resolve);
    });
    secretObjects.api = [secretName];
    vi.resetModules();
    const { accepted } = await import("../../index.ts");
    await vi.waitFor(() => expect(readdirSync(join(folder, "api"))).toContain("values.yaml"));
    const read = (file: string) => readFileSync(join(folder, "api", file), "utf8");
    const values = parse(read("values.yaml")) as Record<string, string>;
    expect(values).toMatchObject({ release: "v1.2.3", image, secretName, rolloutGates: false });
    const configMap = `manifests/configmap-${values.configName}.yaml`;
    expect(parse(read(configMap))).toMatchObject({ immutable: true, data: { LEVEL: "info" } });
    expect(readdirSync(join(folder, "api/manifests"))).toContain("deployment-api.yaml");
    const job = readdirSync(join(folder, "api/manifests")).find((file) => /^job-api-expand-\w{10}\.yaml$/.test(file));
    expect(parse(read(`manifests/${job}`))).toMatchObject({
      metadata: { annotations: { "argocd.argoproj.io/sync-wave": "-1", "slipway.dev/image": image } },
      spec: { template: { spec: { containers: [{ command: ["/app", "migrate"] }] } } },
    });
    const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of all)
      expect(readFileSync(join(parentPath, name), "utf8")).not.toContain("hunter2");
    expect(accepted).toEqual({ api: "1" });
    expect(calls.map(({ token }) => token)).toEqual(["kubernetes:helm:template"]);
  });

  it("declares the service's Secret and no Helm release of it", () => {
    const ofApi = declared.filter(({ name }) => name === "api").map(({ type }) => type);
    expect(ofApi).toContain("kubernetes:core/v1:Secret");
    expect(ofApi).not.toContain(RELEASE);
    expect(declared.map(({ type }) => type)).toContain("kubernetes:argoproj.io/v1alpha1:Application");
  });

  it("writes services that Helm had before to a folder of their own, with the names that their pods use, and keeps the release", async () => {
    const [secretName = ""] = secretObjects.api;
    secretObjects.api = ["api-3c"];
    const manifests = "manifests-20261130-131205";
    Object.assign(more, { namespace: "test", handover: { manifests, names: { [secretName]: "api-3c" } } });
    declared.length = 0;
    vi.resetModules();
    await import("../../index.ts");
    await vi.waitFor(() => expect(readdirSync(join(folder, "api"))).toEqual([manifests, "values.yaml"]));
    expect(parse(readFileSync(join(folder, "api/values.yaml"), "utf8"))).toMatchObject({ secretName: "api-3c" });
    const application = declared.find(({ type }) => type === "kubernetes:argoproj.io/v1alpha1:Application");
    expect(application?.inputs).toMatchObject({ spec: { source: { path: `api/${manifests}` } } });
    expect(declared.map(({ type, name }) => `${type} ${name}`)).toContain(`${RELEASE} api`);
  });
});
