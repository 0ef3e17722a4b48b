import { Failure } from "../failure.ts";
import { copyRecord } from "../stack-file.ts";
import { createCommit } from "./commit-file.ts";
import { requireRemote, retryPush } from "./push.ts";
import { type CommittedRecord, commitMessage, type RecordChange } from "./record.ts";
import { fetchTips, repositoryPath } from "./record-branch.ts";
import { type Git, NO_HOOKS, REMOTE } from "./repository.ts";

/** The branch on which a stack's record waits until it is merged. */
export function proposalBranch(stack: string): string {
  return `slipway/record-${stack}`;
}

/** A record on a branch of its own. */
export interface ProposedRecord extends CommittedRecord {
  branch: string;
}

/**
 * Pushes the record to a branch of its own, because the branch that it belongs to takes only pull requests. That branch is one
 * commit on top of its base. It takes the place of an earlier record that waits there, and contains it.
 *
 * @param base branch that the record belongs to
 * @returns undefined if the base needs no change; a branch that waited is deleted then, which closes its pull request.
 * @throws Failure if the remote cannot be reached or refuses.
 */
export async function proposeRecord(git: Git, change: RecordChange, base: string): Promise<ProposedRecord | undefined> {
  await requireRemote(git, "push the record to");
  const branch = proposalBranch(change.stack);
  const ref = `refs/heads/${branch}`;
  const path = await repositoryPath(git, change.stack);
  return retryPush(async () => {
    const [tip, waiting] = await fetchTips(git, [base, branch]);
    if (tip === undefined) throw new Failure(`${REMOTE} has no branch ${base}`);
    const merged = await git.readFile(tip, path);
    const before = (waiting && (await proposedText(git, { tip, waiting, path, stack: change.stack }))) ?? merged;
    const after = change.edit(before);
    // Another job may have pushed its record to the branch meanwhile.
    const push = (commit: string) =>
      git.run(...NO_HOOKS, "push", "--quiet", `--force-with-lease=${ref}:${waiting ?? ""}`, REMOTE, `${commit}:${ref}`);
    if (after === merged) {
      if (waiting !== undefined) await push("");
      return undefined;
    }
    if (waiting !== undefined && after === before && (await git.findCommit(`${waiting}^`)) === tip)
      return { branch, commit: waiting, before, after };
    const commit = await createCommit(git, tip, {
      path,
      text: after,
      message: commitMessage(change),
      actor: change.actor,
    });
    await push(commit);
    return { branch, commit, before, after };
  });
}

interface Proposal {
  /** Newest commit of the base. */
  tip: string;
  /** Newest commit of the branch that waits. */
  waiting: string;
  /** Of the stack's file, in the repository. */
  path: string;
  stack: string;
}

/**
 * The base's file with the record that waits.
 *
 * @returns undefined if the base has had a record since: it was merged, perhaps as another commit, or somebody pushed one.
 */
async function proposedText(git: Git, { tip, waiting, path, stack }: Proposal): Promise<string | undefined> {
  const fork = await git.textOrEmpty("merge-base", tip, waiting);
  if (fork === "" || fork === waiting) return undefined;
  const merged = await git.readFile(tip, path);
  if (copyRecord(merged, stack, await git.readFile(fork, path)) !== merged) return undefined;
  return copyRecord(merged, stack, await git.readFile(waiting, path));
}
