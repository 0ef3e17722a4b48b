import type { Difference } from "../engine/differences.ts";
import { truncate } from "../truncate.ts";
import type { Plan, PlannedService } from "./plan.ts";
import { style } from "./style.ts";

/** The log has all. */
const MOST_COMMITS = 10;
const MOST_VALUES = 10;
const MOST_RESOURCES = 20;
const MOST_CHARACTERS = 60;

const SIGNS = { create: "+", update: "~", replace: "±", delete: "−" } as const;
const COLOURS = { create: "green", update: "yellow", replace: "red", delete: "red" } as const;

/** A plan for a terminal. @param stream where it will be printed */
export function formatPlan(plan: Plan, stream: NodeJS.WriteStream): string {
  const { services, unchanged, resources, migrations, failure } = plan;
  const width = Math.max(0, ...services.map(({ name }) => name.length));
  const lines = [
    ...services.flatMap((service) => serviceLines(service, width, stream)),
    ...(unchanged.length > 0 ? [style("dim", `  unchanged: ${unchanged.join(", ")}`, stream)] : []),
    ...resourceLines(resources, stream),
    ...migrations.map((migration) => `  ${style("yellow", migration, stream)}`),
  ];
  if (failure !== undefined)
    return [...lines, style("red", `  The engine cannot preview this: ${failure}`, stream)].join("\n");
  return services.length + resources.length + migrations.length === 0 ? "  Nothing changes." : lines.join("\n");
}

function serviceLines(service: PlannedService, width: number, stream: NodeJS.WriteStream): string[] {
  const { name, from, to, buildsImage, commits, config } = service;
  const indent = " ".repeat(width + 4);
  const notes = [
    ...(commits ? countCommits(commits.added.length, commits.removed.length) : []),
    ...(buildsImage ? ["image will be built"] : []),
  ];
  return [
    `  ${style("bold", name.padEnd(width), stream)}  ${releases(from, to, stream)}${notes.length > 0 ? `  (${notes.join(", ")})` : ""}`,
    ...limited(commits?.added ?? [], MOST_COMMITS).map(
      (commit) => `${indent}${style("green", "+", stream)} ${line(commit)}`,
    ),
    ...limited(commits?.removed ?? [], MOST_COMMITS).map(
      (commit) => `${indent}${style("red", "−", stream)} ${line(commit)}`,
    ),
    ...limited(config.map(difference), MOST_VALUES).map((change) => `${indent}${change}`),
  ];
}

function releases(from: string | undefined, to: string | undefined, stream: NodeJS.WriteStream): string {
  if (to === undefined) return style("red", `${from ?? ""} is removed`, stream);
  if (from === undefined) return style("green", `new: ${to}`, stream);
  return from === to ? `${to}, config changes` : `${from} → ${style("cyan", to, stream)}`;
}

function countCommits(added: number, removed: number): string[] {
  const count = (n: number) => (n === 1 ? "1 commit" : `${n} commits`);
  if (added === 0 && removed === 0) return ["no commits in its folder"];
  return [...(added > 0 ? [count(added)] : []), ...(removed > 0 ? [`takes back ${count(removed)}`] : [])];
}

function difference({ path, from, to }: Difference): string {
  return `${path.replace(/^values\./, "")}: ${value(from)} → ${value(to)}`;
}

function value(given: unknown): string {
  return given === undefined ? "not set" : truncate(JSON.stringify(given), MOST_CHARACTERS);
}

/** What is deleted or replaced comes first. */
function resourceLines(resources: Plan["resources"], stream: NodeJS.WriteStream): string[] {
  const rank = { delete: 0, replace: 1, create: 2, update: 3 } as const;
  const sorted = [...resources].sort((a, b) => rank[a.op] - rank[b.op]);
  return limited(
    sorted.map(({ op, type, name, stateful }) => {
      const loss =
        stateful && (op === "delete" || op === "replace") ? style("red", "  HOLDS DATA, which is lost", stream) : "";
      return `  ${style(COLOURS[op], `${SIGNS[op]} ${op}`, stream)} ${name} (${type})${loss}`;
    }),
    MOST_RESOURCES,
  );
}

function limited(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `… and ${lines.length - most} more`];
}

/** A commit's subject is somebody's free text. */
function line(text: string): string {
  return truncate(text.replaceAll(/\p{Cc}/gu, ""), MOST_CHARACTERS + 20);
}
