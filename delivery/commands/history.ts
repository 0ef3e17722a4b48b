import Table from "cli-table3";
import { ENVIRONMENT_KEY, RELEASE_KEY } from "../../config/naming.ts";
import { askEngine } from "../engine/run.ts";
import { type CommonOptions, conclude, duration } from "../output.ts";
import type { Releases } from "../stack-file.ts";

/** An update as the engine's backend records it, whoever ran it. */
export interface Update {
  /** Counts up in a stack. Undefined in a backend of one's own, which does not count. */
  number?: number;
  /** RFC 3339. */
  at: string;
  seconds: number;
  /** deploy, rollback, restart; update where somebody ran `pulumi up` itself. */
  action: string;
  /** Who set it off, as far as it is known. */
  by: string;
  releases: Releases;
  result: "succeeded" | "failed" | "in-progress";
}

/** What `pulumi stack history --json` prints: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_history/ */
interface UpdateInfo {
  kind: string;
  startTime: string;
  endTime: string;
  message: string;
  environment: Record<string, string>;
  config: Record<string, { value?: string; objectValue?: unknown }> | null;
  result: "succeeded" | "failed" | "in-progress";
  version?: number;
}

/** What an update's message says, so that the backend's history tells it: see {@link updateMessage}. */
const MESSAGE = /^(deploy|rollback|restart) .* by (.+)$/;

/** Refreshes and the like that may stand between updates. */
const MOST_BETWEEN = 10;

export function updateMessage(action: string, what: string, actor: string): string {
  return `${action} ${what} by ${actor}`;
}

/** The stack's updates, newest first; of 50 at most, so that an old stack's history does not take a minute. */
export async function readHistory(root: string, stack: string, limit = 50): Promise<Update[]> {
  const args = ["stack", "history", "--page-size", String(limit + MOST_BETWEEN), "--page", "1"];
  const all = (await askEngine<UpdateInfo[] | null>(root, stack, args)) ?? [];
  return all
    .filter(({ kind }) => kind === "update")
    .slice(0, limit)
    .map(toUpdate);
}

function toUpdate({ startTime, endTime, message, environment, config, result, version }: UpdateInfo): Update {
  const [, action = "update", by = environment["git.author"] ?? "unknown"] =
    MESSAGE.exec(message.split("\n")[0] ?? "") ?? [];
  const seconds = (Date.parse(endTime) - Date.parse(startTime)) / 1000;
  return {
    ...(version && { number: version }),
    at: new Date(startTime).toISOString(),
    seconds: Math.max(0, seconds),
    action,
    by,
    releases: releasesOf(config ?? {}),
    result,
  };
}

function releasesOf(config: NonNullable<UpdateInfo["config"]>): Releases {
  const environment = config[ENVIRONMENT_KEY];
  const { services = {} } = (environment?.objectValue ?? parsed(environment?.value)) as {
    services?: Record<string, { tag?: string } | null>;
  };
  const tags = Object.entries(services).flatMap(([name, service]) => (service?.tag ? [[name, service.tag]] : []));
  return { release: config[RELEASE_KEY]?.value ?? "", tags: Object.fromEntries(tags) };
}

function parsed(text: string | undefined): object {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}

/**
 * What ran well before what runs now. Each good update is put on a pile; one that goes back to what is below takes off what lies
 * above it, so that rolling back twice goes two releases back and not to the bad one again.
 *
 * @param history newest first
 * @param now what the stack's file says; it may have been tried and failed.
 */
export function previousReleases(history: readonly Update[], now: Releases): Releases | undefined {
  const pile: Releases[] = [];
  let last: Releases | undefined;
  for (const { result, action, releases } of [...history].reverse()) {
    const came = last;
    last = releases;
    // A rollback that failed was meant to take off what it came from, all the same.
    if (result !== "succeeded" && (result !== "failed" || action !== "rollback")) continue;
    const known = pile.findLastIndex((below) => isSame(below, releases));
    const top = pile.at(-1);
    if (top && known === pile.length - 1) continue;
    if (action === "rollback" && known !== -1) pile.length = known + 1;
    else if (result !== "succeeded") continue;
    // To what never ran so as a whole, as when one service goes back: that takes the place of what it came from.
    else if (action === "rollback" && top && came && isSame(top, came)) pile[pile.length - 1] = releases;
    else pile.push(releases);
  }
  const top = pile.at(-1);
  return top && isSame(top, now) ? pile.at(-2) : top;
}

export function isSame(a: Releases, b: Releases): boolean {
  const names = new Set([...Object.keys(a.tags), ...Object.keys(b.tags)]);
  return a.release === b.release && [...names].every((name) => a.tags[name] === b.tags[name]);
}

export interface HistoryOptions extends CommonOptions {
  stack: string;
  /** Most updates to show. @default 20 */
  limit?: number;
}

/** Who deployed what, when, with which result, and how long it took. */
export async function history(options: HistoryOptions, root: string): Promise<void> {
  const updates = await readHistory(root, options.stack, options.limit ?? 20);
  conclude(
    options,
    { stack: options.stack, updates },
    updates.length === 0 ? `${options.stack}: no update yet.` : tableOf(updates),
  );
}

function tableOf(updates: readonly Update[]): string {
  const table = new Table({
    head: ["When (UTC)", "What", "Release", "By", "Result", "Took"],
    style: { head: [], border: [] },
  });
  for (const { at, action, releases, by, result, seconds } of updates) {
    table.push([at.slice(0, 16).replace("T", " "), action, inWords(releases), by, result, duration(seconds)]);
  }
  return table.toString();
}

/** `v1.3.0`, and what runs beside it: `v1.3.0, api v1.2.9`. */
export function inWords({ release, tags }: Releases): string {
  return [release, ...Object.entries(tags).map(([name, tag]) => `${name} ${tag}`)].join(", ");
}
