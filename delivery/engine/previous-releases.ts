import { type Releases, sameReleases } from "../releases.ts";
import type { History, Update } from "./history.ts";

/**
 * The releases of the last successful update before the current ones. Successful updates form a stack; a rollback removes those
 * above the one it returns to. So two rollbacks go two releases back, and never to the bad release again.
 *
 * @param updates newest first
 * @param now releases of the newest update, which may have failed
 */
export function previousReleases(updates: readonly Update[], now: Releases): Releases | undefined {
  return walk(updates, now).previous;
}

/**
 * The same from a part of the history.
 *
 * @returns undefined if only older updates can tell.
 */
export function previousIn({ updates, complete }: History, now: Releases): { previous?: Releases } | undefined {
  const { previous, certain } = walk(updates, now);
  if (!complete && (previous === undefined || !certain)) return undefined;
  return previous ? { previous } : {};
}

function walk(updates: readonly Update[], now: Releases): { previous: Releases | undefined; certain: boolean } {
  const stack: Releases[] = [];
  let last: Releases | undefined;
  let certain = true;
  for (const { result, action, releases, unsigned } of [...updates].reverse()) {
    if (action === "destroy") continue;
    const before = last;
    last = releases;
    const known = stack.findLastIndex((earlier) => sameReleases(earlier, releases));
    // Somebody's own words may look like ours. A rollback returns to what ran before.
    const isRollback = action === "rollback" && !(unsigned && known === -1);
    // Even a failed rollback was meant to remove what it came from.
    if (result !== "succeeded" && (result !== "failed" || !isRollback)) continue;
    const top = stack.at(-1);
    if (top && known === stack.length - 1) continue;
    // The update that it returns to may be older than this part of the history.
    if (action === "rollback" && known === -1) certain = false;
    if (isRollback && known !== -1) stack.length = known + 1;
    else if (result !== "succeeded") continue;
    // A rollback of one service gives a combination that never ran before. It replaces what it came from.
    else if (isRollback && top && before && sameReleases(top, before)) stack[stack.length - 1] = releases;
    else stack.push(releases);
  }
  const top = stack.at(-1);
  return { previous: top && sameReleases(top, now) ? stack.at(-2) : top, certain };
}
