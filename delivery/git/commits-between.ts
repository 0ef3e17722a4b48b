import { findReleaseCommit, type ReleaseRange } from "./changes-between-releases.ts";
import type { Git } from "./repository.ts";

/** Commits by which two releases differ, as `<abbreviated hash> <subject>`, newest first. */
export interface CommitsBetween {
  /** In the new release, but not in the old one. */
  added: string[];
  /** In the old release, but not in the new one: a rollback takes them back. */
  removed: string[];
}

/**
 * The commits of what is built from a folder by which two releases differ.
 *
 * @returns undefined if git does not know the commit of one of the releases.
 */
export async function listCommitsBetween(
  git: Git,
  { from, to, folder }: { from: string; to: string } & Pick<ReleaseRange, "folder">,
): Promise<CommitsBetween | undefined> {
  const [old, new_] = [await findReleaseCommit(git, from), await findReleaseCommit(git, to)];
  if (old === undefined || new_ === undefined) return undefined;
  return { added: await listCommits(git, old, new_, folder), removed: await listCommits(git, new_, old, folder) };
}

async function listCommits(git: Git, from: string, to: string, folder: string): Promise<string[]> {
  // A folder outside of the repository has no commits here.
  const log = await git.textOrEmpty(
    ...["log", "--no-show-signature", "--no-merges", "--format=%h %s", `${from}..${to}`, "--", folder],
  );
  return log.split("\n").filter(Boolean);
}
