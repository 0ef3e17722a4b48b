import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { stackFileOf } from "../../config/naming.ts";
import { Failure } from "../failure.ts";
import { writeStackFile } from "../stack-file.ts";
import { createCommit } from "./commit-file.ts";
import { pushRef, requireRemote, retryPush } from "./push.ts";
import { fetchTip, repositoryPath } from "./record-branch.ts";
import { type Git, gitErrorReason, identityArguments, NO_HOOKS, REMOTE, signingAdvice } from "./repository.ts";

/** Trailer of a record's commit. A commit with it is not a change to release. */
export const RECORD_TRAILER = "Slipway-Stack";

/** Trailer with what the record is of: deploy, rollback, restart, release, or revert. */
export const ACTION_TRAILER = "Slipway-Action";

/** Trailer with the commit of a record that was taken back. */
const REVERTS_TRAILER = "Slipway-Reverts";

/** A change of a stack's file that records what the stack runs. */
export interface RecordChange {
  stack: string;
  /** The file's new text from its old one. Applied to the checkout, and to the remote's branch as it is at the time of the push. */
  edit: (text: string) => string;
  /** Subject of the commit, such as "Deploy v1.3.0-5e15f0a to prod". */
  subject: string;
  action: string;
  actor: string;
  /** The record's commit that this takes back. */
  reverts?: string;
}

/** A record in a commit, with the file's text before and after. */
export interface CommittedRecord {
  commit: string;
  before: string;
  after: string;
}

/**
 * Commits the change to the checkout: this file only, whatever else is staged, and without running hooks.
 *
 * @returns undefined if the file needs no change.
 * @throws Failure if the file has uncommitted changes.
 */
export async function commitRecord(git: Git, root: string, change: RecordChange): Promise<CommittedRecord | undefined> {
  await requireCommitted(git, change.stack);
  const before = readFileSync(join(root, stackFileOf(change.stack)), "utf8");
  const after = change.edit(before);
  if (after === before) return undefined;
  return { commit: await commitText(git, root, change, after, before), before, after };
}

/** @throws Failure if the stack's file has changes that no commit has, which a record would include. */
export async function requireCommitted(git: Git, stack: string): Promise<void> {
  const file = stackFileOf(stack);
  if ((await git.text("status", "--porcelain", "--", file)) === "") return;
  throw new Failure(
    `${file} has uncommitted changes, which the record would include; nothing was changed. Commit or undo them first: git diff ${file}`,
  );
}

/**
 * Takes a record back in the checkout. Changes that were made to the file since, committed or not, stay.
 *
 * @param change its edit undoes the record in a text that may have other changes.
 * @throws Failure if git cannot commit; the file does not have the record any more.
 */
export async function revertRecord(git: Git, root: string, change: RecordChange): Promise<void> {
  const file = stackFileOf(change.stack);
  const touched = change.edit(readFileSync(join(root, file), "utf8"));
  const committed = await git.readFile("HEAD", `./${file}`);
  const after = change.edit(committed);
  if (after === committed) writeStackFile(root, change.stack, touched);
  else await commitText(git, root, change, after, touched, touched);
}

/**
 * @param ifItFails text of the file if git cannot commit
 * @param then text of the file after the commit. @default - the committed text
 */
async function commitText(
  git: Git,
  root: string,
  change: RecordChange,
  text: string,
  ifItFails: string,
  then = text,
): Promise<string> {
  const file = stackFileOf(change.stack);
  const options = [...(await identityArguments(git, change.actor)), ...NO_HOOKS];
  const args = ["commit", "--quiet", "--only", "--message", commitMessage(change), "--", file];
  let left = ifItFails;
  try {
    writeStackFile(root, change.stack, text);
    await retryLocked(() => git.run(...options, ...args));
    left = then;
    // Another stack's record may be on top of it by now.
    return await git.text("rev-list", "--max-count=1", "HEAD", "--", file);
  } catch (error) {
    throw new Failure(
      `${file} cannot be committed and was left unchanged: ${gitErrorReason(error)}.${await signingAdvice(git)}`,
    );
  } finally {
    if (left !== text) writeStackFile(root, change.stack, left);
  }
}

/** How long another git command in the same clone, such as the record of another stack, may hold its lock. */
const LOCK_ATTEMPTS = 15;
const LOCK_MILLISECONDS = 200;

async function retryLocked<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      const locked = error instanceof Error && /index\.lock|cannot lock ref/.test(error.message);
      if (!locked || attempts === LOCK_ATTEMPTS) throw error;
      await setTimeout(LOCK_MILLISECONDS);
    }
  }
}

/**
 * Commits the change on top of the remote's branch and pushes it, without any other commit of the checkout. The checkout is not
 * touched, because images are built from it.
 *
 * @returns undefined if the branch needs no change.
 * @throws Failure if the remote cannot be reached or refuses.
 */
export async function pushRecord(git: Git, change: RecordChange, branch: string): Promise<CommittedRecord | undefined> {
  return pushChange(git, change, branch, async (_, before) => change.edit(before));
}

/**
 * Takes a pushed record back on the remote's branch, if the branch still has it.
 *
 * Of two records, one on top of the other, both may be taken back, in any order. The lower one then leaves the branch's file as it
 * is, but names the commit that it takes back, and the upper one skips it.
 *
 * @param undo the file's text without the record, from a text with it and the text before it.
 * @throws Failure if the remote cannot be reached or refuses.
 */
export async function revertPushed(
  git: Git,
  change: RecordChange & { reverts: string },
  branch: string,
  undo: (text: string, before: string) => string,
): Promise<void> {
  const path = await repositoryPath(git, change.stack);
  await pushChange(git, change, branch, async (tip, text) =>
    undo(text, await textBefore(git, change.reverts, tip, path)),
  );
}

/** The file's text before a record and before those below it that were taken back meanwhile. */
async function textBefore(git: Git, record: string, tip: string, path: string): Promise<string> {
  const format = `--format=%(trailers:key=${REVERTS_TRAILER},valueonly)`;
  const reverted = (await git.textOrEmpty("log", format, `${record}..${tip}`)).split("\n");
  let commit = record;
  for (;;) {
    const below = await git.textOrEmpty("rev-list", "--max-count=1", `${commit}^`, "--", `:/${path}`);
    if (below === "" || !reverted.includes(below)) return git.readFile(`${commit}^`, path);
    commit = below;
  }
}

async function pushChange(
  git: Git,
  change: RecordChange,
  branch: string,
  edit: (tip: string, text: string) => Promise<string>,
): Promise<CommittedRecord | undefined> {
  await requireRemote(git, "push the record to");
  const path = await repositoryPath(git, change.stack);
  return retryPush(async () => {
    const tip = await fetchTip(git, branch);
    if (tip === undefined) throw new Failure(`${REMOTE} has no branch ${branch}. Name another one with --branch`);
    const before = await git.readFile(tip, path);
    const after = await edit(tip, before);
    // Even a record that is not the newest any more has to be marked as taken back.
    if (after === before && change.reverts === undefined) return undefined;
    const file = { path, text: after, message: commitMessage(change), actor: change.actor };
    const commit = (await reuseHead(git, tip, path, after)) ?? (await createCommit(git, tip, file));
    await pushRef(git, `${commit}:refs/heads/${branch}`);
    return { commit, before, after };
  });
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
export function commitMessage({ subject, stack, action, actor, reverts }: RecordChange): string {
  const trailers = [
    `${RECORD_TRAILER}: ${stack}`,
    `${ACTION_TRAILER}: ${action}`,
    `Slipway-By: ${oneLine(actor)}`,
    ...(reverts ? [`${REVERTS_TRAILER}: ${reverts}`] : []),
  ];
  return `${oneLine(subject)}\n\n${trailers.join("\n")}\n`;
}

/** What comes from elsewhere could otherwise add trailers of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
}
