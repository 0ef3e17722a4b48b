import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workspace } from "./workspace.ts";

const quick = { replicas: { min: 1, max: 1 }, rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 1 } };
const small = {
  ...quick,
  build: { context: "examples/shop/worker", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
  resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
};
const off = { enabled: false };
const PACK = ["--policy-pack", "policy/pack"];
/** What a team may add to the program. */
const OPEN = `
import * as k8s from "@pulumi/kubernetes";
new k8s.core.v1.Service("open", {
  metadata: { namespace: environment.namespace },
  spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
}, cluster.options);
`;

let shop: Workspace;
beforeAll(async () => {
  shop = new Workspace("e2e-policies", {
    services: { web: off, orders: off, worker: off, api: quick, mailer: small, sweeper: small },
  });
  await shop.begin();
});
afterAll(() => shop.remove());

describe("the policies of an environment", () => {
  it("are reported where they are advisory", async () => {
    const { exitCode, output } = await shop.sandboxUp();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/api breaks the policy replicas: Deployment api has one pod at least/);
    expect(output).toMatch(/Policies:\s+✅ slipway/);
    expect((await shop.services()).api).toMatchObject({ release: "v1", ready: 1 });
  });

  it("refuse what the chart renders before anything changes, with the place and what to do", async () => {
    shop.configure("v2", { policies: { enforcement: "mandatory" } });
    const { exitCode, output } = await shop.run("up");
    expect(exitCode, output).not.toBe(0);
    expect(output).toMatch(/No service was changed.*docs\/policy\.md/);
    expect(output).toMatch(/Pulumi\.e2e-policies\.yaml:\d+: services\.api: breaks the policy replicas/);
    expect((await shop.services()).api).toMatchObject({ release: "v1" });
    expect((await shop.services()).mailer).toMatchObject({ release: "v1" });
  });

  it("make the exceptions that the config names", async () => {
    const exceptions = [{ rule: "replicas", name: "api", reason: "this test waits for one pod" }];
    shop.configure("v1", { policies: { exceptions } });
    const { exitCode, output } = await shop.run("preview", ...PACK);
    expect(exitCode, output).toBe(0);
    expect(output).not.toContain("breaks the policy");
  });

  it("refuse a resource that a team adds, in the preview and in the update", async () => {
    const program = readFileSync(shop.path("index.ts"), "utf8");
    appendFileSync(shop.path("index.ts"), OPEN);
    const message = /\[mandatory\]\s+public-endpoints\s+\(kubernetes:core\/v1:Service: open\)/;
    const preview = await shop.run("preview", ...PACK);
    expect(preview.exitCode, preview.output).not.toBe(0);
    expect(preview.output).toMatch(message);
    const update = await shop.sandboxUp();
    expect(update.exitCode, update.output).not.toBe(0);
    expect(update.output).toMatch(message);
    const found = await shop.pulumi("stack", "export");
    expect(found.output).not.toContain("::open");
    writeFileSync(shop.path("index.ts"), program);
  });
});

describe("an update that removes several services", () => {
  it("is refused unless they are named", async () => {
    shop.configure("v1", { services: { mailer: off, sweeper: off } });
    const refused = await shop.run("up");
    expect(refused.exitCode, refused.output).not.toBe(0);
    expect(refused.output).toMatch(/removes 2 services: mailer, sweeper.*--allow-delete mailer sweeper/);
    expect(Object.keys(await shop.services()).sort()).toEqual(["api", "mailer", "sweeper"]);

    shop.configure("v1", { policies: { allowDelete: ["mailer", "sweeper"] } });
    const { exitCode, output } = await shop.run("up");
    expect(exitCode, output).toBe(0);
    expect(Object.keys(await shop.services())).toEqual(["api"]);
  });
});
