import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workspace } from "./workspace.ts";

const quick = { replicas: { min: 1, max: 1 }, rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 1 } };
const off = { enabled: false };
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace("e2e-plain", { services: { web: off, api: quick, orders: off, worker: off } });
  await shop.begin();
});
afterAll(() => shop.remove());

describe("the plain Pulumi CLI, with the Node runtime that Pulumi.yaml declares", () => {
  it("deploys with pulumi up", async () => {
    const { exitCode, output } = await shop.pulumi("up", "--yes", "--skip-preview");
    expect(exitCode, output).toBe(0);
    expect((await shop.services()).api).toMatchObject({ release: "v1", ready: 1 });
  });

  it("changes nothing after the sandbox has run the same program, and the other way round", async () => {
    expect((await shop.sandboxUp()).output).toMatch(/Resources:\s+\d+ unchanged/);
    expect((await shop.pulumi("up", "--yes", "--skip-preview")).output).toMatch(/Resources:\s+\d+ unchanged/);
  });

  it("previews a new release, and reports a fault of the config once, without a stack trace", async () => {
    shop.configure("v2");
    const preview = await shop.pulumi("preview");
    expect(preview.exitCode, preview.output).toBe(0);
    expect(preview.output).toMatch(/docker:index:Image\s+api\s+update/);

    shop.configure("v2", { services: { api: { replica: 1 } } });
    const refused = await shop.pulumi("preview");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output.split("services.api.replica: 1 given;")).toHaveLength(2);
    expect(refused.output).not.toMatch(/\n\s+at .*\.(ts|js):/);
  });
});
