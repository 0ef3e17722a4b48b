import { findReleaseCommit } from "./release-commit.ts";
import { type Git, GitError } from "./repository.ts";

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
 * @param folder relative to the project
 * @returns undefined if git does not know the commit of one of the releases, or the folder is outside of the repository.
 */
export async function listCommitsBetween(
  git: Git,
  { from, to, folder }: { from: string; to: string; folder: string },
): Promise<CommitsBetween | undefined> {
  const older = await findReleaseCommit(git, from);
  const newer = await findReleaseCommit(git, to);
  if (older === undefined || newer === undefined) return undefined;
  try {
    return {
      added: await listCommits(git, `${older}..${newer}`, folder),
      removed: await listCommits(git, `${newer}..${older}`, folder),
    };
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

async function listCommits(git: Git, range: string, folder: string): Promise<string[]> {
  const log = await git.text("log", "--no-show-signature", "--no-merges", "--format=%h %s", range, "--", folder);
  return log.split("\n").filter(Boolean);
}
