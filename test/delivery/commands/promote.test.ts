import { beforeEach, describe, expect, it } from "vitest";
import { updateMessage } from "../../../delivery/engine/history.ts";
import { readReleases } from "../../../delivery/stack-file.ts";
import { DIGEST, runCommand, useShop } from "../shop.ts";

const shop = useShop();
const OTHER = `sha256:${"b".repeat(64)}`;

beforeEach(async () => {
  await shop.clone.commit("feat: staging", {
    "stacks/Pulumi.staging.yaml": shop.initialStack.replace("v1.0.0", "v0.9.0"),
  });
  const deploy = {
    kind: "update",
    startTime: "2026-01-30T12:00:00Z",
    endTime: "2026-01-30T12:01:00Z",
    message: updateMessage({ action: "deploy", releases: "v0.9.0", actor: "ada" }),
    environment: {},
    config: { "slipway:release": { value: "v0.9.0" }, "slipway:environment": { objectValue: { services: {} } } },
    result: "succeeded",
  };
  shop.pulumi.answer("stack history", { stdout: JSON.stringify([deploy]) });
  deployed({ api: ["v1.0.0", DIGEST], web: ["v1.0.0", DIGEST] });
});

/** What the outputs of dev's last update say. */
function deployed(services: Record<string, [string, string]>): void {
  const outputs = Object.entries(services).map(([name, [release, digest]]) => [
    name,
    { release, image: `shop@${digest}` },
  ]);
  shop.pulumi.answer("stack output", { stdout: JSON.stringify({ services: Object.fromEntries(outputs) }) });
}

const promote = (...args: string[]) => shop.run("promote", "--from", "dev", "--to", "staging", "--no-notify", ...args);
const staging = () => readReleases(shop.clone.read("stacks/Pulumi.staging.yaml"));
const ups = () => shop.pulumi.calls.filter((call) => call.startsWith("up "));

describe("promote", () => {
  it("deploys what runs in the other stack, and builds nothing", async () => {
    const { exitCode, stderr } = await promote();
    expect(exitCode, stderr).toBe(0);
    expect(staging()).toEqual({ release: "v1.0.0", tags: {} });
    expect(ups()).toEqual([expect.stringContaining("--stack staging")]);
    expect(await shop.clone.git("log", "-1", "--format=%s")).toContain("Promote v1.0.0 from dev to staging");
  });

  it("takes what runs, not what the other stack's file says", async () => {
    await shop.clone.commit("feat: not deployed yet", {
      "stacks/Pulumi.dev.yaml": shop.initialStack.replace("v1.0.0", "v2.0.0"),
    });
    expect((await promote()).exitCode).toBe(0);
    expect(staging().release).toBe("v1.0.0");
  });

  it("in CI does not take a newer release of the other stack back without --allow-downgrade", async () => {
    const environment = { ...shop.environment, CI: "true" };
    const ci = (...args: string[]) =>
      runCommand(
        ["promote", "--from", "dev", "--to", "staging", "--no-notify", "--no-push", ...args],
        shop.clone.root,
        environment,
      );
    deployed({ api: ["v0.8.0", DIGEST], web: ["v0.8.0", DIGEST] });
    for (const name of ["api", "web"]) shop.images[`shop:${name}-v0.8.0`] = DIGEST;
    const refused = await ci();
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("is older than what runs")]);
    expect(staging().release).toBe("v0.9.0");
    expect((await ci("--allow-downgrade")).exitCode).toBe(0);
    expect(staging().release).toBe("v0.8.0");
  });

  it("promotes single services", async () => {
    expect((await promote("--service", "api")).exitCode).toBe(0);
    expect(staging()).toEqual({ release: "v0.9.0", tags: { api: "v1.0.0" } });
  });

  it("keeps a release of its own for each service that runs another one", async () => {
    shop.running.web = { release: "v0.9.0", digest: OTHER };
    shop.images["shop:web-v0.9.0"] = OTHER;
    deployed({ api: ["v1.0.0", DIGEST], web: ["v0.9.0", OTHER] });
    expect((await promote()).exitCode).toBe(0);
    expect(staging()).toEqual({ release: "v1.0.0", tags: { web: "v0.9.0" } });
  });

  it.each<[string, () => void, string]>([
    [
      "a service does not run what was deployed",
      () => Object.assign(shop.running, { api: { release: "v1.0.0", digest: OTHER } }),
      "api: runs",
    ],
    ["a service does not run", () => void delete shop.running.web, "web: not running"],
    [
      "the registry has other bytes",
      () => Object.assign(shop.images, { "shop:api-v1.0.0": OTHER }),
      "does not have the same images",
    ],
    ["the registry does not have the image", () => void delete shop.images["shop:api-v1.0.0"], "is missing"],
  ])("changes nothing if %s", async (_, breakIt, message) => {
    breakIt();
    const { exitCode, stderr } = await promote();
    expect([exitCode, ups(), staging().release]).toEqual([1, [], "v0.9.0"]);
    expect(stderr).toContain(message);
  });

  it("refuses the same stack twice, and a stack that has everything already", async () => {
    expect((await shop.run("promote", "--from", "dev", "--to", "dev")).stderr).toContain("are both dev");
    await promote();
    const { exitCode, stderr } = await promote();
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("npm run slipway -- deploy --stack staging")]);
  });
});
