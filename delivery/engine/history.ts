import { ENVIRONMENT_KEY, RELEASE_KEY } from "../../config/naming.ts";
import { formatReleases, type Releases } from "../releases.ts";
import { queryEngine } from "./run.ts";

/** An update in the history of the engine's backend, whoever ran it. */
export interface Update {
  /** Number of the update in its stack. Undefined in a self-managed backend, which does not count. */
  number?: number;
  /** RFC 3339. */
  at: string;
  /** Undefined while the update is in progress. */
  seconds?: number;
  /** deploy, rollback or restart; update or destroy if somebody ran `pulumi` itself. */
  action: string;
  /** Who started it, as far as that is known. */
  by: string;
  releases: Releases;
  result: "succeeded" | "failed" | "in-progress";
  /** Action and author are from a single line, as earlier versions wrote it, which anybody may have written. @default false */
  unsigned?: boolean;
}

/** A part of a stack's history. */
export interface History {
  /** Newest first. */
  updates: Update[];
  /** Whether the first update of the stack is among them. */
  complete: boolean;
}

/** What `pulumi stack history --json` prints: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_history/ */
interface UpdateInfo {
  kind: string;
  startTime: string;
  /** Missing while the update is in progress. */
  endTime?: string;
  message: string;
  environment: Record<string, string>;
  config: Record<string, { value?: string; objectValue?: unknown }> | null;
  result: "succeeded" | "failed" | "in-progress";
  version?: number;
}

/** Who does what in an update. */
export interface UpdateAuthor {
  action: string;
  /** `v1.3.0, api v1.2.9` */
  releases: string;
  actor: string;
  /** Files that the update deploys and no commit has. @default - none */
  uncommitted?: readonly string[];
}

/**
 * The message of an update, in which the backend's history keeps who did what. The first line is for people. The lines after it are
 * for {@link readHistory}: the message of a plain `pulumi up` is the subject of a commit, which is a single line, so no subject can
 * be taken for them.
 */
export function updateMessage({ action, releases, actor, uncommitted = [] }: UpdateAuthor): string {
  const by = actor.replaceAll(/\s+/g, " ");
  const dirty = uncommitted.length > 0 ? `\nSlipway-Uncommitted: ${uncommitted.join(", ")}` : "";
  const note = dirty && ", with uncommitted changes";
  return `${action} ${releases} by ${by}${note}\n\nSlipway-Action: ${action}\nSlipway-By: ${by}${dirty}`;
}

/** Reads what {@link updateMessage} writes. */
const SIGNED = /^.*\n\nSlipway-Action: (deploy|rollback|restart)\nSlipway-By: (.+)(?:\n|$)/;

/** What earlier versions wrote. It counts only if it names the releases of the update. */
const UNSIGNED = /^(deploy|rollback|restart) (.+) by (.+)$/;

/** Refreshes and other entries that are no update may be among those of a page. */
const OTHER_ENTRIES = 10;

/** Kinds of entries that change what runs. */
const KINDS = ["update", "destroy"];

/** The stack's updates, newest first. @param limit most updates; an old stack has thousands @default 50 */
export async function readHistory(root: string, stack: string, limit = 50): Promise<Update[]> {
  return (await readUpdates(root, stack, limit + OTHER_ENTRIES)).updates.slice(0, limit);
}

/** The stack's history in growing parts, until it is complete. Each part contains the one before. */
export async function* readGrowingHistory(root: string, stack: string, first = 60): AsyncGenerator<History> {
  for (let entries = first; ; entries *= 4) {
    const history = await readUpdates(root, stack, entries);
    yield history;
    if (history.complete) return;
  }
}

async function readUpdates(root: string, stack: string, entries: number): Promise<History> {
  const ask = async (size: number, page: number) => {
    const query = ["stack", "history", "--page-size", String(size), "--page", String(page)];
    const answer = await queryEngine<UpdateInfo[] | null>(root, stack, query);
    // A stack without updates has no list in some backends.
    return Array.isArray(answer) ? answer : [];
  };
  const found = await ask(entries, 1);
  // Pulumi Cloud may give fewer entries than asked for. It numbers them, and the first of a stack is 1.
  const pageSize = found.length;
  for (let page = 2; found.length < entries && (found.at(-1)?.version ?? 1) > 1; page++) {
    const oldest = found.at(-1)?.version ?? 1;
    const more = (await ask(pageSize, page)).filter(({ version = 0 }) => version < oldest);
    if (more.length === 0) break;
    found.push(...more);
  }
  return {
    updates: found.filter(({ kind }) => KINDS.includes(kind)).map(toUpdate),
    complete: found.length < entries,
  };
}

function toUpdate({ kind, startTime, endTime, message, environment, config, result, version }: UpdateInfo): Update {
  const releases = releasesOf(config ?? {});
  const seconds = (Date.parse(endTime ?? "") - Date.parse(startTime)) / 1000;
  return {
    ...(version && { number: version }),
    at: new Date(startTime).toISOString(),
    ...(result !== "in-progress" && Number.isFinite(seconds) && { seconds: Math.max(0, seconds) }),
    ...(readMessage(message, releases) ?? { action: kind, by: environment["git.author"] ?? "unknown" }),
    releases,
    result,
  };
}

function readMessage(message: string, releases: Releases): Pick<Update, "action" | "by" | "unsigned"> | undefined {
  const [, action, by] = SIGNED.exec(message) ?? [];
  if (action && by) return { action, by };
  const [, claimed, named, author] = UNSIGNED.exec(message) ?? [];
  if (!claimed || !author || named !== formatReleases(releases)) return undefined;
  return { action: claimed, by: author, unsigned: true };
}

function releasesOf(config: NonNullable<UpdateInfo["config"]>): Releases {
  const environment = config[ENVIRONMENT_KEY];
  const { services } = (environment?.objectValue ?? parseObject(environment?.value)) as {
    services?: Record<string, { tag?: unknown } | null>;
  };
  const tags = Object.entries(services ?? {}).flatMap(([name, service]) =>
    service?.tag === undefined ? [] : [[name, String(service.tag)]],
  );
  return { release: config[RELEASE_KEY]?.value ?? "", tags: Object.fromEntries(tags) };
}

function parseObject(text: string | undefined): object {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}

/** The newest update that ended well: what runs. Undefined before the first, and after the stack was destroyed. */
export function newestSuccess(updates: readonly Update[]): Update | undefined {
  const newest = updates.find(({ result }) => result === "succeeded");
  return newest?.action === "destroy" ? undefined : newest;
}
