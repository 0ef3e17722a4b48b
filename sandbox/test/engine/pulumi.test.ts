import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const runPulumiModule = join(import.meta.dirname, "../../engine/pulumi.ts");

/** Notes its arguments and signals. Ends half a second after the first signal, or at once after the second. */
const FAKE_CLI = `#!/bin/sh
echo "$@" > "$FOLDER/arguments"
ended() { echo "$1" >> "$FOLDER/signals"; [ -z "$ending" ] || exit 9; ending=1; left=5; }
trap 'ended INT' INT
trap 'ended TERM' TERM
left=300
echo $$ > "$FOLDER/pid"
while [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
exit 8
`;

/** A process that calls runPulumi, as the sandbox's command does, in a process group that stands for a terminal's. */
function startCommand(cli: string) {
  const folder = temporaryFolder();
  const command = join(folder, "pulumi");
  writeFileSync(command, cli);
  chmodSync(command, 0o755);
  const call = { command, args: ["up"], cwd: folder };
  const main = join(folder, "main.mjs");
  writeFileSync(
    main,
    `import { runPulumi } from ${JSON.stringify(runPulumiModule)};
process.exitCode = await runPulumi({ ...${JSON.stringify(call)}, env: process.env });`,
  );
  const child = spawn(process.execPath, [main], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, FOLDER: folder },
  });
  const read = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "");
  return {
    pid: child.pid as number,
    started: () => expect.poll(() => read("pid"), { timeout: 10_000 }).toMatch(/^\d+\n$/),
    exitCode: once(child, "exit").then(([code]) => code as number),
    arguments: () => read("arguments").trim(),
    signals: () => read("signals").split("\n").filter(Boolean),
    isCliAlive: () => existsSync(`/proc/${read("pid").trim()}`),
  };
}

describe("runPulumi", () => {
  it.each([0, 1, 6])("returns the exit code %i of the CLI", async (code) => {
    expect(await startCommand(`#!/bin/sh\nexit ${code}\n`).exitCode).toBe(code);
  });

  it("asks for plain lines where there is no terminal", async () => {
    const command = startCommand('#!/bin/sh\necho "$@" > "$FOLDER/arguments"\n');
    await command.exitCode;
    expect(command.arguments()).toBe("up --non-interactive --color never");
  });

  it("passes a Ctrl-C on once, although npm repeats it, and waits for the engine to end", async () => {
    const command = startCommand(FAKE_CLI);
    await command.started();
    process.kill(-command.pid, "SIGINT");
    await sleep(50);
    process.kill(command.pid, "SIGINT");
    expect(await command.exitCode).toBe(130);
    expect(command.signals()).toEqual(["INT"]);
    expect(command.isCliAlive()).toBe(false);
  });

  it("passes a second Ctrl-C on, which makes the engine end at once", async () => {
    const command = startCommand(FAKE_CLI.replace("left=5", "left=300"));
    await command.started();
    process.kill(-command.pid, "SIGINT");
    await sleep(1100);
    process.kill(-command.pid, "SIGINT");
    expect(await command.exitCode).toBe(130);
    expect(command.signals()).toEqual(["INT", "INT"]);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("lets the engine end in order on %s", async (signal, exitCode) => {
    const command = startCommand(FAKE_CLI);
    await command.started();
    process.kill(command.pid, signal);
    expect(await command.exitCode).toBe(exitCode);
    expect(command.signals()).toEqual(["TERM"]);
    expect(command.isCliAlive()).toBe(false);
  });
});
