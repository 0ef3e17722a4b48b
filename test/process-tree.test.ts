import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { killTree } from "./e2e/process-tree.ts";

/** Command lines of running processes that contain a text. */
function commandLinesWith(text: string): string[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return /^\d+$/.test(name) && line.includes(text) ? [line] : [];
    } catch {
      return [];
    }
  });
}

it.runIf(process.platform === "linux")("leaves none of a tree that starts a process every millisecond", async () => {
  const seconds = `7${process.pid}`;
  const script = `for i in $(seq 2000); do sleep ${seconds} & read -t 0.001 _ < <(:); done`;
  const parent = spawn("bash", ["-c", script], { stdio: "ignore" });
  await expect.poll(() => commandLinesWith(`sleep ${seconds}`).length).toBeGreaterThan(20);
  const killed = killTree(parent.pid as number);
  expect(killed).toContain("bash");
  await expect.poll(() => commandLinesWith(seconds)).toEqual([]);
});

it.runIf(process.platform === "linux")("names nothing of a process that had ended", async () => {
  const child = spawn("true", [], { stdio: "ignore" });
  await new Promise((resolve) => child.on("exit", resolve));
  expect(killTree(child.pid as number)).toEqual([]);
});
