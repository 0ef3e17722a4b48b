import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { stackFileOf } from "../../config/naming.ts";
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

const services = stringify({ namespace: "shop", services: { api: service } });

function read(config: object, rest: object = {}, shared = services) {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  writeFileSync(join(root, "stacks/services.yaml"), shared);
  const file = { ...rest, config: { "slipway:release": "v1.0.0", "slipway:environment": environment, ...config } };
  return readEnvironment(root, stackFileConfig("dev", stringify(file)));
}

describe("this project's stack prod", () => {
  const root = join(import.meta.dirname, "../..");
  const text = readFileSync(join(root, stackFileOf("prod")), "utf8");

  it("is refused, without AWS, for what the config alone shows", () => {
    const edited = text.replace("10.40.0.0/16", "172.20.0.0/16").replace("max: 9", "max: 2");
    expect(() => readEnvironment(root, stackFileConfig("prod", edited))).toThrow(
      /\n {2}- stacks\/Pulumi\.prod\.yaml:20: cluster\.network\.cidr: .*\n {2}- stacks\/Pulumi\.prod\.yaml:21: cluster\.nodeGroup\.max: 2 given; below min/,
    );
  });
});

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

  it.each([
    ["webhook", "slipway:gitops.slackWebhookUrl", {}],
    ["token", "slipway:gitops.slackToken", { channel: "deploys" }],
  ])("must have the secret with which Argo CD notifies Slack by %s", (by, key, more) => {
    const repository = "https://github.com/example/manifests.git";
    const delivery = { mode: "gitops", gitops: { repository, slack: { by, ...more } } };
    const config = { [KEY]: { secure: "v1:x" }, "slipway:environment": { ...environment, delivery } };
    expect(() => read(config)).toThrow(
      `${key}: delivery.gitops.slack.by: ${by} needs this secret. Set it: pulumi config`,
    );
    expect(() => read({ ...config, [key]: "xoxb-plain" })).toThrow(`${key}: given in plain text`);
    expect(() => read({ ...config, [key]: "xoxb-plain" })).not.toThrow(/xoxb-plain/);
    expect(read({ ...config, [key]: { secure: "v1:x" } }).gitops?.slack?.by).toBe(by);
  });

  it("may import secrets from Pulumi ESC", () => {
    expect(read({}, { environment: ["shop/dev"] }).services).toHaveLength(1);
  });

  it("must have no encrypted value in the environment", () => {
    const url = { scheme: { secure: "v1:abc" } };
    expect(() => read({ "slipway:environment": { ...environment, url } })).toThrow(
      "stacks/Pulumi.dev.yaml:3: slipway:environment: has an encrypted value",
    );
    expect(() => read({ "slipway:environment": "text" })).toThrow("slipway:environment: must be a map");
  });

  it("keeps what is written about a service, without defaults", () => {
    const own = { ...environment, services: { api: { port: 80 } } };
    const settings = read({ [KEY]: { secure: "v1:abc" }, "slipway:environment": own });
    expect(writtenService(settings, "api")).toEqual({ ...service, port: 80 });
  });

  it("is refused, with what else is wrong, if what all environments share cannot be read", () => {
    const release = { "slipway:release": "a:b" };
    expect(() => read(release, {}, "- 1\n")).toThrow(/services\.yaml: must be a map.*\n.*slipway:release: "a:b" given/);
    expect(() => read(release, {}, "a: [\n")).toThrow(/services\.yaml:2: .*\n.*slipway:release: "a:b" given/);
  });
});
