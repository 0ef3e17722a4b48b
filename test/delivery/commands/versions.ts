import { vi } from "vitest";
import { nextVersion, type VersionOptions, version } from "../../../delivery/commands/version.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { captureOutput } from "../machine.ts";
import type { Clone } from "../repositories.ts";

export const short = (commit: string) => commit.slice(0, 7);

export const next = async ({ root }: Clone, title?: string) => {
  const found = await nextVersion(await openRepository(root), { ...(title !== undefined && { title }) });
  if (found === undefined) throw new Error("there is nothing new");
  return found;
};

/** Runs `version --push`. @returns the version */
export async function push({ root }: Clone, options: VersionOptions = {}): Promise<string> {
  const output = captureOutput();
  await version({ push: true, ...options }, root);
  vi.restoreAllMocks();
  return output.stdout.trim();
}

/** Tags the current commit by hand, adds commits and pushes all. */
export async function release(clone: Clone, tag: string, ...messages: string[]): Promise<void> {
  await clone.git("tag", tag);
  for (const message of messages) await clone.commit(message);
  await clone.git("push", "--quiet", "--tags", "origin", "main");
}
