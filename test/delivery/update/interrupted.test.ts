import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { readRun } from "../../../delivery/run-folder.ts";
import { readReleases } from "../../../delivery/stack-file.ts";
import { begun, ended, releaseOf, started } from "../engine/events.ts";
import { useShop } from "../shop.ts";

const shop = useShop();

/** Deploys v1.1.0 with an engine that works until it is interrupted, and sends this process a signal once it does. */
async function interruptedDeploy(exitCode: number, events = [begun(), started("update", releaseOf("api")), ended()]) {
  const { root } = shop.clone;
  const script = `trap 'exit ${exitCode}' INT; touch '${root}/.slipway/working'; while true; do sleep 0.1; done`;
  shop.pulumi.answer("up", { stdout: "Updating (dev)\n", events, script });
  const deploy = shop.run("deploy", "--stack", "dev", "--release", "v1.1.0", "--push");
  await vi.waitFor(() => expect(existsSync(join(root, ".slipway/working"))).toBe(true), { timeout: 15_000 });
  process.emit("SIGTERM", "SIGTERM");
  return deploy;
}

describe("a deploy that a signal interrupts", () => {
  it("waits for the engine, is stored as cancelled, and says how to resume it", async () => {
    const { exitCode, stderr } = await interruptedDeploy(1);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("was interrupted");
    expect(stderr).toContain("To resume: npm run slipway -- deploy --stack dev --release v1.1.0\n");
    expect(readRun(shop.clone.root, "dev").run).toMatchObject({ status: "cancelled", release: "v1.1.0" });
    expect(readReleases(shop.stackFile).release).toBe("v1.1.0");
    expect(shop.slack.last).toContain("deploy of v1.1.0 cancelled");
    expect(await shop.remote.tags()).toEqual([]);
  });

  it("is a success if the engine came to its end nevertheless", async () => {
    const { exitCode, stderr } = await interruptedDeploy(0);
    expect(exitCode, stderr).toBe(0);
    expect(readRun(shop.clone.root, "dev").run.status).toBe("succeeded");
  });

  it("leaves no record if nothing was changed yet", async () => {
    const { exitCode, stderr } = await interruptedDeploy(1, [begun(), ended()]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("nothing was changed. SIGTERM ended it");
    expect(readReleases(shop.stackFile).release).toBe("v1.0.0");
  });

  it("leaves the handling of signals as it was", async () => {
    await interruptedDeploy(1);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) expect(process.listenerCount(signal)).toBe(0);
  });
});

it("keeps the record of an update whose engine was killed", async () => {
  shop.pulumi.answer("up", { stdout: "Updating (dev)\n", events: [begun()], exitCode: 137 });
  const { exitCode, stderr } = await shop.run("deploy", "--stack", "dev", "--release", "v1.1.0", "--no-push");
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("The engine was killed");
  expect(stderr).not.toContain("nothing was changed");
  expect(readReleases(shop.stackFile).release).toBe("v1.1.0");
});

it("ends when a person interrupts the plan of a rollback, and asks nothing", async () => {
  const { root } = shop.clone;
  const script = `trap 'exit 1' INT; touch '${root}/.slipway/working'; while true; do sleep 0.1; done`;
  shop.pulumi.answer("preview", { stdout: "Previewing update (dev)\n", events: [begun()], script });
  const plan = shop.run("rollback", "--stack", "dev", "--to", "v0.9.0", "--dry-run");
  await vi.waitFor(() => expect(existsSync(join(root, ".slipway/working"))).toBe(true), { timeout: 15_000 });
  process.emit("SIGINT", "SIGINT");
  const { exitCode, stderr } = await plan;
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("interrupted; nothing was changed")]);
});
