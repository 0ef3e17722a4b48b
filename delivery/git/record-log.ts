import { stackFileOf } from "../../config/naming.ts";
import type { Releases } from "../releases.ts";
import { readReleases } from "../stack-file.ts";
import { isRecord, listMerges } from "./merges.ts";
import { ACTION_TRAILER, RECORD_TRAILER } from "./record.ts";
import type { Git } from "./repository.ts";

/** A record of an update. */
export interface Attempt {
  /** Time of the commit, in seconds since 1970. */
  seconds: number;
  releases: Releases;
}

/** Actions that run the engine. A record of a release that nobody has deployed yet, or that was taken back, has others. */
const UPDATES = ["deploy", "rollback", "restart"];

/** The update that the last commit of the stack's file records; undefined if that commit records none. */
export async function newestAttempt(git: Git, stack: string, revision: string): Promise<Attempt | undefined> {
  const file = stackFileOf(stack);
  const trailer = (key: string) => `%(trailers:key=${key},valueonly,separator=%x2C)`;
  const format = `--format=%H%x00%ct%x00${trailer(RECORD_TRAILER)}%x00${trailer(ACTION_TRAILER)}`;
  const log = await git.textOrEmpty("log", "--max-count=1", format, revision, "--", file);
  const [commit = "", seconds, recorded, action = ""] = log.split("\0");
  if (recorded !== stack || !UPDATES.includes(action)) return undefined;
  return { seconds: Number(seconds), releases: readReleases(await git.readFile(commit, `./${file}`)) };
}

/**
 * Whether the stack's file in the checkout is older than on the branch: the two differ, and the branch has the newest commit that
 * changed the file. Dates decide, because the same record can be one commit here and another one there.
 */
export async function isBehind(git: Git, stack: string, branchCommit: string): Promise<boolean> {
  const file = stackFileOf(stack);
  if ((await git.text("diff", "--name-only", "HEAD", branchCommit, "--", file)) === "") return false;
  const newest = async (range: string) =>
    Number(await git.text("log", "--max-count=1", "--format=%ct", range, "--", file));
  const own = await newest(`${branchCommit}..HEAD`);
  return own === 0 || own < (await newest(branchCommit));
}

/** Records can be many in a row, where stacks are deployed more often than changed. */
const MERGES_AT_ONCE = 50;

/** The newest commit that is more than a record: what the checkout's images are built from. Undefined before the first commit. */
export async function findDeployedCommit(git: Git): Promise<string | undefined> {
  let next = await git.findCommit("HEAD");
  while (next !== undefined) {
    const merges = await listMerges(git, next, MERGES_AT_ONCE);
    for (const merge of merges) if (!(await isRecord(git, merge))) return merge.commit;
    next = merges.at(-1)?.parents[0];
  }
  return undefined;
}
