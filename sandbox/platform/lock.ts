import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
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

/**
 * Takes the lock that every command needs to change the sandbox. It is a listening socket in the kernel's abstract namespace:
 * only one process can have it, and it is free again when that process ends, however it ends. The file beside it only says who
 * holds the lock.
 * @param command the holder's command, such as "start", for the error that others get.
 * @returns releases it.
 * @throws Error naming the holder.
 */
export async function takeLock(command: string): Promise<() => void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(
              `Another sandbox command is running: ${describeHolder()}. Wait for it to end, or stop it with Ctrl-C in its terminal. Then run this command again.`,
            )
          : error,
      ),
    );
    server.listen(lockName(), resolve);
  });
  server.unref();
  mkdirSync(state, { recursive: true });
  const holder: Holder = { pid: process.pid, command, since: new Date().toISOString() };
  writeFileSync(paths.lock, JSON.stringify(holder));
  return () => {
    rmSync(paths.lock, { force: true });
    server.close();
  };
}
