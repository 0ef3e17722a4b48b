import { beforeEach, describe, expect, it } from "vitest";
import { DIGEST, useShop } from "../shop.ts";

const shop = useShop();

beforeEach(async () => {
  const staging = `${shop.initialStack.replace("v1.0.0", "v0.9.0")}    services:\n      api:\n        replicas:\n          min: 2\n          max: 2\n`;
  await shop.clone.commit("feat: staging", { "stacks/Pulumi.staging.yaml": staging });
});

describe("stacks", () => {
  it("shows all stacks side by side, with what runs and who deployed it", async () => {
    const { exitCode, stdout } = await shop.run("stacks");
    expect(exitCode).toBe(0);
    const [dev = "", staging = ""] = ["dev", "staging"].map((stack) =>
      stdout.split("\n").find((line) => line.includes(` ${stack} `)),
    );
    expect(dev).toMatch(/v1\.0\.0 .* v1\.0\.0 .* deploy succeeded, 2026-01-31 .* ada .* as desired/);
    expect(staging).toContain("v0.9.0");
    expect(stdout).toContain("api: runs v1.0.0, the file says v0.9.0");
  });

  it("shows what it can if a stack cannot be read, and fails", async () => {
    shop.clone.write("stacks/Pulumi.broken.yaml", "config: {}\n");
    const { exitCode, stdout } = await shop.run("stacks", "--json");
    expect(exitCode).toBe(1);
    const { stacks } = JSON.parse(stdout);
    expect(stacks.map(({ stack, errors }: { stack: string; errors: string[] }) => [stack, errors.length])).toEqual([
      ["broken", 1],
      ["dev", 0],
      ["staging", 0],
    ]);
  });

  it("names a reason once for all stacks that have it", async () => {
    shop.pulumi.answer("stack history", { stderr: "error: PULUMI_ACCESS_TOKEN must be set\n", exitCode: 255 });
    const { stdout } = await shop.run("stacks");
    expect(stdout).toMatch(
      /^✖ dev, staging: pulumi stack history .*--stack <stack>: PULUMI_ACCESS_TOKEN must be set$/m,
    );
  });
});

it("stacks that nobody has deployed are no error", async () => {
  shop.pulumi.answer("stack history", { stderr: "error: no stack named 'dev' found\n", exitCode: 255 });
  const { exitCode, stdout } = await shop.run("stacks");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/dev .* v1\.0\.0 .* not deployed/);
  expect(shop.requests).toEqual([]);
});

describe("diff", () => {
  const diff = (...args: string[]) => shop.run("diff", "--stack", "dev", ...args);

  it("of two stacks shows releases and config that differ", async () => {
    const { exitCode, stdout } = await diff("--with", "staging");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/api\.release .* v1\.0\.0 .* v0\.9\.0/);
    expect(stdout).toMatch(/api\.replicas .* – .* \{"min":2,"max":2\}/);
    expect((await diff("--with", "staging", "--exit-code")).exitCode).toBe(2);
    expect(await diff("--with", "dev", "--exit-code")).toMatchObject({
      exitCode: 0,
      stdout: "dev and dev do not differ.\n",
    });
  });

  it("of a stack and what runs shows what a deploy would change, and where the cluster differs", async () => {
    shop.pulumi.answer("preview", { events: [] });
    expect(await diff("--exit-code")).toMatchObject({ exitCode: 0, stdout: "dev runs what its file says.\n" });
    shop.running.web = { release: "v0.9.0", digest: DIGEST };
    const { exitCode, stdout } = await diff("--exit-code");
    expect([exitCode, stdout]).toEqual([2, expect.stringContaining("✖ web: runs v0.9.0, the file says v1.0.0")]);
  });
});

describe("history", () => {
  it("shows the commit and the pull request of each release, and what is current", async () => {
    const commit = await shop.clone.commit("feat: gift cards (#7)");
    const release = `v1.1.0-${commit.slice(0, 7)}`;
    const update = (result: string, tag: string, minute: number) => ({
      kind: "update",
      startTime: `2026-01-31T12:0${minute}:00Z`,
      endTime: `2026-01-31T12:0${minute}:31Z`,
      message: `deploy ${tag} by ada`,
      environment: {},
      config: { "slipway:release": { value: tag } },
      result,
    });
    const updates = [update("failed", "v2.0.0", 3), update("succeeded", release, 2), update("succeeded", "v1.0.0", 1)];
    shop.pulumi.answer("stack history", { stdout: JSON.stringify(updates) });
    const { stdout } = await shop.run("history", "--stack", "dev");
    const lines = stdout.split("\n").filter((line) => line.includes("deploy"));
    expect(lines.map((line) => line.includes("← current"))).toEqual([false, true, false]);
    expect(lines[1]).toMatch(new RegExp(`${release} .* ${commit.slice(0, 7)} .* #7 .* ada .* succeeded .* 31 s`));
  });

  it("shows times of this machine's zone", async () => {
    Object.defineProperty(shop, "environment", {
      value: { ...shop.environment, TZ: "Asia/Seoul" },
      configurable: true,
    });
    const { stdout } = await shop.run("history", "--stack", "dev");
    Reflect.deleteProperty(shop, "environment");
    expect(stdout).toContain("2026-01-31 21:00 GMT+9");
  });
});
