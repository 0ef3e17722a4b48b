import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadEnvironment, refuseFaults } from "../../config/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
};
const own = { cluster: { target: "existing", context: "here" }, images: { repository: "localhost/shop" } };

beforeAll(() =>
  pulumi.runtime.setMocks(
    { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) },
    "slipway",
    "test",
  ),
);

interface Situation {
  release?: string | undefined;
  services?: object;
  /** What the engine passes as slipway:environment. */
  environment?: object;
  /** Other config that the engine passes. */
  config?: Record<string, string>;
  /** Keys of encrypted config. */
  secrets?: string[];
  /** What the stack's file on disk says. @default - what the engine passes */
  file?: object;
}

function load({ release = "v1.0.0", services = { api: service }, environment = own, ...rest }: Situation) {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  writeFileSync(join(root, "stacks/services.yaml"), stringify({ namespace: "shop", services }));
  const passed = { "slipway:release": release, "slipway:environment": environment };
  writeFileSync(join(root, "stacks/Pulumi.test.yaml"), stringify({ config: rest.file ?? passed }));
  pulumi.runtime.setAllConfig(
    { "slipway:release": release, "slipway:environment": JSON.stringify(environment), ...rest.config },
    rest.secrets ?? [],
  );
  return loadEnvironment(root);
}

describe("the environment", () => {
  it("knows the services that it does not run", () => {
    const { services, knownServices } = load({ services: { api: service, old: { ...service, enabled: false } } });
    expect(services.map(({ name }) => name)).toEqual(["api"]);
    expect(knownServices).toEqual(["api", "old"]);
  });

  it("has secrets as secret outputs only", async () => {
    const key = "slipway:secret.api.TOKEN";
    const services = { api: { ...service, secrets: ["TOKEN"] } };
    const environment = load({ services, config: { [key]: "hunter2" }, secrets: [key] });
    const [api] = environment.services;
    const token = api?.secrets.TOKEN as pulumi.Output<string>;
    expect(await pulumi.isSecret(token)).toBe(true);
    expect(JSON.stringify({ ...environment, services: [{ ...api, secrets: {} }] })).not.toContain("hunter2");
  });
});

describe("refused, without a stack trace, is", () => {
  it("a release whose image tag would be another service's", () => {
    const services = { api: service, "api-v2": { ...service, enabled: false } };
    expect(() => load({ release: "v2-v1.0.0", services })).toThrow(
      /stacks\/Pulumi\.test\.yaml:2: slipway:release: "v2-v1.0.0" given; the image tag of the service api, api-v2-v1\.0\.0, .* the service api-v2/,
    );
    expect(load({ release: "v2.1.0", services }).release).toBe("v2.1.0");
  });

  it("a service whose name charts/service gives to an object of another one", () => {
    const stateful = { ...service, kind: "stateful" };
    const services = {
      api: service,
      "api-rollout": service,
      db: stateful,
      "db-headless": service,
      "api-headless": service,
    };
    const message = (name: string, owner: string) =>
      new RegExp(`services\\.${name}: is also the name of a Kubernetes Service that belongs to the service ${owner}`);
    for (const [name, owner] of [
      ["api-rollout", "api"],
      ["db-headless", "db"],
    ] as const)
      expect(() => load({ services })).toThrow(message(name, owner));
    expect(() => load({ services })).not.toThrow(/services\.api-headless/);
    expect(() => load({ services: { default: service } })).toThrow(
      /services\.default: the namespace has a ServiceAccount of this name/,
    );
  });

  it("a secret that is missing or not encrypted, without its value", () => {
    const key = "slipway:secret.api.TOKEN";
    const services = { api: { ...service, secrets: ["TOKEN"] } };
    expect(() => load({ services })).toThrow(
      /TOKEN: the service api needs this secret\. Set it: pulumi config set --secret/,
    );
    expect(() => load({ services, config: { [key]: "hunter2" } })).toThrow(/TOKEN: given in plain text/);
    expect(() => load({ services, config: { [key]: "hunter2" } })).not.toThrow(/hunter2/);
  });

  it("an environment with an encrypted value", () => {
    expect(() => load({ secrets: ["slipway:environment"] })).toThrow(/slipway:environment: has an encrypted value/);
  });

  it("a secret that no container can get, without its value", () => {
    const key = "slipway:secret.api.TOKEN";
    const services = { api: { ...service, secrets: ["TOKEN"] } };
    const withBytes = (count: number) => load({ services, config: { [key]: "x".repeat(count) }, secrets: [key] });
    const most = 128 * 1024 - 1 - "TOKEN=".length;
    expect(withBytes(most).services).toHaveLength(1);
    expect(() => withBytes(most + 1)).toThrow(/slipway:secret\.api\.TOKEN: 131072 bytes with its name/);
    expect(() => withBytes(most + 1)).not.toThrow(/xxx/);
    const names = Array.from({ length: 9 }, (_, index) => `TOKEN_${index}`);
    const keys = names.map((name) => `slipway:secret.api.${name}`);
    const config = Object.fromEntries(keys.map((name) => [name, "x".repeat(131_000)]));
    expect(() => load({ services: { api: { ...service, secrets: names } }, config, secrets: keys })).toThrow(
      /services\.api\.secrets: 1179000 bytes together; a Secret holds 1048576/,
    );
    const file = { api: { ...service, secretFiles: { "/etc/api/key": "TOKEN" } } };
    const ofFile = (count: number) =>
      load({ services: file, config: { [key]: "x".repeat(count) }, secrets: [key] }).services;
    expect(ofFile(1_000_000)).toHaveLength(1);
    expect(() => ofFile(1_100_000)).toThrow(/services\.api\.secretFiles: 1100000 bytes together/);
  });

  it("a release that YAML has changed, with its line", () => {
    const file = { "slipway:release": 1.1, "slipway:environment": own };
    expect(() => load({ release: "1.1", file })).toThrow(
      "stacks/Pulumi.test.yaml:2: slipway:release: 1.1 is written without quotes",
    );
    // The engine has read another file.
    expect(load({ release: "1.2", file }).release).toBe("1.2");
  });

  it("all of it in one error", () => {
    try {
      load({ release: "a:b", services: { api: { ...service, port: 0 }, Bad_name: service } });
    } catch (error) {
      expect(pulumi.RunError.isInstance(error)).toBe(true);
      expect((error as Error).message.match(/^ {2}- /gm)).toHaveLength(3);
      return;
    }
    expect.unreachable();
  });
});

describe("a fault in the stack's own part has", () => {
  const environment = { ...own, url: { port: 0 } };

  it("the line of the stack's file", () => {
    expect(() => load({ environment })).toThrow("stacks/Pulumi.test.yaml:10: url.port: 0 given");
  });

  it("no line if the engine read another file", () => {
    const file = { "slipway:release": "v1.0.0", "slipway:environment": { ...own, url: { port: 80 } } };
    expect(() => load({ environment, file })).toThrow("stacks/Pulumi.test.yaml: url.port: 0 given");
  });

  it("its line all the same if only the release is another one", () => {
    const file = { "slipway:release": "v0.9.0", "slipway:environment": environment };
    expect(() => load({ environment, file })).toThrow("stacks/Pulumi.test.yaml:10: url.port: 0 given");
    expect(() => load({ release: "a:b", file: { ...file, "slipway:environment": own } })).toThrow(
      'stacks/Pulumi.test.yaml: slipway:release: "a:b" given',
    );
  });

  it("its line if it is found later, when AWS is asked", () => {
    const refuse = () =>
      refuseFaults(load({}), [{ path: ["services", "api"], message: "wrong", hideValue: true }], "No.");
    expect(refuse).toThrow("No.\n  - stacks/services.yaml:3: services.api: wrong.");
    expect(() => refuseFaults(load({}), [], "No.")).not.toThrow();
  });
});
