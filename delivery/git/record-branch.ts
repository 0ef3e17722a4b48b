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
 * The newest commits of the remote's branches, by one request. Those that the clone does not have are fetched. No ref of the clone
 * is changed, FETCH_HEAD included: another command may run in the same clone.
 *
 * @returns undefined for a branch that the remote does not have.
 * @throws GitError if the remote cannot be reached.
 */
export async function fetchTips(git: Git, branches: readonly string[]): Promise<(string | undefined)[]> {
  const refs = branches.map((branch) => `refs/heads/${branch}`);
  const lines = (await git.text("ls-remote", REMOTE, ...refs)).split("\n").map((line) => line.split("\t"));
  const tips = new Map(lines.map(([commit, ref]) => [ref, commit]));
  const isMissing = async (ref: string) => tips.has(ref) && !(await git.findCommit(tips.get(ref) ?? ""));
  const missing: string[] = [];
  for (const ref of refs) if (await isMissing(ref)) missing.push(ref);
  if (missing.length > 0)
    await git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", REMOTE, ...missing);
  return refs.map((ref) => tips.get(ref));
}

/** The same for one branch. */
export async function fetchTip(git: Git, branch: string): Promise<string | undefined> {
  const [tip] = await fetchTips(git, [branch]);
  return tip;
}

/** The path of a stack's file in the repository, of which the project may be a folder. */
export async function repositoryPath(git: Git, stack: string): Promise<string> {
  return `${(await git.layout()).prefix}${stackFileOf(stack)}`;
}
