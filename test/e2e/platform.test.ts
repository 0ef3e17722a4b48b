import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { takeLock } from "../../sandbox/platform/lock.ts";
import { recordedDaemons } from "../../sandbox/processes/daemon.ts";
import { identify } from "../../sandbox/processes/process-identity.ts";
import { projectRoot } from "../project-root.ts";

const sandbox = (...args: string[]) =>
  execa("node", ["sandbox/cli.ts", ...args], { cwd: projectRoot, all: true, reject: false });

const processOf = (name: string) => recordedDaemons().find((daemon) => daemon.name === name);

describe("status", () => {
  it("tells programs what runs where", async () => {
    const { stdout, exitCode } = await sandbox("status", "--json");
    expect(exitCode, stdout).toBe(0);
    const { ready, services } = JSON.parse(stdout);
    expect(ready).toBe(true);
    expect(services.web).toEqual({
      url: "http://shop.localhost:30080",
      release: expect.any(String),
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      ready: expect.any(Number),
      desired: expect.any(Number),
    });
  });
});

describe("a half-dead platform", () => {
  it("is healed by the next command, and nothing else of it is touched", async () => {
    const before = recordedDaemons();
    const victims = ["registry", "coredns", "kube-scheduler"];
    for (const name of victims) process.kill(processOf(name)?.pid ?? 0, "SIGKILL");
    await sleep(500);
    expect((await sandbox("status")).exitCode).toBe(1);

    const { exitCode, all } = await sandbox("up");
    expect(exitCode, all).toBe(0);
    for (const { name, pid } of before) {
      const now = processOf(name);
      expect(now?.alive, name).toBe(true);
      expect(now?.pid !== pid, name).toBe(victims.includes(name));
    }
  });
});

describe("a port that somebody else has", () => {
  it("is named, with its holder, and nothing is started", async () => {
    const registry = processOf("registry");
    process.kill(registry?.pid ?? 0, "SIGKILL");
    await sleep(500);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(5000, "127.0.0.1", resolve));
    try {
      const { exitCode, all } = await sandbox("up");
      expect(exitCode).toBe(1);
      expect(all).toMatch(new RegExp(`5000.*${process.pid}|${process.pid}.*5000`));
      expect(all).not.toMatch(/\n\s+at .*\.(ts|js):/);
    } finally {
      squatter.close();
    }
    expect((await sandbox("up")).exitCode).toBe(0);
  });
});

describe("a second command", () => {
  it("waits for the one that changes the platform, says which that is, and then proceeds", async () => {
    const release = await takeLock("start");
    const waiting = sandbox("up");
    let output = "";
    waiting.all.on("data", (chunk) => {
      output += chunk;
    });
    await expect.poll(() => output, { timeout: 20_000 }).toContain(`"start", process ${process.pid}`);
    release();
    const { exitCode, all } = await waiting;
    expect(exitCode, all).toBe(0);
  });
});

describe("bad calls", () => {
  it.each([
    ["an unknown command", ["deploy"], /unknown command|too many arguments/],
    ["an unknown stack", ["preview", "--stack", "nowhere"], /Stack nowhere: .*Pulumi\.nowhere\.yaml does not exist/],
    ["a bad release", ["preview", "--release", "a:b"], /slipway:release: "a:b" given; must be a tag of 1 to 63/],
  ])("%s is refused with what to do", async (_, args, message) => {
    const { exitCode, all } = await sandbox(...args);
    expect(exitCode).toBe(1);
    expect(all).toMatch(message);
    expect(all).not.toMatch(/\n\s+at .*\.(ts|js):/);
  });
});

describe("stop", () => {
  it("leaves no process, mount, interface, rule or namespace, and the next start goes on where it was", async () => {
    const before = JSON.parse((await sandbox("status", "--json")).stdout).services;
    const pids = recordedDaemons().map(({ pid }) => pid);
    expect((await sandbox("stop")).exitCode).toBe(0);

    expect(pids.filter((pid) => identify(pid) !== undefined)).toEqual([]);
    expect(
      readFileSync("/proc/mounts", "utf8")
        .split("\n")
        .filter((mount) => mount.includes(paths.state)),
    ).toEqual([]);
    expect((await execa("ip", ["-brief", "link"])).stdout).not.toMatch(/slipway|veth|docker0/);
    expect((await execa("iptables-save")).stdout).not.toMatch(/KUBE-|CNI-|SLIPWAY/);
    expect((await execa("ip", ["netns"])).stdout).not.toMatch(/cni-/);
    // A machine may have a policy of its own; ours, for the time of an installation, says whose it is.
    const policy = "/usr/sbin/policy-rc.d";
    expect(existsSync(policy) ? readFileSync(policy, "utf8") : "").not.toContain("SLIPWAY");

    const { exitCode, all } = await sandbox("up");
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(/Resources:\s+\d+ unchanged/);
    const after = JSON.parse((await sandbox("status", "--json")).stdout).services;
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const [name, { digest }] of Object.entries<{ digest: string }>(before))
      expect(after[name].digest).toBe(digest);
  });
});
