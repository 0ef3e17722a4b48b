import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Images, Service } from "../../components/index.ts";
import { registryOf, serve } from "./images/registry-server.ts";

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  provider: string;
}

const digest = `sha256:${"b".repeat(64)}`;
const declared: Declared[] = [];
const options = new Map<string, pulumi.CustomResourceOptions>();
let outputs: Record<string, unknown>;
let close: () => Promise<void>;

/** Resolved, and with the secret marks in sight. */
const SECRET = "4dabf18193072939515e22adb298388d";
const reveal = (value: unknown): unknown =>
  (value as Record<string, unknown>)?.[SECRET] ? { secret: (value as { value: unknown }).value } : value;

beforeAll(async () => {
  // The registry holds the api's release; the other images are to be built.
  const registry = await serve(registryOf({ "shop:api-v1.2.3": digest }));
  close = registry.close;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider = "" }) => {
        declared.push({ type, name, inputs, provider });
        if (type === "pulumi:pulumi:StackReference") return { id: name, state: { ...inputs, outputs: {} } };
        const built = type === "docker:index/image:Image" ? { repoDigest: `built/${name}@${digest}` } : {};
        return { id: `${name}-id`, state: { ...inputs, ...built } };
      },
      call: ({ inputs }) => inputs,
    },
    "slipway",
    "test",
    true,
    "organization",
  );
  pulumi.runtime.setAllConfig(
    {
      "slipway:release": "v1.2.3",
      "slipway:secret.api.DB_PASSWORD": "hunter2",
      "slipway:environment": JSON.stringify({
        cluster: { target: "existing", context: "here" },
        images: { repository: `${registry.address}/shop` },
        url: { scheme: "http", port: 30080 },
        dns: { cidrs: ["10.100.0.10/32"] },
        services: { web: { hosts: ["shop.localhost"] }, worker: { enabled: false } },
      }),
    },
    ["slipway:secret.api.DB_PASSWORD"],
  );
  const program = await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      options.set(`${type} ${name}`, opts);
      return { props, opts };
    });
    return { ...(await import("../../index.ts")) };
  });
  // Registration goes on in the background: wait for all that the program has asked for.
  await vi.waitFor(
    () => {
      const arrived = declared.map(({ type, name }) => `${type} ${name}`);
      expect(arrived).toEqual(expect.arrayContaining([...options.keys()]));
    },
    { timeout: 5_000 },
  );
  outputs = Object.fromEntries(
    await Promise.all(Object.entries(program ?? {}).map(async ([key, value]) => [key, await resolve(value)])),
  );
});
afterAll(() => close());

function resolve(value: unknown): Promise<unknown> {
  return new Promise((done) => pulumi.output(value as pulumi.Input<object>).apply(done));
}

const parentOf = (type: string, name: string) => options.get(`${type} ${name}`)?.parent as pulumi.ComponentResource;

function one(type: string, name: string): Declared {
  const found = declared.filter((resource) => resource.type === type && resource.name === name);
  expect(found, `${type} ${name}`).toHaveLength(1);
  return found[0] as Declared;
}

describe("the program", () => {
  it("declares these resources and no others", () => {
    const names = declared
      .map(({ type, name }) => `${type} ${name}`)
      .filter((name) => !name.startsWith("pulumi:pulumi:"));
    expect(names.sort()).toEqual([
      "docker:index/image:Image orders",
      "docker:index/image:Image web",
      "kubernetes:core/v1:ConfigMap api",
      "kubernetes:core/v1:Namespace ingress",
      "kubernetes:core/v1:Namespace shop",
      "kubernetes:core/v1:Secret api",
      "kubernetes:helm.sh/v3:Release api",
      "kubernetes:helm.sh/v3:Release metrics-server",
      "kubernetes:helm.sh/v3:Release orders",
      "kubernetes:helm.sh/v3:Release traefik",
      "kubernetes:helm.sh/v3:Release web",
      "pulumi:providers:kubernetes cluster",
      "slipway:index:Addons addons",
      "slipway:index:Images images",
      "slipway:index:Service api",
      "slipway:index:Service orders",
      "slipway:index:Service web",
    ]);
  });

  it("uses the context that the stack names, through one provider", () => {
    expect(one("pulumi:providers:kubernetes", "cluster").inputs).toMatchObject({ context: "here" });
    for (const resource of declared.filter(({ type }) => type.startsWith("kubernetes:"))) {
      expect(resource.provider).toContain("::cluster::");
    }
  });

  it("restricts the pods of its own namespaces", () => {
    for (const name of ["shop", "ingress"]) {
      expect(one("kubernetes:core/v1:Namespace", name).inputs).toMatchObject({
        metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      });
    }
  });

  it("builds what the registry does not have, tags it by service and release, and keeps it", () => {
    const image = one("docker:index/image:Image", "web");
    expect(image.inputs).toMatchObject({
      imageName: expect.stringMatching(/\/shop:web-v1\.2\.3$/),
      build: {
        context: "examples/shop/web",
        dockerfile: "examples/shop/web/Dockerfile",
        args: { RELEASE: "v1.2.3" },
        platform: "linux/amd64",
      },
    });
    expect(options.get("docker:index/image:Image web")).toMatchObject({ retainOnDelete: true });
    expect(parentOf("docker:index/image:Image", "web")).toBeInstanceOf(Images);
  });

  it("rolls out one Helm release per service, whole or not at all", () => {
    const release = one("kubernetes:helm.sh/v3:Release", "web");
    expect(release.inputs).toMatchObject({
      name: "web",
      namespace: "shop",
      chart: "./charts/service",
      atomic: true,
      cleanupOnFail: true,
      maxHistory: 10,
      timeout: expect.any(Number),
    });
    expect(parentOf("kubernetes:helm.sh/v3:Release", "web")).toBeInstanceOf(Service);
  });

  it("runs pods by digest: the built one, or the registry's", () => {
    expect(one("kubernetes:helm.sh/v3:Release", "web").inputs.values).toMatchObject({ image: `built/web@${digest}` });
    expect(one("kubernetes:helm.sh/v3:Release", "api").inputs.values).toMatchObject({
      image: expect.stringMatching(new RegExp(`/shop@${digest}$`)),
      release: "v1.2.3",
      chartHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("gives the chart the fields of the service that are its values, where DNS is, and no others", () => {
    const { values } = one("kubernetes:helm.sh/v3:Release", "web").inputs;
    expect(Object.keys(values as object).sort()).toEqual(
      ["chartHash", "dns", "hosts", "image", "port", "release", "replicas", "resources"].sort(),
    );
    expect(values).toMatchObject({ dns: { cidrs: ["10.100.0.10/32"] } });
  });

  it("keeps secrets out of Helm's values, and encrypted in the Secret", () => {
    const secret = one("kubernetes:core/v1:Secret", "api");
    expect(secret.inputs).toMatchObject({ immutable: true, metadata: { namespace: "shop" } });
    expect(secret.inputs.metadata).not.toHaveProperty("name");
    expect(reveal(secret.inputs.stringData)).toEqual({ secret: { DB_PASSWORD: "hunter2" } });
    const others = declared.filter((resource) => resource !== secret);
    expect(JSON.stringify(others)).not.toContain("hunter2");
  });

  it("names config by its content, so that old pods keep theirs during a rollout", () => {
    const config = one("kubernetes:core/v1:ConfigMap", "api");
    expect(config.inputs).toMatchObject({ immutable: true, data: { GREETING: expect.any(String) } });
    expect(config.inputs.metadata).not.toHaveProperty("name");
  });

  it("installs add-ons from the project's own charts", () => {
    for (const name of ["traefik", "metrics-server"]) {
      const { inputs } = one("kubernetes:helm.sh/v3:Release", name);
      expect(inputs).toMatchObject({
        chart: `./charts/${name}`,
        values: { chartHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
      expect(inputs).not.toHaveProperty("repositoryOpts");
    }
  });

  it("exports the services' addresses, and what the next update needs", () => {
    expect(outputs).toMatchObject({
      release: "v1.2.3",
      services: {
        web: { url: "http://shop.localhost:30080", release: "v1.2.3", image: `built/web@${digest}` },
        api: { release: "v1.2.3" },
      },
      builds: { web: { tag: "web-v1.2.3", digest }, orders: { tag: "orders-v1.2.3" } },
    });
    expect(outputs.builds).not.toHaveProperty("api");
  });
});
