import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileOf } from "../../config/naming.ts";
import { Failure, reasonOf } from "../failure.ts";
import { type CommittedRecord, commitRecord, type RecordChange, revertPushed, revertRecord } from "../git/record.ts";
import { findRecordBranch } from "../git/record-branch.ts";
import { findDeployedCommit } from "../git/record-log.ts";
import { type Git, gitErrorReason, REMOTE } from "../git/repository.ts";
import { type SharedRecord, shareRecord } from "../github/record-pull-request.ts";
import { info, warn } from "../output.ts";
import type { Releases } from "../releases.ts";
import { applyChange, copyRecord, setReleases, writeStackFile } from "../stack-file.ts";
import { pushesRecord, type UpdateContext } from "./context.ts";

/** What an update records. */
export interface PlannedRecord {
  action: "deploy" | "rollback" | "restart";
  /** Subject of the record's commit. */
  subject: string;
  /** Releases after the update. */
  releases: Releases;
  /** Makes the change that was asked for in a version of the stack's file, which may have other changes. */
  edit: (text: string) => string;
}

/** The record of an update that has not ended. */
export interface UpdateRecord {
  /** Commit that was checked out before the record; images are built from it. */
  commit: string | undefined;
  /** Takes the record back, here and on the branch, because nothing was changed. It never fails: what it cannot do is a warning. */
  revert: () => Promise<void>;
  /** Makes sure that the branch has the record of an update that has ended. */
  settle: () => Promise<void>;
}

/** The stack's file with the planned change. */
export function plannedText(
  { text, options }: UpdateContext,
  { edit, releases }: Pick<PlannedRecord, "edit" | "releases">,
): string {
  return edit(setReleases(text, options.stack, releases));
}

/**
 * Writes the change into the stack's file and commits it; pushes it under --push.
 *
 * @throws Failure if the change cannot be committed.
 */
export async function recordUpdate(context: UpdateContext, plan: PlannedRecord): Promise<UpdateRecord> {
  const { git, root, options, text } = context;
  const { stack } = options;
  const edited = plannedText(context, plan);
  const commit = git && (await findDeployedCommit(git));
  if (!git || options.commit === false) {
    if (edited !== text) writeStackFile(root, stack, edited);
    return { commit, revert: async () => restoreFile(context, edited), settle: async () => {} };
  }
  const change = {
    stack,
    subject: plan.subject,
    action: plan.action,
    actor: context.run.actor,
    edit: (now: string) => applyChange(now, stack, { from: text, to: edited }),
  };
  const committed = edited === text ? undefined : await commitRecord(git, root, change);
  if (!pushesRecord(context)) {
    if (committed)
      info(`Recorded in ${stackFileOf(stack)}, in this clone only. To share the record, add --push next time.`);
    return { commit, revert: () => revertCommitted(git, root, change, committed), settle: async () => {} };
  }
  const onBranch = new BranchRecorder(git, change, context, plan);
  await onBranch.push();
  return {
    commit,
    revert: async () => {
      await revertCommitted(git, root, change, committed);
      await onBranch.revert();
    },
    settle: () => onBranch.settle(),
  };
}

/** The record on the remote's branch. */
class BranchRecorder {
  private readonly git: Git;
  private readonly change: RecordChange;
  private readonly context: UpdateContext;
  private readonly plan: PlannedRecord;
  private branch: string | undefined;
  private pushed: SharedRecord | undefined;
  private fault: string | undefined;

  constructor(git: Git, change: RecordChange, context: UpdateContext, plan: PlannedRecord) {
    this.git = git;
    this.change = change;
    this.context = context;
    this.plan = plan;
  }

  /** A push that fails is tried again when the update has ended, and reported then. */
  async push(): Promise<void> {
    await this.attempt(async (branch) => {
      this.pushed = await this.share(this.edit, branch);
      if (this.pushed) info(`Recorded on ${REMOTE}/${this.pushed.branch}.`);
    });
  }

  async revert(): Promise<void> {
    const { git, change, pushed } = this;
    if (!pushed) {
      if (this.fault === undefined) return;
      // Git may have been interrupted after the remote had taken the record.
      return warn(
        `The record "${change.subject}" was not pushed (${this.fault}), or only just. If ${REMOTE}/${this.branch ?? "main"} has it, ` +
          "revert it there: nothing was deployed.",
      );
    }
    const { stack, subject } = change;
    const reverted = { ...asRevert(change), reverts: pushed.commit };
    const undo = (text: string, before: string) => applyChange(text, stack, { from: pushed.after, to: before });
    await this.attempt(async (branch) => {
      if (pushed.branch === branch) await revertPushed(git, reverted, branch, undo);
      // It waits for its pull request, which is closed if nothing else waits with it.
      else await shareRecord(git, { ...reverted, edit: (now) => undo(now, pushed.before) }, branch, this.records);
    });
    if (this.fault === undefined) return;
    warn(
      `${REMOTE}/${pushed.branch} still has the record "${subject}", although nothing was deployed: it could not be reverted there ` +
        `(${this.fault}). Revert it by hand: git revert ${pushed.commit.slice(0, 12)}`,
    );
  }

  async settle(): Promise<void> {
    const { change, pushed } = this;
    const { stack, subject } = change;
    // A refused update of the same release may have taken our record back.
    const edit = pushed
      ? (now: string) => applyChange(now, stack, { from: pushed.before, to: pushed.after })
      : this.edit;
    await this.attempt(async (branch) => void (await this.share(edit, branch)));
    if (this.fault === undefined) return;
    const { release, tags } = this.plan.releases;
    // A release can be recorded from any clone. Other records are in this one only.
    const named = Object.keys(tags).length === 0 && this.plan.action !== "restart" ? ` ${release}` : "";
    warn(
      `The record "${subject}" could not be pushed (${this.fault}). This did not affect the ${change.action}. ` +
        `To push it later: npm run slipway -- release${named} --stack ${stack} --push`,
    );
  }

  /**
   * The branch's file with the record. What else the update deploys differently from what the branch said is recorded too, unless
   * the branch was changed in the meantime.
   */
  private readonly edit = (now: string): string => {
    const { context, plan } = this;
    const known = context.sources.branch?.text;
    const { stack } = context.options;
    const whole = known === undefined ? now : copyRecord(known, stack, plannedText(context, plan));
    return plan.edit(known === undefined ? now : applyChange(now, stack, { from: known, to: whole }));
  };

  private get records() {
    return this.context.environment.config.records;
  }

  private share(edit: RecordChange["edit"], branch: string): Promise<SharedRecord | undefined> {
    return shareRecord(this.git, { ...this.change, edit }, branch, this.records);
  }

  private async attempt(push: (branch: string) => Promise<void>): Promise<void> {
    const { context, git } = this;
    this.fault = undefined;
    try {
      this.branch ??= context.sources.branch?.name ?? (await findRecordBranch(git, context.options.branch));
      if (this.branch === undefined) throw new Failure(`${REMOTE} names no default branch; name one with --branch`);
      await push(this.branch);
    } catch (error) {
      this.fault = error instanceof Failure ? error.message : gitErrorReason(error);
    }
  }
}

async function revertCommitted(
  git: Git,
  root: string,
  change: RecordChange,
  committed: CommittedRecord | undefined,
): Promise<void> {
  if (!committed) return;
  const { stack, subject } = change;
  const edit = (now: string) => applyChange(now, stack, { from: committed.after, to: committed.before });
  try {
    await revertRecord(git, root, { ...asRevert(change), reverts: committed.commit, edit });
  } catch (error) {
    warn(
      `The record "${subject}" is still in this clone, although nothing was deployed: ${reasonOf(error)}. ` +
        `Revert it by hand: git revert ${committed.commit.slice(0, 12)}`,
    );
  }
}

function asRevert(change: RecordChange): RecordChange {
  return { ...change, subject: `Revert: ${change.subject}`, action: "revert" };
}

/** Takes the change out of the file, which the engine may have changed as well. */
function restoreFile({ root, options, text }: UpdateContext, edited: string): void {
  const { stack } = options;
  const now = readFileSync(join(root, stackFileOf(stack)), "utf8");
  writeStackFile(root, stack, applyChange(now, stack, { from: edited, to: text }));
}
