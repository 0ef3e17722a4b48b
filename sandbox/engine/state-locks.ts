import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { paths } from "../paths.ts";
import { identify } from "../processes/process-identity.ts";

const LOCKS = join(paths.stackStates, ".pulumi/locks/organization/slipway");

/** A lock of the engine's file backend. It names its holder, which can only be checked on this machine. */
interface Lock {
  file: string;
  stack: string;
  /** Whether the engine that made it still runs. */
  held: boolean;
}

/** Removes the locks of a stack whose engines were killed. Locks that are held stay. */
export function removeStaleLocks(stack: string): void {
  for (const { file } of locks().filter((lock) => lock.stack === stack && !lock.held)) {
    console.error(`The engine that held the lock of ${stack} was killed. Removing the lock.`);
    // The backend keeps the attributes of each file in another file.
    for (const part of [file, `${file}.attrs`]) rmSync(part, { force: true });
  }
}

/** Stacks with a running update. */
export function stacksBeingUpdated(): string[] {
  return [...new Set(locks().flatMap(({ stack, held }) => (held ? [stack] : [])))];
}

function locks(): Lock[] {
  return list(LOCKS).flatMap((stack) =>
    list(join(LOCKS, stack)).flatMap((name) => {
      if (!name.endsWith(".json")) return [];
      const file = join(LOCKS, stack, name);
      const holder = readHolder(file);
      return holder ? [{ file, stack, held: holder.hostname !== hostname() || isEngine(holder.pid) }] : [];
    }),
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined if the lock is gone or is being written. */
function readHolder(file: string): { pid: number; hostname: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function isEngine(pid: number): boolean {
  try {
    return identify(pid) !== undefined && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "pulumi";
  } catch {
    return false;
  }
}
