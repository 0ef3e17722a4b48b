import Table from "cli-table3";
import { readHistory, type Update } from "../engine/history.ts";
import { type CommonOptions, formatDuration, printResult } from "../output.ts";
import { formatReleases } from "../releases.ts";

export interface HistoryOptions extends CommonOptions {
  stack: string;
  /** Most updates to show. @default 20 */
  limit?: number;
}

/** Prints the stack's updates: who deployed what, when, with which result, and how long it took. */
export async function history(options: HistoryOptions, root: string): Promise<void> {
  const updates = await readHistory(root, options.stack, options.limit ?? 20);
  printResult(
    options,
    { stack: options.stack, updates },
    updates.length === 0 ? `${options.stack}: no updates yet.` : formatTable(updates),
  );
}

function formatTable(updates: readonly Update[]): string {
  const table = new Table({
    head: ["When (UTC)", "What", "Release", "By", "Result", "Took"],
    style: { head: [], border: [] },
  });
  for (const { at, action, releases, by, result, seconds } of updates) {
    table.push([
      at.slice(0, 16).replace("T", " "),
      action,
      formatReleases(releases),
      by,
      result,
      seconds === undefined ? "" : formatDuration(seconds),
    ]);
  }
  return table.toString();
}
