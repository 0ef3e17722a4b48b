import { execa } from "execa";
import { expect, it } from "vitest";
import { projectRoot } from "../project-root.ts";
import { DIGEST, TOKEN, useShop } from "./shop.ts";

// What depends on the process itself. The commands run within the test's process elsewhere.
const shop = useShop();

const spawn = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  execa("node", [`${projectRoot}/delivery/cli.ts`, ...args], {
    cwd: projectRoot,
    reject: false,
    extendEnv: false,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
  });

it("runs a command, with its exit code and its result alone on standard output", async () => {
  const { exitCode, stdout, stderr } = await spawn(["release", "v1", "--stack", "nowhere", "--json"], { DEBUG: "1" });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout).error).toContain("stacks/Pulumi.nowhere.yaml does not exist");
  expect(stderr).toMatch(/^ {4}at /m);
});

it("masks secrets in both streams, wherever they come from", async () => {
  const { exitCode, stdout, stderr } = await spawn(["version", "--title", `Add ${TOKEN}`, "--json"], {
    GITHUB_TOKEN: TOKEN,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Argument 3 is a secret; nothing was done.");
  expect(stdout + stderr).not.toContain("a-token-that");

  await shop.clone.commit(`Add ${TOKEN}`);
  const result = await shop.run("version", "--json");
  expect(result.exitCode).toBe(0);
  for (const printed of [result.stdout, result.stderr]) {
    expect(printed).toContain("Add ***");
    expect(printed).not.toContain("a-token-that");
  }
});

it("prints only the version, for CI to take", async () => {
  const { exitCode, stdout, stderr } = await shop.run("version", "--push");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^v0\.1\.0-[0-9a-f]{7}\n$/);
  expect(stderr).toContain(`as ${stdout.trim()}.`);
});

it("exits with 1 for an unexpected error, and says how to see where it was", async () => {
  shop.pulumi.answer("stack history", { stdout: "not JSON" });
  const { exitCode, stderr } = await shop.run("history", "--stack", "dev");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^Unexpected: .+\nDEBUG=1 shows where\.\n$/);
});

it("exits with 0 after a notification that failed", async () => {
  await shop.slack.server.cut();
  const { exitCode, stderr } = await shop.run("notify", "--stack", "prod", "--status", "failure");
  await shop.slack.server.start();
  expect(exitCode).toBe(0);
  expect(stderr).toContain("Slack was not notified: ECONNREFUSED");
});

it("exits with 5 if services do not run as the stack's file says", async () => {
  expect((await shop.run("status", "--stack", "dev")).exitCode).toBe(0);
  shop.running.web = { release: "v0.9.0", digest: DIGEST };
  const { exitCode, stdout } = await shop.run("status", "--stack", "dev");
  expect(exitCode).toBe(5);
  expect(stdout).toContain("✖ web: runs v0.9.0, the file says v1.0.0");
});

it("reports a cluster that cannot be reached", async () => {
  const environment = { ...shop.environment };
  shop.clone.write(
    ".slipway/kubeconfig",
    shop.clone.read(".slipway/kubeconfig").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9"),
  );
  expect(environment.KUBECONFIG).toContain(".slipway/kubeconfig");
  const { exitCode, stderr } = await shop.run("status", "--stack", "dev");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("ECONNREFUSED");
});
