import type { Changes, ResourceChange, ServiceChange } from "./changes.ts";
import type { Difference } from "./differences.ts";

/** GitHub takes 65,536 characters: https://docs.github.com/rest/issues/comments. Some are left for what GitHub counts otherwise. */
const MOST_CHARACTERS = 60_000;
const MOST_VALUE_CHARACTERS = 200;

/** What is found again among a pull request's comments. Two stacks have one each. */
export function markerOf(stack: string): string {
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
export function previewComment(facts: PreviewFacts): string {
  const head = [markerOf(facts.stack), `### Preview of ${code(facts.stack)}`, ""];
  const foot = facts.url ? ["", `[Log](${facts.url})`] : [];
  if (facts.failure !== undefined)
    return [...head, "❌ **The preview failed.** Nothing was changed.", "", ...fenced(facts.failure), ...foot].join(
      "\n",
    );
  if (isQuiet(facts.changes)) return [...head, "No changes.", ...foot].join("\n");
  const { resources, services, unchanged } = facts.changes;
  const sections = [
    ...head,
    ...alarm(resources),
    countsOf(resources, unchanged),
    "",
    ...serviceTable(services),
    ...resourceTable(resources),
  ];
  return fitting(sections, resources.flatMap(diffOf), foot);
}

/** Whether there is nothing to tell. */
export function isQuiet({ resources }: Changes): boolean {
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
function alarm(resources: readonly ResourceChange[]): string[] {
  const lost = resources.filter(({ op, stateful }) => stateful && (op === "delete" || op === "replace"));
  if (lost.length === 0) return [];
  return [
    "> [!CAUTION]",
    "> **THIS DESTROYS WHAT HOLDS DATA.**",
    ...lost.map(({ op, type, name }) => `> - **${op.toUpperCase()}** ${code(name)} (${code(type)})`),
    "",
  ];
}

function serviceTable(services: readonly ServiceChange[]): string[] {
  if (services.length === 0) return [];
  const row = ({ name, op, from, to }: ServiceChange) =>
    `| ${code(name)} | ${op} | ${from ? code(from) : "–"} | ${releaseCell(from, to)} |`;
  return ["| Service | | Release now | Release then |", "|---|---|---|---|", ...services.map(row), ""];
}

function releaseCell(from: string | undefined, to: string | undefined): string {
  if (to === undefined) return "**gone**";
  return from === to ? "the same, config changes" : `**${code(to)}**`;
}

const SIGNS = { create: "+", update: "~", replace: "±", delete: "−" } as const;

function resourceTable(resources: readonly ResourceChange[]): string[] {
  // What is lost first, and in the order in which it is done else.
  const rank = { delete: 0, replace: 1, create: 2, update: 3 } as const;
  const sorted = [...resources].sort((a, b) => rank[a.op] - rank[b.op]);
  const lines = sorted.map(({ op, type, name }) => {
    const shout = op === "delete" || op === "replace" ? "**" : "";
    return `- ${shout}${SIGNS[op]} ${op}${shout} ${code(name)} ${code(type)}`;
  });
  return folded(`All ${resources.length} changes`, lines);
}

function diffOf({ op, type, name, differences }: ResourceChange): string[][] {
  if (differences.length === 0) return [];
  const lines = differences.flatMap((difference) => lineOf(difference));
  return [folded(`${SIGNS[op]} ${name} (${type})`, ["```diff", ...lines, "```"])];
}

function lineOf({ path, from, to }: Difference): string[] {
  return [
    ...(from !== undefined ? [`- ${path}: ${shown(from)}`] : []),
    ...(to !== undefined ? [`+ ${path}: ${shown(to)}`] : []),
  ];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value).replaceAll("```", "` ` `");
  return text.length > MOST_VALUE_CHARACTERS ? `${text.slice(0, MOST_VALUE_CHARACTERS)}…` : text;
}

/** As many of the folded parts as there is room for. What is left out is said. */
function fitting(sections: readonly string[], details: readonly string[][], foot: readonly string[]): string {
  let text = sections.join("\n");
  if (text.length > MOST_CHARACTERS) text = `${text.slice(0, MOST_CHARACTERS)}…\n\n</details>\n`;
  let left = 0;
  for (const detail of details) {
    const part = `\n${detail.join("\n")}`;
    if (text.length + part.length <= MOST_CHARACTERS) text += part;
    else left++;
  }
  const note = left > 0 ? [`\n${left} more would not fit here; the log has them.`] : [];
  return [text, ...note, ...foot].join("\n");
}

function folded(title: string, lines: readonly string[]): string[] {
  return [`<details><summary>${escaped(title)}</summary>`, "", ...lines, "", "</details>", ""];
}

function fenced(text: string): string[] {
  const cut = text.length > MOST_CHARACTERS / 2 ? `${text.slice(0, MOST_CHARACTERS / 2)}…` : text;
  return ["```", cut.replaceAll("```", "` ` `"), "```"];
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
