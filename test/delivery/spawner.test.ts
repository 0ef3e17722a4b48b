import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

/** Name of a process's parent. */
const parentOf = (pid: number | undefined) => {
  const [, parent = ""] = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return readFileSync(`/proc/${parent}/cmdline`, "utf8").split("\0");
};

describe("a command of a test", () => {
  it.runIf(existsSync("/proc/self") && spawnSync("python3", ["-V"]).status === 0)(
    "is started by a small process",
    async () => {
      const child = spawn("sleep", ["10"]);
      expect(parentOf(child.pid).join(" ")).toContain("spawner.py");
      child.kill();
      await once(child, "close");
    },
  );

  it("gets its arguments, folder, environment and input, and both outputs come whole", async () => {
    const folder = temporaryFolder();
    const script = 'pwd; echo "$NAME $1" >&2; cat';
    const input = "x".repeat(300_000);
    const result = await execa("sh", ["-c", script, "sh", "가 'b'"], { cwd: folder, env: { NAME: "나\n" }, input });
    expect(result).toMatchObject({ exitCode: 0, stdout: `${folder}\n${input}`, stderr: "나\n 가 'b'" });
    expect((await execa("sh", ["-c", "cat; echo end"], { stdin: "ignore" })).stdout).toBe("end");
  });

  it("ends with its exit code or its signal", async () => {
    const ended = async (script: string) => once(spawn("sh", ["-c", script]), "close");
    expect(await ended("exit 143")).toEqual([143, null]);
    expect(await ended("kill -TERM $$")).toEqual([null, "SIGTERM"]);
    expect(await ended("kill -KILL $$")).toEqual([null, "SIGKILL"]);
  });

  it("is killed, with its group if it has one, and cannot be killed twice", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "log"), "begun\n");
    // The line comes from tail itself. A signal that reaches dash while it starts a command can be lost for that command.
    const child = spawn("sh", ["-c", "tail -f log; :"], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    await once(child.stdout, "data");
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await once(child, "close")).toEqual([null, "SIGINT"]);
    expect([child.signalCode, child.kill()]).toEqual(["SIGINT", false]);
    const timeout = await execa("sleep", ["60"], { timeout: 50, reject: false });
    expect(timeout).toMatchObject({ timedOut: true, isTerminated: true, signal: "SIGTERM" });
  });

  it("gets SIGPIPE if nobody reads its output any more", async () => {
    const child = spawn("yes");
    await once(child.stdout, "data");
    child.stdout.destroy();
    expect(await once(child, "close")).toEqual([null, "SIGPIPE"]);
  });

  it("that does not exist, or may not run, or has no folder, is an error of the caller", async () => {
    const failure = async (file: string, cwd?: string) => {
      const child = spawn(file, { cwd });
      const [[error], output] = await Promise.all([once(child, "error"), text(child.stdout)]);
      return `${error.code}${output}`;
    };
    expect(await failure("no-such-command")).toBe("ENOENT");
    const file = join(temporaryFolder(), "no-program");
    writeFileSync(file, "");
    expect(await failure(file)).toBe("EACCES");
    expect(await failure("true", "/no/such/folder")).toBe("ENOENT");
  });

  it("is found on the PATH that it gets", async () => {
    const { code } = await execa("sh", [], { env: { PATH: temporaryFolder() }, reject: false });
    expect(code).toBe("ENOENT");
  });

  it("may have any other streams", async () => {
    const child = spawn(process.execPath, ["-e", "process.send('hello')"], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    expect(await once(child, "message")).toContain("hello");
    const fourth = spawn("sh", ["-c", "echo fourth >&3"], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
    expect(await text(fourth.stdio[3] as NodeJS.ReadableStream)).toBe("fourth\n");
  });
});
