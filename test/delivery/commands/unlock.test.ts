import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { usePerson } from "../person.ts";
import { useShop } from "../shop.ts";

const shop = useShop();

const person = usePerson();

const LOCKS = "state/.pulumi/locks/organization/slipway/dev";
const lock = (name: string, over: object = {}) =>
  shop.clone.write(
    `${LOCKS}/${name}.json`,
    JSON.stringify({ pid: 2417, username: "runner", hostname: "runnervm", timestamp: "2026-01-31T12:00:00Z", ...over }),
  );
const unlock = (...args: string[]) => shop.run("unlock", "--stack", "dev", ...args);
const isRemoved = () => shop.pulumi.calls.some((call) => call.startsWith("cancel"));

beforeEach(() => {
  shop.pulumi.answer("whoami", { stdout: JSON.stringify({ url: `file://${shop.clone.root}/state` }) });
  shop.pulumi.answer("cancel", {});
});

describe("unlock", () => {
  it("shows who holds the lock, asks, and removes it", async () => {
    lock("one");
    Object.assign(person, { isThere: true, answer: true });
    const { exitCode, stdout, stderr } = await unlock();
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("Locked by runner@runnervm (pid 2417) since 2026-01-31");
    expect(stdout).toContain("npm run slipway -- deploy --stack dev");
    expect(isRemoved()).toBe(true);
  });

  it.each([
    ["somebody says no", { isThere: true, answer: false }],
    ["nobody can be asked", { isThere: false, answer: true }],
  ])("removes nothing if %s", async (_, who) => {
    lock("one");
    Object.assign(person, who);
    const { exitCode, stderr } = await unlock();
    expect([exitCode, isRemoved()]).toEqual([4, false]);
    expect(stderr).toContain("Nothing was removed.");
  });

  it("does not ask under --yes", async () => {
    lock("one");
    expect([(await unlock("--yes")).exitCode, isRemoved()]).toEqual([0, true]);
  });

  it("removes nothing if another update took the lock meanwhile", async () => {
    lock("one");
    Object.assign(person, { isThere: true, answer: true, meanwhile: () => lock("two") });
    const { exitCode, stderr } = await unlock();
    expect([exitCode, isRemoved()]).toEqual([4, false]);
    expect(stderr).toContain("another update took the lock");
  });

  it("does nothing if there is no lock", async () => {
    expect(await unlock()).toMatchObject({ exitCode: 0, stdout: "dev is not locked.\n" });
    expect(isRemoved()).toBe(false);
  });

  it("asks without knowing the holder if the backend does not show its locks", async () => {
    shop.pulumi.answer("whoami", { stdout: JSON.stringify({ url: "https://app.pulumi.com/ada" }) });
    expect((await unlock()).exitCode).toBe(4);
    expect([(await unlock("--yes")).exitCode, isRemoved()]).toEqual([0, true]);
  });

  it("refuses if the engine that holds it runs on this machine, even under --yes", async () => {
    const engine = join(temporaryFolder(), "pulumi");
    cpSync("/bin/sleep", engine, { dereference: true });
    const child = spawn(engine, ["60"]);
    try {
      lock("one", { hostname: hostname(), pid: child.pid });
      const { exitCode, stderr } = await unlock("--yes");
      expect([exitCode, isRemoved()]).toEqual([4, false]);
      expect(stderr).toContain(`kill -INT ${child.pid}`);
    } finally {
      child.kill();
    }
  });

  it("takes a process of another program for no engine", async () => {
    lock("one", { hostname: hostname(), pid: process.pid });
    expect([(await unlock("--yes")).exitCode, isRemoved()]).toEqual([0, true]);
  });
});
