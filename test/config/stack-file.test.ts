import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readEnvironment, writtenService } from "../../config/read.ts";
import { stackFileConfig } from "../../config/stack-file.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const KEY = "slipway:secret.api.TOKEN";
const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
  secrets: ["TOKEN"],
};
const environment = { cluster: { target: "existing", context: "here" }, images: { repository: "localhost/shop" } };

function read(config: object, rest: object = {}) {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  writeFileSync(join(root, "stacks/services.yaml"), stringify({ namespace: "shop", services: { api: service } }));
  const file = { ...rest, config: { "slipway:release": "v1.0.0", "slipway:environment": environment, ...config } };
  return readEnvironment(root, stackFileConfig("dev", stringify(file)));
}

describe("a stack's file", () => {
  it("is read without a key to its secrets", () => {
    const [api] = read({ [KEY]: { secure: "v1:IHHDdsRyVvSjLu19" } }).services;
    expect(api).toMatchObject({ release: "v1.0.0", secretNames: ["TOKEN"] });
  });

  it("may leave the release to the command that writes it", () => {
    const secret = { [KEY]: { secure: "v1:IHHDdsRyVvSjLu19" } };
    expect(read({ ...secret, "slipway:release": undefined }).release).toBe("");
    expect(() => read({ ...secret, "slipway:release": "a:b" })).toThrow(/stacks\/Pulumi\.dev\.yaml:2: slipway:release/);
  });

  it("must have every secret that a service needs, encrypted", () => {
    expect(() => read({})).toThrow(`${KEY}: the service api needs this secret`);
    expect(() => read({ [KEY]: "hunter2" })).toThrow(`stacks/Pulumi.dev.yaml:9: ${KEY}: given in plain text`);
    expect(() => read({ [KEY]: "hunter2" })).not.toThrow(/hunter2/);
  });

  it("may import secrets from Pulumi ESC", () => {
    expect(read({}, { environment: ["shop/dev"] }).services).toHaveLength(1);
  });

  it("must have no encrypted value in the environment", () => {
    const url = { scheme: { secure: "v1:abc" } };
    expect(() => read({ "slipway:environment": { ...environment, url } })).toThrow(
      "stacks/Pulumi.dev.yaml:3: slipway:environment: has an encrypted value",
    );
    expect(() => read({ "slipway:environment": "text" })).toThrow("slipway:environment: not a map");
  });

  it("keeps what is written about a service, without defaults", () => {
    const own = { ...environment, services: { api: { port: 80 } } };
    const settings = read({ [KEY]: { secure: "v1:abc" }, "slipway:environment": own });
    expect(writtenService(settings, "api")).toEqual({ ...service, port: 80 });
  });
});
