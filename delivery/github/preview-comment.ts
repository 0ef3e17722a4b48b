import type { Changes, ResourceChange, ServiceChange } from "../engine/changes.ts";
import type { Difference } from "../engine/differences.ts";
import { truncate } from "../truncate.ts";

/** GitHub takes 65,536 characters: https://docs.github.com/rest/issues/comments. Some are left for what GitHub counts otherwise. */
const MOST_CHARACTERS = 60_000;
const MOST_VALUE_CHARACTERS = 200;

/** What is found again among a pull request's comments. Two stacks have one each. */
export function commentMarker(stack: string): string {
  return `<!-- slipway-preview:${stack} -->`;
}

export interface PreviewFacts {
  stack: string;
  changes: Changes;
  /** Why the preview failed. @default - it did not */
  failure?: string;
  /** Where CI's log is. */
  url?: string;
}

/** What a preview found, as Markdown: first what a reviewer must see, the rest folded. */
export function previewComment({ stack, changes, failure, url }: PreviewFacts): string {
  const head = [commentMarker(stack), `### Preview of ${code(stack)}`, ""];
  const foot = url ? ["", `[Log](${url})`] : [];
  if (failure !== undefined) {
    return [...head, "❌ **The preview failed.** Nothing was changed.", "", ...fenced(failure), ...foot].join("\n");
  }
  if (hasNoChanges(changes)) return [...head, "No changes.", ...foot].join("\n");
  const { resources, services, unchanged } = changes;
  const page = new Page(MOST_CHARACTERS);
  page.add(head);
  page.add(alarm(resources), MOST_ALARM);
  page.add([countsOf(resources, unchanged), ""]);
  page.add(serviceTable(services), MOST_SERVICES);
  page.add(resourceTable(resources));
  page.addWhole(resources.filter(({ differences }) => differences.length > 0).map((change) => () => diffOf(change)));
  return [page.text, ...foot].join("\n");
}

/** Lines of a comment, as many as there is room for. What is left out is said. */
class Page {
  private readonly lines: string[] = [];
  private left: number;

  constructor(most: number) {
    this.left = most;
  }

  get text(): string {
    return this.lines.join("\n");
  }

  /** @param part whose lines may go, but for those that open and close it. @param most characters of it. */
  add(part: Part, most = Number.POSITIVE_INFINITY): void {
    const { open = [], lines, close = [] } = Array.isArray(part) ? { lines: part } : part;
    let room = Math.min(most, this.left) - sizeOf([...open, ...close]) - ROOM_FOR_REMARK;
    const kept: string[] = [];
    for (const line of lines) {
      room -= sizeOf([line]);
      if (room < 0) break;
      kept.push(line);
    }
    const missing = lines.length - kept.length;
    this.put([...open, ...kept, ...(missing > 0 ? [`… and ${missing} more`] : []), ...close]);
  }

  /**
   * @param parts each of them is shown whole, or not. Thousands of them would take a minute to write down, so after some that
   * would not fit the rest is only counted.
   */
  addWhole(parts: readonly (() => string[])[]): void {
    let missing = 0;
    for (const part of parts) {
      const lines = missing < MOST_MISFITS ? part() : [];
      if (lines.length > 0 && sizeOf(lines) + ROOM_FOR_REMARK <= this.left) this.put(lines);
      else missing++;
    }
    if (missing > 0) this.put([`${missing} more would not fit here; the log has them.`]);
  }

  private put(lines: readonly string[]): void {
    this.lines.push(...lines);
    this.left -= sizeOf(lines);
  }
}

type Part = string[] | { open: string[]; lines: string[]; close: string[] };

/** Of "… and 1234 more" and the like. */
const ROOM_FOR_REMARK = 100;
const MOST_MISFITS = 20;
/** What must be read leaves room for the rest, however much it is. */
const MOST_ALARM = 15_000;
const MOST_SERVICES = 15_000;

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((size, line) => size + line.length + 1, 0);
}

/** Whether there is nothing to tell. */
export function hasNoChanges({ resources }: Changes): boolean {
  return resources.length === 0;
}

function countsOf(resources: readonly ResourceChange[], unchanged: number): string {
  const words = { create: "to create", update: "to update", replace: "to replace", delete: "to delete" } as const;
  const counts = Object.entries(words).flatMap(([op, word]) => {
    const count = resources.filter((resource) => resource.op === op).length;
    return count === 0 ? [] : [`**${count}** ${word}`];
  });
  return `${counts.join(", ")}, ${unchanged} unchanged`;
}

/** What a reviewer who reads two lines must have read. */
function alarm(resources: readonly ResourceChange[]): Part {
  const lost = resources.filter(({ op, stateful }) => stateful && (op === "delete" || op === "replace"));
  if (lost.length === 0) return [];
  return {
    open: ["> [!CAUTION]", "> **THIS DESTROYS WHAT HOLDS DATA.**"],
    lines: lost.map(({ op, type, name }) => `> - **${op.toUpperCase()}** ${code(name)} (${code(type)})`),
    close: [""],
  };
}

function serviceTable(services: readonly ServiceChange[]): Part {
  if (services.length === 0) return [];
  const row = ({ name, op, from, to }: ServiceChange) =>
    `| ${code(name)} | ${op} | ${from ? code(from) : "–"} | ${releaseCell(from, to)} |`;
  return {
    open: ["| Service | | Release now | Release then |", "|---|---|---|---|"],
    lines: services.map(row),
    close: [""],
  };
}

function releaseCell(from: string | undefined, to: string | undefined): string {
  if (to === undefined) return "**gone**";
  return from === to ? "the same, config changes" : `**${code(to)}**`;
}

const SIGNS = { create: "+", update: "~", replace: "±", delete: "−" } as const;

function resourceTable(resources: readonly ResourceChange[]): Part {
  // What is lost first, and in the order in which it is done else.
  const rank = { delete: 0, replace: 1, create: 2, update: 3 } as const;
  const lines = [...resources]
    .sort((a, b) => rank[a.op] - rank[b.op])
    .map(({ op, type, name }) => {
      const shout = op === "delete" || op === "replace" ? "**" : "";
      return `- ${shout}${SIGNS[op]} ${op}${shout} ${code(name)} ${code(type)}`;
    });
  return {
    ...FOLD,
    open: opened(resources.length === 1 ? "The one change" : `All ${resources.length} changes`),
    lines,
  };
}

function diffOf({ op, type, name, differences }: ResourceChange): string[] {
  const lines = differences.flatMap(lineOf);
  return [...opened(`${SIGNS[op]} ${name} (${type})`), "```diff", ...lines, "```", ...FOLD.close];
}

function lineOf({ path, from, to }: Difference): string[] {
  return [
    ...(from !== undefined ? [`- ${path}: ${shown(from)}`] : []),
    ...(to !== undefined ? [`+ ${path}: ${shown(to)}`] : []),
  ];
}

function shown(value: unknown): string {
  return truncate(JSON.stringify(value), MOST_VALUE_CHARACTERS).replaceAll("```", "` ` `");
}

const FOLD = { close: ["", "</details>", ""] };

function opened(title: string): string[] {
  return [`<details><summary>${escaped(title)}</summary>`, ""];
}

function fenced(text: string): string[] {
  return ["```", truncate(text.replaceAll("```", "` ` `"), MOST_CHARACTERS / 2), "```"];
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
