import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, it } from "vitest";
import { loadEnvironment } from "../../config/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
};

beforeAll(() =>
  pulumi.runtime.setMocks(
    { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) },
    "slipway",
    "test",
  ),
);

function load(release: string, services: object) {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  writeFileSync(join(root, "stacks/services.yaml"), JSON.stringify({ namespace: "shop", services }));
  const environment = { cluster: { target: "existing", context: "here" }, images: { repository: "localhost/shop" } };
  pulumi.runtime.setAllConfig({ "slipway:release": release, "slipway:environment": JSON.stringify(environment) });
  return loadEnvironment(root);
}

it("knows the services that it does not run", () => {
  const { services, knownServices } = load("v1", { api: service, old: { ...service, enabled: false } });
  expect(services.map(({ name }) => name)).toEqual(["api"]);
  expect(knownServices).toEqual(["api", "old"]);
});

it("refuses a release whose image tag would be another service's", () => {
  const services = { api: service, "api-v2": { ...service, enabled: false } };
  expect(() => load("v2-v1.0.0", services)).toThrow(
    /slipway:release: "v2-v1.0.0" given; the image tag of the service api, api-v2-v1\.0\.0, .* the service api-v2/,
  );
  expect(load("v2.1.0", services).release).toBe("v2.1.0");
});
