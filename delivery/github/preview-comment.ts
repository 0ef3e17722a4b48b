import type { Changes, ServiceChange } from "../engine/changes.ts";
import type { Difference } from "../engine/differences.ts";
import type { ResourceChange } from "../engine/steps.ts";
import type { ManifestsPreview } from "../gitops/preview-manifests.ts";
import { truncate } from "../truncate.ts";

/** GitHub's limit is 65,536: https://docs.github.com/rest/issues/comments. The rest is for characters that GitHub counts differently. */
const MAX_CHARACTERS = 60_000;
const MAX_VALUE_CHARACTERS = 200;

/** First line of a stack's comment, by which it is found again. */
export function commentMarker(stack: string): string {
  return `<!-- slipway-preview:${stack} -->`;
}

/** The result of a preview. */
export interface PreviewResult {
  stack: string;
  changes: Changes;
  /** Why the preview failed. @default - it succeeded */
  failure?: string;
  /** What a deploy would commit, of a stack whose services Argo CD rolls out. @default - the update rolls them out */
  manifests?: ManifestsPreview;
  /** URL of CI's log. */
  url?: string;
}

/** The result of a preview as Markdown: first what a reviewer must see, then folded details. */
export function previewComment({ stack, changes, failure, manifests, url }: PreviewResult): string {
  const head = [commentMarker(stack), `### Preview of ${code(stack)}`, ""];
  const foot = url ? ["", `[Log](${url})`] : [];
  if (failure !== undefined) {
    return [...head, "❌ **The preview failed.** Nothing was changed.", "", ...fenced(failure), ...foot].join("\n");
  }
  if (hasNoChanges(changes, manifests)) return [...head, "No changes.", ...foot].join("\n");
  const { resources, services, unchanged, migrations } = changes;
  const text = new SizedText(MAX_CHARACTERS);
  text.add(head);
  text.add(dataLossWarning(resources), MAX_WARNING);
  if (manifests) text.add(manifestsTable(manifests), MAX_SERVICES);
  else text.add([countsOf(resources, unchanged), ""]);
  text.add(serviceTable(services), MAX_SERVICES);
  text.add(migrationList(migrations), MAX_SERVICES);
  text.add(resourceTable(resources));
  if (manifests?.diff) text.add(manifestsDiff(manifests.diff));
  text.addWhole(resources.filter(({ differences }) => differences.length > 0).map((change) => () => diffOf(change)));
  return [text.value, ...foot].join("\n");
}

/** A text of limited size. It says how much was left out. */
class SizedText {
  private readonly lines: string[] = [];
  private left: number;

  constructor(most: number) {
    this.left = most;
  }

  get value(): string {
    return this.lines.join("\n");
  }

  /** Adds a part as far as it fits. @param part its lines may be left out, `open` and `close` may not @param most characters of the part */
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
   * Adds those parts that fit as a whole. Rendering thousands of parts takes a minute, so after some that do not fit the others are
   * only counted.
   */
  addWhole(parts: readonly (() => string[])[]): void {
    let missing = 0;
    for (const part of parts) {
      const lines = missing < MAX_MISFITS ? part() : [];
      if (lines.length > 0 && sizeOf(lines) + ROOM_FOR_REMARK <= this.left) this.put(lines);
      else missing++;
    }
    if (missing > 0) this.put([`${missing} more do not fit here; see the log.`]);
  }

  private put(lines: readonly string[]): void {
    this.lines.push(...lines);
    this.left -= sizeOf(lines);
  }
}

type Part = string[] | { open: string[]; lines: string[]; close: string[] };

/** For "… and 1234 more" and the like. */
const ROOM_FOR_REMARK = 100;
const MAX_MISFITS = 20;
/** However long these parts are, there is room for the others. */
const MAX_WARNING = 15_000;
const MAX_SERVICES = 15_000;

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((size, line) => size + line.length + 1, 0);
}

/** Whether a preview found no changes. */
export function hasNoChanges({ resources, migrations }: Changes, manifests?: ManifestsPreview): boolean {
  const commits = (manifests?.services.length ?? 0) + (manifests?.unknown.length ?? 0);
  return resources.length === 0 && migrations.length === 0 && commits === 0;
}

/** What the commit changes, by service. */
function manifestsTable({ branch, services, unknown }: ManifestsPreview): Part {
  const rows = services.map(
    ({ name, from, to }) => `| ${code(name)} | ${cell(from)} | ${to ? `**${code(to)}**` : "removed"} |`,
  );
  const waiting = unknown.map((name) => `| ${code(name)} | | image will be built; manifests are known after that |`);
  const open = [`A deploy commits this to ${code(branch)}:`, "", "| Service | Before | After |", "|---|---|---|"];
  return { open, lines: [...rows, ...waiting], close: [""] };
}

function cell(release: string | undefined): string {
  return release ? code(release) : "";
}

function manifestsDiff(diff: string): Part {
  const lines = diff.trimEnd().replaceAll("```", "` ` `").split("\n");
  return {
    open: ["<details><summary>Manifests</summary>", "", "```diff"],
    lines,
    close: ["```", "", "</details>", ""],
  };
}

function countsOf(resources: readonly ResourceChange[], unchanged: number): string {
  const words = { create: "to create", update: "to update", replace: "to replace", delete: "to delete" } as const;
  const counts = Object.entries(words).flatMap(([op, word]) => {
    const count = resources.filter((resource) => resource.op === op).length;
    return count === 0 ? [] : [`**${count}** ${word}`];
  });
  return `${counts.join(", ")}, ${unchanged} unchanged`;
}

/** Comes first, for a reviewer who reads only two lines. */
function dataLossWarning(resources: readonly ResourceChange[]): Part {
  const lost = resources.filter(({ op, stateful }) => stateful && (op === "delete" || op === "replace"));
  if (lost.length === 0) return [];
  return {
    open: ["> [!CAUTION]", "> **THIS DELETES RESOURCES THAT HOLD DATA.**"],
    lines: lost.map(({ op, type, name }) => `> - **${op.toUpperCase()}** ${code(name)} (${code(type)})`),
    close: [""],
  };
}

function serviceTable(services: readonly ServiceChange[]): Part {
  if (services.length === 0) return [];
  const row = (service: ServiceChange) => {
    const { name, op, from } = service;
    return `| ${code(name)} | ${op} | ${from ? code(from) : "–"} | ${newReleaseCell(service)} |`;
  };
  return {
    open: ["| Service | | Current release | New release |", "|---|---|---|---|"],
    lines: services.map(row),
    close: [""],
  };
}

function migrationList(migrations: readonly string[]): Part {
  if (migrations.length === 0) return [];
  return { open: ["**Migrations**", ""], lines: migrations.map((migration) => `- ${code(migration)}`), close: [""] };
}

function newReleaseCell({ from, to, buildsImage }: ServiceChange): string {
  if (to === undefined) return "**removed**";
  if (from === to && !buildsImage) return "unchanged, config changes";
  return `**${code(to)}**${buildsImage ? ", image will be built" : ""}`;
}

const SIGNS = { create: "+", update: "~", replace: "±", delete: "−" } as const;

function resourceTable(resources: readonly ResourceChange[]): Part {
  // Deletions and replacements first.
  const rank = { delete: 0, replace: 1, create: 2, update: 3 } as const;
  const lines = [...resources]
    .sort((a, b) => rank[a.op] - rank[b.op])
    .map(({ op, type, name }) => {
      const shout = op === "delete" || op === "replace" ? "**" : "";
      return `- ${shout}${SIGNS[op]} ${op}${shout} ${code(name)} ${code(type)}`;
    });
  return {
    ...FOLD,
    open: openFold(resources.length === 1 ? "1 change" : `${resources.length} changes`),
    lines,
  };
}

function diffOf({ op, type, name, differences }: ResourceChange): string[] {
  const lines = differences.flatMap(lineOf);
  return [...openFold(`${SIGNS[op]} ${name} (${type})`), "```diff", ...lines, "```", ...FOLD.close];
}

function lineOf({ path, from, to }: Difference): string[] {
  return [
    ...(from !== undefined ? [`- ${path}: ${displayValue(from)}`] : []),
    ...(to !== undefined ? [`+ ${path}: ${displayValue(to)}`] : []),
  ];
}

function displayValue(value: unknown): string {
  return truncate(JSON.stringify(value), MAX_VALUE_CHARACTERS).replaceAll("```", "` ` `");
}

const FOLD = { close: ["", "</details>", ""] };

function openFold(title: string): string[] {
  return [`<details><summary>${escaped(title)}</summary>`, ""];
}

function fenced(text: string): string[] {
  return ["```", truncate(text.replaceAll("```", "` ` `"), MAX_CHARACTERS / 2), "```"];
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** In HTML. The empty comment keeps GitHub from notifying somebody of that name. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("@", "@<!-- -->");
}
