import Table from "cli-table3";
import { readHistory, type Update } from "../engine/history.ts";
import { findReleaseCommit } from "../git/release-commit.ts";
import { type Git, openRepository } from "../git/repository.ts";
import { type CommonOptions, formatDuration, printResult } from "../output.ts";
import { formatReleases } from "../releases.ts";
import { formatTime } from "../terminal/time.ts";

export interface HistoryOptions extends CommonOptions {
  stack: string;
  /** Most updates to show. @default 20 */
  limit?: number;
}

/** An update with what git knows of its release. */
interface KnownUpdate extends Update {
  /** Abbreviated hash of the commit that the release was built from. */
  commit?: string;
  /** Number of the pull request that the commit merged. */
  pullRequest?: number;
  /** The last update that succeeded. */
  current: boolean;
}

/** Prints the stack's updates: who deployed what, when, with which result, and how long it took. */
export async function history(options: HistoryOptions, root: string): Promise<void> {
  const git = await openRepository(root).catch(() => undefined);
  const found = await readHistory(root, options.stack, options.limit ?? 20);
  const current = found.findIndex(({ result }) => result === "succeeded");
  const updates = await Promise.all(
    found.map(async (update, index) => ({
      ...update,
      ...(git && (await readOrigin(git, update.releases.release))),
      current: index === current,
    })),
  );
  printResult(
    options,
    { stack: options.stack, updates },
    updates.length === 0 ? `${options.stack}: no updates yet.` : formatTable(updates),
  );
}

/** Subjects of GitHub's merge commits and squashed commits. */
const MERGED = /^Merge pull request #(\d+) |\(#(\d+)\)$/;

async function readOrigin(git: Git, release: string): Promise<Pick<KnownUpdate, "commit" | "pullRequest">> {
  const commit = await findReleaseCommit(git, release);
  if (commit === undefined) return {};
  const subject = await git.textOrEmpty("log", "--no-show-signature", "--max-count=1", "--format=%s", commit);
  const [, merged, squashed] = MERGED.exec(subject) ?? [];
  const number = merged ?? squashed;
  return { commit: commit.slice(0, 7), ...(number && { pullRequest: Number(number) }) };
}

function formatTable(updates: readonly KnownUpdate[]): string {
  const table = new Table({
    head: ["When", "What", "Release", "Commit", "Pull request", "By", "Result", "Took", ""],
    style: { head: [], border: [] },
  });
  for (const { at, action, releases, commit, pullRequest, by, result, seconds, current } of updates) {
    table.push([
      formatTime(at),
      action,
      formatReleases(releases),
      commit ?? "",
      pullRequest === undefined ? "" : `#${pullRequest}`,
      by,
      result,
      seconds === undefined ? "" : formatDuration(seconds),
      current ? "← current" : "",
    ]);
  }
  return table.toString();
}
