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

/** The kernel cuts a name off after 107 bytes, which would make one of two long ones. */
function lockName(): string {
  const name = state.length <= 90 ? state : createHash("sha256").update(state).digest("hex");
  return `\0slipway:${name}`;
}

/**
 * Takes the one lock that commands changing the sandbox hold. The lock is a listening socket in the kernel's abstract
 * namespace: taken by one process at a time, and free again when that process ends, however it ends. The file beside it
 * only tells the others who holds it.
 * @param command what the holder does, shown to whoever finds it taken: "start".
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
              `Another sandbox command is at work: ${describeHolder()}. Wait for it to end, or end it with Ctrl-C in its terminal; then run this again.`,
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
