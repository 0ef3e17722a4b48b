import { stackFileOf } from "../../config/naming.ts";
import { type History, newestSuccess, readGrowingHistory, type Update } from "../engine/history.ts";
import { Failure } from "../failure.ts";
import { proposalBranch } from "../git/proposed-record.ts";
import { fetchTips, findRecordBranch, repositoryPath } from "../git/record-branch.ts";
import { newestAttempt } from "../git/record-log.ts";
import { type Git, gitErrorReason, REMOTE } from "../git/repository.ts";
import { warn } from "../output.ts";
import { formatReleases, type Releases, sameReleases } from "../releases.ts";
import { readReleases } from "../stack-file.ts";

/** What the remote's branch says. */
export interface BranchRecord {
  /** `main` */
  name: string;
  /** The branch's newest commit. */
  commit: string;
  /** Text of the stack's file there. */
  text: string;
  releases: Releases;
}

/** A record on a branch of its own. */
export interface WaitingRecord {
  branch: string;
  commit: string;
  releases: Releases;
}

/**
 * What says which releases a stack runs: the stack's file in the checkout, the engine's history, and the branch that keeps the
 * records. They differ if somebody else deployed, a record could not be pushed, or an update was killed.
 */
export interface Sources {
  stack: string;
  /** The stack's file in the checkout. */
  file: Releases;
  /** The newest part of the engine's history. */
  updates: readonly Update[];
  /** The newest update that succeeded: what runs. Undefined if nothing was deployed. */
  running: Update | undefined;
  /** Undefined without a remote, if it cannot be reached, or if it has no such branch or file. */
  branch: BranchRecord | undefined;
  /** The record that waits for its pull request, with `records: pull-request`. Undefined if none does. */
  waiting: WaitingRecord | undefined;
  /** A recorded update that never ended, so that the history does not have it. */
  killed: Releases | undefined;
  /** What the stack was last meant to run: by the killed update, else by the newest one, whatever its result. */
  now: Releases;
}

/**
 * Compares the sources. They are read before anything is changed, also in a dry run.
 *
 * @throws Failure if the engine is missing or gives no history.
 */
export async function readSources(
  root: string,
  git: Git | undefined,
  { stack, branch: named, text }: { stack: string; branch: string | undefined; text: string },
): Promise<Sources & { history: AsyncGenerator<History> }> {
  const history = readGrowingHistory(root, stack);
  const first = (await history.next()).value as History;
  const { updates } = first;
  const [newest] = updates;
  const file = readReleases(text);
  const { branch, waiting } = (git && (await readRemote(git, stack, named))) ?? {};
  const killed = git && (await findKilled(git, stack, [branch?.commit, waiting?.commit], updates));
  const attempted = newest?.action === "destroy" ? undefined : newest?.releases;
  return {
    stack,
    file,
    updates,
    running: newestSuccess(updates),
    branch,
    waiting,
    killed,
    now: killed ?? attempted ?? file,
    history: after(first, history),
  };
}

/** @returns undefined, after a warning if the remote cannot be reached: that must not stop a rollback. */
async function readRemote(
  git: Git,
  stack: string,
  named: string | undefined,
): Promise<Pick<Sources, "branch" | "waiting"> | undefined> {
  if (!(await git.hasRemote())) return undefined;
  try {
    const name = await findRecordBranch(git, named);
    if (!name) return undefined;
    const [commit, waiting] = await fetchTips(git, [name, proposalBranch(stack)]);
    if (!commit) return undefined;
    const path = await repositoryPath(git, stack);
    const text = (await git.textOrEmpty("ls-tree", "--full-tree", commit, path))
      ? await git.readFile(commit, path)
      : undefined;
    if (text === undefined) return undefined;
    const branch = { name, commit, text, releases: readReleases(text) };
    return { branch, waiting: waiting === undefined ? undefined : await readWaiting(git, stack, branch, waiting) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    warn(
      `${REMOTE} cannot be reached (${gitErrorReason(error)}), so what its branch records is not compared with what runs.`,
    );
    return undefined;
  }
}

/** @returns undefined if no record waits, or the branch that it waits for has it already. */
async function readWaiting(
  git: Git,
  stack: string,
  base: BranchRecord,
  commit: string,
): Promise<WaitingRecord | undefined> {
  const fork = await git.textOrEmpty("merge-base", base.commit, commit);
  if (fork === commit) return undefined;
  const releases = readReleases(await git.readFile(commit, await repositoryPath(git, stack)));
  return sameReleases(releases, base.releases) ? undefined : { branch: proposalBranch(stack), commit, releases };
}

/**
 * A self-managed backend stores an update when it ends. A killed one is only in its record, which is newer than every update that
 * the history has.
 */
async function findKilled(
  git: Git,
  stack: string,
  tips: readonly (string | undefined)[],
  updates: readonly Update[],
): Promise<Releases | undefined> {
  const attempts = await Promise.all(["HEAD", ...tips].map((tip) => tip && newestAttempt(git, stack, tip)));
  const [attempt] = attempts.flatMap((found) => found || []).sort((a, b) => b.seconds - a.seconds);
  // Of machines whose clocks differ, the newest update need not be the one with the latest time.
  const latest = Math.max(...updates.map(({ at }) => Date.parse(at) / 1000));
  if (attempt === undefined || attempt.seconds <= latest) return undefined;
  return updates[0] && sameReleases(attempt.releases, updates[0].releases) ? undefined : attempt.releases;
}

async function* after(first: History, rest: AsyncGenerator<History>): AsyncGenerator<History> {
  yield first;
  yield* rest;
}

/** What each source says, one per line. */
export function describeSources({ stack, file, running, updates, branch, waiting, killed }: Sources): string {
  const [newest] = updates;
  const failed = newest && newest !== running && newest.action !== "destroy" ? `; then ${describe(newest)}` : "";
  return [
    `  ${stackFileOf(stack)} here: ${formatReleases(file)}`,
    `  running: ${running ? `${formatReleases(running.releases)} (${describe(running)})` : "nothing"}${failed}`,
    ...(killed ? [`  recorded, and its update never ended: ${formatReleases(killed)}`] : []),
    ...(branch ? [`  ${REMOTE}/${branch.name}: ${formatReleases(branch.releases)}`] : []),
    ...(waiting ? [`  ${REMOTE}/${waiting.branch}, not merged: ${formatReleases(waiting.releases)}`] : []),
  ].join("\n");
}

function describe({ action, releases, by, at, result }: Update): string {
  const when = `${at.slice(0, 16).replace("T", " ")} UTC`;
  return result === "succeeded"
    ? `${action} by ${by}, ${when}`
    : `${action} of ${formatReleases(releases)} by ${by} ${result === "failed" ? "failed" : "began and has not ended"}, ${when}`;
}
