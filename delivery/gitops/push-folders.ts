import { Failure } from "../failure.ts";
import { isStale, MOST_ATTEMPTS } from "../git/push.ts";
import { type Git, GitError, unlessGitError } from "../git/repository.ts";
import type { BranchHistory } from "./branch-history.ts";
import { type ManifestsCommit, readCommits } from "./deploy-commit.ts";
import { createFoldersCommit, type NewCommit } from "./folder-changes.ts";
import {
  failedPush,
  fetchFailure,
  isLoginFailure,
  isRefusal,
  lostRaces,
  type ManifestsPlace,
  refusedPush,
} from "./push-failure.ts";

/** A file that a commit changes. */
export interface ChangedFile {
  file: string;
  added: number;
  removed: number;
}

/** A commit that the repository has. */
export interface Pushed {
  commit: string;
  files: ChangedFile[];
}

/** Without parents, which depend on what others push. */
export type FoldersCommit = Omit<NewCommit, "parents" | "base">;

/**
 * Commits changed folders on top of the branch and pushes that.
 *
 * @param start newest commit of the branch that is known
 * @returns the branch's newest commit, and what was pushed, if anything had to be.
 * @throws Failure
 */
export async function pushFolders(
  history: BranchHistory,
  place: ManifestsPlace,
  start: string | undefined,
  change: FoldersCommit,
): Promise<{ head: string | undefined; pushed?: Pushed }> {
  const { git } = history;
  let { folders } = change;
  let head = start;
  for (let attempt = 1; ; attempt++) {
    const commit = await createFoldersCommit(git, { ...change, folders, parents: head ? [head] : [] });
    const files = await listChanges(git, head, commit);
    if (files.length === 0) return { head };
    const changed = foldersWith(files, folders.keys());
    if (head !== start) await refuseTwoDeploys(git, place, { start, head, changed });
    try {
      await pushCommit(git, place.url, commit, place.branch);
      return { head: commit, pushed: { commit, files } };
    } catch (error) {
      const after = await afterFailedPush(history, place, error);
      if (after.head && (await history.isAncestor(commit, after.head)))
        return { head: after.head, pushed: { commit, files } };
      if (!isStale(error)) throw failedPush(error, place, true);
      if (attempt === MOST_ATTEMPTS) throw lostRaces(place, attempt);
      head = after.head;
      // A deploy hands over all services. Those that it leaves as they are may have been changed by the other push.
      folders = new Map([...folders].filter(([folder]) => changed.includes(folder)));
    }
  }
}

/**
 * What the remote holds after a push that failed. The answer to a push can be lost after the push has come through.
 *
 * @throws Failure if the remote has refused the push, or does not answer.
 */
export async function afterFailedPush(
  history: BranchHistory,
  place: ManifestsPlace,
  error: unknown,
): Promise<{ head: string | undefined }> {
  if (!(error instanceof GitError) || /was interrupted$/.test(error.message)) throw error;
  if (isLoginFailure(error)) throw failedPush(error, place, true);
  if (!isStale(error) && isRefusal(error)) throw refusedPush(error, place);
  try {
    return { head: await history.fetch(place.branch) };
  } catch (again) {
    if (!(again instanceof GitError)) throw again;
    throw isStale(error) ? fetchFailure(again, place) : failedPush(error, place, false);
  }
}

/** Never with force: what others have pushed stays. */
export async function pushCommit(git: Git, url: string, commit: string, branch: string): Promise<void> {
  await git.run("push", "--progress", url, `${commit}:refs/heads/${branch}`);
}

/** Files that differ, with the lines of text that were added and removed. @param from undefined for an empty branch */
export async function listChanges(git: Git, from: string | undefined, to: string): Promise<ChangedFile[]> {
  const empty = from ?? (await git.text("hash-object", "-t", "tree", "/dev/null"));
  const lines = await git.run("diff-tree", "-r", "-z", "--numstat", "--no-renames", empty, to);
  return lines.split("\0").flatMap((line) => {
    const [, added, removed, file] = /^(\d+|-)\t(\d+|-)\t(.+)$/s.exec(line) ?? [];
    return file === undefined ? [] : [{ file, added: Number(added) || 0, removed: Number(removed) || 0 }];
  });
}

function foldersWith(files: readonly ChangedFile[], folders: Iterable<string>): string[] {
  return [...folders].filter((folder) => files.some(({ file }) => file.startsWith(`${folder}/`)));
}

/** @throws Failure if what others pushed since `start` changes one of our folders. */
async function refuseTwoDeploys(
  git: Git,
  { url, branch }: ManifestsPlace,
  { start, head, changed }: { start: string | undefined; head: string | undefined; changed: readonly string[] },
): Promise<void> {
  const theirs = head ? await listChanges(git, start, head) : [];
  const both = foldersWith(theirs, changed);
  if (both.length === 0 || head === undefined) return;
  const since = start ? [`${start}..${head}`] : [head];
  const commits = await unlessGitError(readCommits(git, "--max-count=1", ...since, "--", ...both));
  throw new Failure(
    `Two deploys at once: ${describe(commits?.[0], head)} changed ${both.join(", ")} on ${branch} of ${url} while this command was about ` +
      "to. Nothing was changed by this one. Look at that commit, then run the command again if it is still wanted.",
  );
}

export function describe(commit: ManifestsCommit | undefined, otherwise: string): string {
  if (commit === undefined) return otherwise.slice(0, 7);
  return `${commit.commit.slice(0, 7)} "${commit.subject}" by ${commit.author.replace(/ <.*/, "")}`;
}
