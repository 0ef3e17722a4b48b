import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runEngine } from "../../../delivery/engine/run.ts";
import { SignalHold } from "../../../delivery/engine/signals.ts";
import { projectRoot } from "../../project-root.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { FakePulumi } from "../fake-pulumi.ts";
import { captureOutput } from "../machine.ts";

describe("a signal to this process", () => {
  /** An engine that counts what it is told, ends in order after the first and at once after the second interrupt. */
  const engine = `
trap 'echo HUP >> told' HUP; trap 'echo TERM >> told' TERM
trap 'echo INT >> told; [ -e first ] && exit 2; touch first' INT
echo begun; at=0
while [ $at -lt 30 ]; do sleep 0.1; [ -e first ] && at=$((at + 1)); done; exit 1`;

  const afterInterrupt = (second: NodeJS.Signals) => async (pid: number) => {
    process.kill(pid, "SIGINT");
    await sleep(1_500);
    process.kill(pid, second);
  };
  const sent = {
    SIGINT: (pid: number) => process.kill(pid, "SIGINT"),
    SIGTERM: (pid: number) => process.kill(pid, "SIGTERM"),
    SIGHUP: (pid: number) => process.kill(pid, "SIGHUP"),
    "SIGINT to the group": (pid: number) => process.kill(-pid, "SIGINT"),
    "SIGHUP to the group": (pid: number) => process.kill(-pid, "SIGHUP"),
    "SIGINT and its echo": async (pid: number) => {
      process.kill(-pid, "SIGINT");
      await sleep(200);
      process.kill(pid, "SIGINT");
    },
    "SIGINT, later SIGTERM": afterInterrupt("SIGTERM"),
    "SIGINT, later SIGHUP": afterInterrupt("SIGHUP"),
  };
  type Sent = keyof typeof sent;

  // Each waits for seconds to see that nothing else comes, so all run side by side.
  const runs = new Map<string, ReturnType<typeof interrupt>>();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
    for (const [name, send] of Object.entries(sent)) {
      const run = interrupt(join(folder, name), engine, send);
      run.catch(() => "reported by the test that waits for it");
      runs.set(name, run);
    }
  });
  afterAll(async () => {
    await Promise.allSettled(runs.values());
    rmSync(folder, { recursive: true });
  }, 20_000);
  const resultOf = async (name: Sent) => await runs.get(name);

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("reaches the engine as one interrupt: %s", async (signal) => {
    expect(await resultOf(signal)).toEqual({ told: "INT\n", result: { ok: false, interrupted: signal } });
  });

  it.each(["SIGINT", "SIGHUP"] as const)(
    "reaches it once if the terminal tells the whole group: %s",
    async (signal) => {
      const run = await resultOf(`${signal} to the group`);
      expect(run).toEqual({ told: "INT\n", result: { ok: false, interrupted: signal } });
    },
  );

  it("reaches it once if npm repeats it", async () => {
    expect((await resultOf("SIGINT and its echo"))?.told).toBe("INT\n");
  });

  it("reaches it again if it comes a second time, and a hang-up does not", async () => {
    expect((await resultOf("SIGINT, later SIGTERM"))?.told).toBe("INT\nINT\n");
    expect((await resultOf("SIGINT, later SIGHUP"))?.told).toBe("INT\n");
  });

  it("starts no engine if it came before", async () => {
    const pulumi = new FakePulumi();
    vi.stubEnv("PATH", pulumi.path);
    const output = captureOutput();
    const signals = new SignalHold();
    process.emit("SIGTERM", "SIGTERM");
    const run = await runEngine({ root: temporaryFolder(), stack: "dev", args: ["up"], signals });
    signals.release();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    expect(run).toMatchObject({ ok: false, interrupted: "SIGTERM", mayHaveChanged: false });
    expect(output.stderr).toContain("SIGTERM: ending in order");
    expect(pulumi.calls).toEqual([]);
  });

  it("that cannot be held lets the engine come to its end", async () => {
    const script = "echo begun; sleep 1; echo more && echo ended > told";
    const project = temporaryFolder();
    await interrupt(project, script, (pid) => process.kill(-pid, "SIGKILL")).catch(() => {});
    const told = () => readFileSync(join(project, "told"), "utf8");
    await vi.waitFor(() => expect(told()).toBe("ended\n"), { timeout: 5_000 });
  });
});

/**
 * Starts a process that runs `pulumi up`, sends it signals once the engine has begun, and waits for its end.
 *
 * @param project a new folder
 * @param script of the engine
 */
async function interrupt(project: string, script: string, send: (pid: number) => Promise<void> | unknown) {
  mkdirSync(join(project, "cli"), { recursive: true });
  const cli = new FakePulumi(join(project, "cli"));
  cli.answer("up", { script });
  const program = `
    const { runEngine } = await import(${JSON.stringify(join(projectRoot, "delivery/engine/run.ts"))});
    const { ok, interrupted } = await runEngine({ root: ${JSON.stringify(project)}, stack: "dev", args: ["up"] });
    console.log(JSON.stringify({ ok, interrupted }));`;
  // A process group, as a terminal creates for a foreground job.
  const child = execa("node", ["--input-type=module", "--eval", program], {
    cwd: projectRoot,
    env: { PATH: cli.path },
    detached: true,
    reject: false,
  });
  for await (const line of child.iterable({ from: "stderr" })) {
    if (line === "begun") await send(child.pid as number);
  }
  const { stdout } = await child;
  return { told: readFileSync(join(project, "told"), "utf8"), result: JSON.parse(stdout) as object };
}
