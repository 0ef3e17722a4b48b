import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileOf } from "../../config/naming.ts";
import { Failure } from "../failure.ts";
import { writeStackFile } from "../stack-file.ts";
import { createCommit } from "./commit-file.ts";
import { pushRef, retryPush } from "./push.ts";
import { type Git, gitErrorReason, identityArguments, NO_HOOKS, REMOTE, signingAdvice } from "./repository.ts";

/** Trailer of a record's commit. A commit with it is not a change to release. */
export const RECORD_TRAILER = "Slipway-Stack";

/** A change of a stack's file that records what the stack runs. */
export interface RecordChange {
  stack: string;
  /** The file's new text from its old one. Applied to the checkout, and to the remote's branch as it is at the time of the push. */
  edit: (text: string) => string;
  /** Subject of the commit, such as "Deploy v1.3.0-5e15f0a to prod". */
  subject: string;
  action: string;
  actor: string;
}

/** A record that was pushed to a branch, with the file's text before and after. */
export interface PushedRecord {
  branch: string;
  before: string;
  after: string;
}

/**
 * Commits the change to the checkout: this file only, whatever else is staged, and without running hooks.
 *
 * @returns the commit, undefined if the file needs no change.
 * @throws Failure if the file has uncommitted changes.
 */
export async function commitRecord(git: Git, root: string, change: RecordChange): Promise<string | undefined> {
  const file = stackFileOf(change.stack);
  if ((await git.text("status", "--porcelain", "--", file)) !== "") {
    throw new Failure(
      `${file} has uncommitted changes, which the record would include; nothing was changed. Commit or undo them first: git diff ${file}`,
    );
  }
  const before = readFileSync(join(root, file), "utf8");
  const after = change.edit(before);
  if (after === before) return undefined;
  writeStackFile(root, change.stack, after);
  const options = [...(await identityArguments(git, change.actor)), ...NO_HOOKS];
  try {
    await git.run(...options, "commit", "--quiet", "--only", "--message", commitMessage(change), "--", file);
  } catch (error) {
    writeStackFile(root, change.stack, before);
    throw new Failure(
      `${file} cannot be committed and was left unchanged: ${gitErrorReason(error)}.${await signingAdvice(git)}`,
    );
  }
  return git.text("rev-parse", "HEAD");
}

/**
 * Commits the change on top of the remote's branch and pushes it, without any other commit of the checkout. The checkout is not
 * touched, because images are built from it.
 *
 * @returns undefined if the branch needs no change.
 * @throws Failure if the remote cannot be reached or refuses.
 */
export async function pushRecord(git: Git, change: RecordChange, branch: string): Promise<PushedRecord | undefined> {
  if (!(await git.hasRemote())) {
    throw new Failure(`there is no remote ${REMOTE}. Add one (git remote add ${REMOTE} <url>), or leave --push out`);
  }
  const path = `${await git.text("rev-parse", "--show-prefix")}${stackFileOf(change.stack)}`;
  let pushed: PushedRecord | undefined;
  await retryPush(async () => {
    await git.run("fetch", "--quiet", REMOTE, `refs/heads/${branch}`);
    const tip = await git.text("rev-parse", "FETCH_HEAD");
    const before = await git.readFile(tip, path);
    const after = change.edit(before);
    pushed = after === before ? undefined : { branch, before, after };
    if (!pushed) return;
    const file = { path, text: after, message: commitMessage(change), actor: change.actor };
    const commit = (await reuseHead(git, tip, path, after)) ?? (await createCommit(git, tip, file));
    await pushRef(git, `${commit}:refs/heads/${branch}`);
  });
  return pushed;
}

/** The checkout's own commit, if it is on top of the branch's tip and contains the record and nothing else. */
async function reuseHead(git: Git, tip: string, path: string, text: string): Promise<string | undefined> {
  const [head = "", ...parents] = (await git.text("rev-list", "--parents", "-1", "HEAD")).split(" ");
  if (parents.length !== 1 || parents[0] !== tip) return undefined;
  const files = await git.text("diff", "--name-only", "--no-relative", tip, head);
  return files === path && (await git.readFile(head, path)) === text ? head : undefined;
}

/**
 * A record's commit message. Without `[skip ci]`, which would reach the message of a squash merge, or stop CI for the commits that
 * are pushed with the record.
 */
export function commitMessage({ subject, stack, action, actor }: RecordChange): string {
  return `${subject}\n\n${RECORD_TRAILER}: ${stack}\nSlipway-Action: ${action}\nSlipway-By: ${actor}\n`;
}
