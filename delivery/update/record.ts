import { stackFileOf } from "../../config/naming.ts";
import type { StackEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { commitRecord, type PushedRecord, type RecordChange } from "../git/record.ts";
import { type Git, gitErrorReason } from "../git/repository.ts";
import { shareRecord } from "../github/record-pull-request.ts";
import { info, warn } from "../output.ts";
import { writeStackFile } from "../stack-file.ts";
import type { UpdateContext } from "./context.ts";

/** The record of an update that has not ended. */
export interface UpdateRecord {
  /** Commit that was checked out before the record; images are built from it. */
  commit: string | undefined;
  /** Restores the file, and the branch. */
  revert: () => Promise<void>;
}

/**
 * Writes the change into the stack's file and commits it; pushes it under --push. A push that fails is a warning.
 *
 * @throws Failure if the change cannot be committed.
 */
export async function recordUpdate(
  { git, root, options, run, text, environment }: UpdateContext,
  { action, subject, edit }: Pick<RecordChange, "action" | "subject" | "edit">,
): Promise<UpdateRecord> {
  const { stack } = options;
  const commit = await git?.findCommit("HEAD");
  const edited = edit(text);
  if (edited === text) return { commit, revert: async () => {} };
  if (!git || options.commit === false) {
    writeStackFile(root, stack, edited);
    return { commit, revert: async () => writeStackFile(root, stack, text) };
  }
  const change = { stack, edit, subject, action, actor: run.actor };
  await commitRecord(git, root, change);
  const push = options.push ?? run.isCi;
  const pushed = push ? await tryPush(git, change, run.branch, environment) : undefined;
  if (!push) info(`Recorded in ${stackFileOf(stack)}, in this clone only. To share the record: git push`);
  const revert = async () => {
    const reverted = { ...change, subject: `Revert: ${subject}` };
    await commitRecord(git, root, { ...reverted, edit: (now) => (now === edited ? text : now) });
    if (!pushed) return;
    const edit = (now: string) => (now === pushed.after ? pushed.before : now);
    await tryPush(git, { ...reverted, edit }, run.branch, environment);
  };
  return { commit, revert };
}

async function tryPush(
  git: Git,
  change: RecordChange,
  branch: string | undefined,
  { config }: StackEnvironment,
): Promise<PushedRecord | undefined> {
  try {
    if (branch === undefined) throw new Failure("no branch is checked out");
    return await shareRecord(git, change, branch, config.records);
  } catch (error) {
    const reason = error instanceof Failure ? error.message : gitErrorReason(error);
    warn(
      `The record "${change.subject}" could not be pushed (${reason}). The deploy continues. ` +
        `To push it later: npm run slipway -- release --stack ${change.stack} --push`,
    );
    return undefined;
  }
}
