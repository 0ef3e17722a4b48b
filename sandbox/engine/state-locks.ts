import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { paths } from "../paths.ts";
import { identify } from "../processes/process-identity.ts";

const LOCKS = join(paths.stackStates, ".pulumi/locks/organization/slipway");

/** A lock of the engine's file backend, which says who holds it. On a shared backend only a person can know. */
interface Lock {
  file: string;
  stack: string;
  /** Whether the engine that made it still runs. */
  held: boolean;
}

/** Removes a stack's locks whose engines were killed: nobody else will. Those that are held stay. */
export function removeStaleLocks(stack: string): void {
  for (const { file } of locks().filter((lock) => lock.stack === stack && !lock.held)) {
    console.error(`The engine that held the lock of ${stack} was killed: taking the lock away.`);
    // The backend keeps each file's attributes in one beside it.
    for (const part of [file, `${file}.attrs`]) rmSync(part, { force: true });
  }
}

/** Stacks that an engine is at work on. */
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

/** Undefined where the lock went away meanwhile, or is just being written. */
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
