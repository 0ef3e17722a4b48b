import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimpleGit } from "simple-git";
import { Failure } from "../failure.ts";
import { stackFilePath, writeStackFile } from "../stack-file.ts";
import { gitErrorReason, hasRemote, identityArguments, NO_HOOKS, retryPush, REMOTE, withIndex } from "./repository.ts";

/** Trailer of a record's commit. What bears it is no change to be released. */
export const RECORD_TRAILER = "Slipway-Stack";

/** A change of a stack's file that is the record of a deploy. */
export interface Change {
  stack: string;
  /** What becomes of the file's text. Done to the checkout, and to the branch of the remote as it is by then. */
  edit: (text: string) => string;
  /** Subject of the commit, such as "Deploy v1.3.0-5e15f0a to prod". */
  subject: string;
  action: string;
  actor: string;
}

/** A change that was recorded on a branch of the remote. */
export interface Pushed {
  branch: string;
  before: string;
  after: string;
}

/**
 * Commits the change to the checkout, the file alone, whatever else is staged. Hooks are passed over: what they would check is
 * one line, and at night nobody mends a linter first.
 *
 * @returns the commit; undefined where the file says so already.
 * @throws Failure if the file has changes of somebody's own.
 */
export async function commitRecord(git: SimpleGit, root: string, change: Change): Promise<string | undefined> {
  const file = stackFilePath(change.stack);
  const dirty = await git.raw(["status", "--porcelain", "--", file]);
  if (dirty.trim() !== "") {
    throw new Failure(
      `${file} has changes that are not committed, and the record would take them along; nothing was done. Commit or undo them first: git diff ${file}`,
    );
  }
  const before = readFileSync(join(root, file), "utf8");
  const after = change.edit(before);
  if (after === before) return undefined;
  writeStackFile(root, change.stack, after);
  const identity = await identityArguments(git, change.actor);
  try {
    await git.raw([
      ...identity,
      ...NO_HOOKS,
      "commit",
      "--quiet",
      "--only",
      "--message",
      messageOf(change),
      "--",
      file,
    ]);
  } catch (error) {
    writeStackFile(root, change.stack, before);
    throw new Failure(`${file} cannot be committed, and is as it was: ${gitErrorReason(error)}.`);
  }
  return git.revparse(["HEAD"]);
}

/**
 * Puts the change on the branch of the remote: on top of what is there by now, and nothing but the change, whatever commits the
 * checkout has or lacks. The checkout is not touched, for images are built from it.
 *
 * @returns undefined where the branch says so already.
 * @throws Failure if the remote cannot be reached or refuses.
 */
export async function pushRecord(git: SimpleGit, change: Change, branch: string): Promise<Pushed | undefined> {
  if (!(await hasRemote(git))) throw new Failure(`there is no remote ${REMOTE}. Add one, or leave --push out`);
  const path = `${(await git.revparse(["--show-prefix"])) ?? ""}${stackFilePath(change.stack)}`;
  let pushed: Pushed | undefined;
  await retryPush(async () => {
    await git.raw(["fetch", "--quiet", REMOTE, `refs/heads/${branch}`]);
    const tip = await git.revparse(["FETCH_HEAD"]);
    const before = await git.raw(["show", `${tip}:${path}`]);
    const after = change.edit(before);
    pushed = after === before ? undefined : { branch, before, after };
    if (!pushed) return;
    const commit = (await ownCommit(git, tip, path, after)) ?? (await commitOn(git, tip, path, after, change));
    await git.raw([...NO_HOOKS, "push", "--quiet", REMOTE, `${commit}:refs/heads/${branch}`]);
  });
  return pushed;
}

/** The checkout's commit, if it is on top of the tip and has the record and nothing else. */
async function ownCommit(git: SimpleGit, tip: string, path: string, text: string): Promise<string | undefined> {
  const [head = "", ...parents] = (await git.raw(["rev-list", "--parents", "-1", "HEAD"])).trim().split(" ");
  if (parents.length !== 1 || parents[0] !== tip) return undefined;
  const files = (await git.raw(["diff", "--name-only", "--no-relative", tip, head])).trim();
  return files === path && (await git.raw(["show", `${head}:${path}`])) === text ? head : undefined;
}

/** A commit on top of another that changes one file, made without a checkout. */
async function commitOn(git: SimpleGit, parent: string, path: string, text: string, change: Change): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-record-"));
  try {
    const content = join(folder, "content");
    writeFileSync(content, text);
    const blob = (await git.raw(["hash-object", "-w", "--no-filters", content])).trim();
    const [mode = "100644"] = (await git.raw(["ls-tree", "--full-tree", parent, path])).split(" ");
    const apart = withIndex(await git.revparse(["--show-toplevel"]), join(folder, "index"));
    await apart.raw(["read-tree", parent]);
    await apart.raw(["update-index", "--add", "--cacheinfo", `${mode},${blob},${path}`]);
    const tree = (await apart.raw(["write-tree"])).trim();
    const identity = await identityArguments(git, change.actor);
    return (await git.raw([...identity, "commit-tree", tree, "-p", parent, "-m", messageOf(change)])).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A CI that looks at pushes must not take the record for a change to be deployed. */
function messageOf({ subject, stack, action, actor }: Change): string {
  return `${subject} [skip ci]\n\n${RECORD_TRAILER}: ${stack}\nSlipway-Action: ${action}\nSlipway-By: ${actor}\n`;
}
