import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Failure, reasonOf } from "./failure.ts";

/**
 * Replaces a file's text: beside it, then by a rename. A full disk or a kill leaves the old text, never half of the new one. The file keeps
 * its permissions, and a link keeps pointing to it.
 *
 * @param name how people know the file
 * @throws Failure if it cannot be written. The file is as it was.
 */
export function writeBeside(path: string, name: string, text: string): void {
  const target = existing(path);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    const file = openSync(beside, "w", modeOf(target));
    try {
      writeFileSync(file, text);
      // Without it, a machine that loses power may keep the rename and not the text.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new Failure(
      `${name} cannot be written (${reasonOf(error)}) and was left unchanged. Make room, or check its permissions.`,
    );
  }
}

function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return 0o644;
  }
}
