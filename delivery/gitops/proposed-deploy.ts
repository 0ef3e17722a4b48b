import { Failure } from "../failure.ts";
import { isStale, MOST_ATTEMPTS } from "../git/push.ts";
import type { BranchHistory } from "./branch-history.ts";
import { createFoldersCommit } from "./folder-changes.ts";
import { findForeignCommits } from "./hand-edits.ts";
import { failedPush, fetchFailure, lostRaces, type ManifestsPlace } from "./push-failure.ts";
import { afterFailedPush, describe, type FoldersCommit, listChanges, type Pushed, pushCommit } from "./push-folders.ts";

/** A deploy on a branch of its own, which a pull request can bring to the stack's branch. */
export interface Proposal extends Pushed {
  branch: string;
  /** The stack's branch. */
  base: string;
}

/** The branch of a deploy that waits for its review. */
export function deployBranch(stack: string, release: string): string {
  // Releases that differ by service are "v1.3.0, api v1.2.9".
  return `deploy/${stack}/${release.replace(/[^\w.-]+/g, "-")}`;
}

/**
 * Pushes changed folders to a branch for a pull request. If the branch exists, it gets one more commit, which also merges what the base
 * has got meanwhile. So no push needs force, and the pull request differs from its base by the deploy alone.
 *
 * @param head newest commit of the base
 * @returns undefined if the base already holds all of it.
 * @throws Failure if somebody else has changed the branch, the server refuses, or it cannot be reached.
 */
export async function proposeFolders(
  history: BranchHistory,
  { url, branch: base }: ManifestsPlace,
  head: string | undefined,
  { branch, ...change }: FoldersCommit & { branch: string },
): Promise<Proposal | undefined> {
  const { git } = history;
  const place = { url, branch };
  if (head === undefined) {
    throw new Failure(
      `${url} has no branch ${base} that a pull request could go into. Create it, even with one empty commit, and protect it.`,
    );
  }
  let tip = await fetchBranch(history, place);
  for (let attempt = 1; ; attempt++) {
    const isOpen = tip !== undefined && !(await history.isAncestor(tip, head));
    const parents = !isOpen || tip === undefined ? [head] : (await history.isAncestor(head, tip)) ? [tip] : [tip, head];
    const commit = await createFoldersCommit(git, { ...change, parents, base: head });
    const files = await listChanges(git, head, commit);
    if (files.length === 0) return undefined;
    if (isOpen && tip !== undefined) {
      const isSame = (await listChanges(git, tip, commit)).length === 0;
      if (isSame && parents.length === 1) return { branch, base, commit: tip, files };
      if (!isSame) await refuseForeignCommits(history, place, { tip, head });
    }
    try {
      await pushCommit(git, url, commit, branch);
      return { branch, base, commit, files };
    } catch (error) {
      ({ head: tip } = await afterFailedPush(history, place, error));
      if (tip && (await history.isAncestor(commit, tip))) return { branch, base, commit, files };
      if (!isStale(error)) throw failedPush(error, place, true);
      if (attempt === MOST_ATTEMPTS) throw lostRaces(place, attempt);
    }
  }
}

async function fetchBranch(history: BranchHistory, place: ManifestsPlace): Promise<string | undefined> {
  return history.fetch(place.branch).catch((error: unknown) => {
    throw fetchFailure(error, place);
  });
}

/** @throws Failure if the branch has commits that a new one would undo. */
async function refuseForeignCommits(
  { git }: BranchHistory,
  { url, branch }: ManifestsPlace,
  { tip, head }: { tip: string; head: string },
): Promise<void> {
  const [newest] = await findForeignCommits(git, head, tip);
  if (newest === undefined) return;
  throw new Failure(
    `${branch} of ${url} was edited by hand (${describe(newest, tip)}), and this deploy would undo that; nothing was changed. Merge its pull ` +
      "request, or delete the branch, then run the same command again.",
  );
}
