import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { paths, state } from "../paths.ts";

interface Holder {
  pid: number;
  command: string;
  since: string;
}

function describeHolder(): string {
  try {
    const { command, pid, since } = JSON.parse(readFileSync(paths.lock, "utf8")) as Holder;
    return `"${command}", process ${pid}, since ${since}`;
  } catch {
    return "it has just started";
  }
}

/** The kernel truncates a name after 107 bytes, which would give two long ones the same lock. */
function lockName(): string {
  const name = state.length <= 90 ? state : createHash("sha256").update(state).digest("hex");
  return `\0slipway:${name}`;
}

/** How long to wait before the next attempt. */
const RETRY_MILLISECONDS = 200;

/**
 * Takes the lock that every command needs to change the sandbox, and waits while another command has it. It is a listening socket
 * in the kernel's abstract namespace: only one process can have it, and it is free again when that process ends, however it ends.
 * The file beside it only says who holds the lock.
 * @param command the command that takes it, such as "start", for the message that others get.
 * @param report prints a message about the wait. @default - to standard error
 * @returns releases it.
 */
export async function takeLock(
  command: string,
  report: (message: string) => void = console.error,
): Promise<() => void> {
  const server = createServer();
  for (let attempt = 1; !(await listen(server)); attempt++) {
    if (attempt === 1)
      report(
        `Waiting for another sandbox command to end: ${describeHolder()}. Ctrl-C ends the wait and changes nothing.`,
      );
    await sleep(RETRY_MILLISECONDS);
  }
  server.unref();
  mkdirSync(state, { recursive: true });
  const holder: Holder = { pid: process.pid, command, since: new Date().toISOString() };
  writeFileSync(paths.lock, JSON.stringify(holder));
  return () => {
    rmSync(paths.lock, { force: true });
    server.close();
  };
}

/** @returns false if another process has the lock. */
async function listen(server: Server): Promise<boolean> {
  try {
    server.listen(lockName());
    await once(server, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}
