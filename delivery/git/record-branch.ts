import { stackFileOf } from "../../config/naming.ts";
import { type Git, REMOTE } from "./repository.ts";

/** The branch that keeps the records, if it is not the remote's default branch. */
export const BRANCH_VARIABLE = "SLIPWAY_BRANCH";

/**
 * The remote's branch that keeps the records, whatever branch is checked out: everybody has to find them in one place.
 *
 * @param named by --branch
 * @returns undefined if neither the clone nor the remote names a default branch.
 * @throws GitError if the remote has to be asked and cannot be reached.
 */
export async function findRecordBranch(git: Git, named: string | undefined): Promise<string | undefined> {
  const given = named ?? process.env[BRANCH_VARIABLE];
  if (given) return given;
  const known = await git.textOrEmpty("symbolic-ref", "--quiet", `refs/remotes/${REMOTE}/HEAD`);
  if (known) return known.replace(`refs/remotes/${REMOTE}/`, "");
  const symbolic = await git.text("ls-remote", "--symref", REMOTE, "HEAD");
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(symbolic)?.[1];
}

/**
 * The remote branch's newest commit, which is fetched if the clone does not have it. No ref of the clone is changed, FETCH_HEAD
 * included: another command may run in the same clone.
 *
 * @returns undefined if the remote has no such branch.
 * @throws GitError if the remote cannot be reached.
 */
export async function fetchTip(git: Git, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const listed = await git.text("ls-remote", REMOTE, ref);
  const tip = listed.split(/\s/)[0];
  if (!tip) return undefined;
  if (!(await git.findCommit(tip))) {
    await git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", REMOTE, ref);
  }
  return tip;
}

/** The path of a stack's file in the repository, of which the project may be a folder. */
export async function repositoryPath(git: Git, stack: string): Promise<string> {
  return `${await git.text("rev-parse", "--show-prefix")}${stackFileOf(stack)}`;
}
