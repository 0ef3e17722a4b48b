import { ENVIRONMENT_KEY, RELEASE_KEY } from "../../config/naming.ts";
import { type Releases, sameReleases } from "../releases.ts";
import { queryEngine } from "./run.ts";

/** An update in the history of the engine's backend, whoever ran it. */
export interface Update {
  /** Number of the update in its stack. Undefined in a self-managed backend, which does not count. */
  number?: number;
  /** RFC 3339. */
  at: string;
  seconds: number;
  /** deploy, rollback or restart; update if somebody ran `pulumi up` itself. */
  action: string;
  /** Who started it, as far as that is known. */
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

/** Reads what {@link updateMessage} writes. */
const MESSAGE = /^(deploy|rollback|restart) .* by (.+)$/;

/** Refreshes and other entries that may be among the updates of a page. */
const OTHER_ENTRIES = 10;

/** The message of an update, in which the backend's history keeps who did what. */
export function updateMessage(action: string, releases: string, actor: string): string {
  return `${action} ${releases} by ${actor}`;
}

/** The stack's updates, newest first. @param limit most updates; an old stack has thousands @default 50 */
export async function readHistory(root: string, stack: string, limit = 50): Promise<Update[]> {
  const args = ["stack", "history", "--page-size", String(limit + OTHER_ENTRIES), "--page", "1"];
  const all = (await queryEngine<UpdateInfo[] | null>(root, stack, args)) ?? [];
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
  const { services = {} } = (environment?.objectValue ?? parseObject(environment?.value)) as {
    services?: Record<string, { tag?: string } | null>;
  };
  const tags = Object.entries(services).flatMap(([name, service]) => (service?.tag ? [[name, service.tag]] : []));
  return { release: config[RELEASE_KEY]?.value ?? "", tags: Object.fromEntries(tags) };
}

function parseObject(text: string | undefined): object {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}

/**
 * The releases of the last successful update before the current ones. Successful updates form a stack; a rollback removes those
 * above the one it returns to. So two rollbacks go two releases back, and never to the bad release again.
 *
 * @param history newest first
 * @param now releases in the stack's file, whose update may have failed
 */
export function previousReleases(history: readonly Update[], now: Releases): Releases | undefined {
  const stack: Releases[] = [];
  let last: Releases | undefined;
  for (const { result, action, releases } of [...history].reverse()) {
    const before = last;
    last = releases;
    // Even a failed rollback was meant to remove what it came from.
    if (result !== "succeeded" && (result !== "failed" || action !== "rollback")) continue;
    const known = stack.findLastIndex((earlier) => sameReleases(earlier, releases));
    const top = stack.at(-1);
    if (top && known === stack.length - 1) continue;
    if (action === "rollback" && known !== -1) stack.length = known + 1;
    else if (result !== "succeeded") continue;
    // A rollback of one service gives a combination that never ran before. It replaces what it came from.
    else if (action === "rollback" && top && before && sameReleases(top, before)) stack[stack.length - 1] = releases;
    else stack.push(releases);
  }
  const top = stack.at(-1);
  return top && sameReleases(top, now) ? stack.at(-2) : top;
}
