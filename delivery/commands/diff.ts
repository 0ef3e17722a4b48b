import Table from "cli-table3";
import { mergeSources } from "../../config/fault.ts";
import { writtenService } from "../../config/read.ts";
import { readRunningServices } from "../cluster.ts";
import { type Difference, findDifferences } from "../engine/differences.ts";
import { readEnvironment, type StackEnvironment } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { readStackFile } from "../stack-file.ts";
import { planUpdate } from "../terminal/plan.ts";
import { formatPlan } from "../terminal/plan-text.ts";
import { truncate } from "../truncate.ts";
import { prepareUpdate } from "../update/context.ts";
import { listFaults } from "./status.ts";

export interface DiffOptions extends CommonOptions {
  stack: string;
  /** Stack to compare with. @default - what runs */
  with?: string;
  /** Exit with 2 if there are differences. @default false */
  exitCode?: boolean;
  /** Print the engine's own lines. @default false */
  verbose?: boolean;
}

const MOST_CHARACTERS = 60;

/**
 * Prints what differs between the files of two stacks, or between a stack's file and what runs.
 *
 * @throws Failure for a faulty config, or if the engine or the cluster does not answer.
 */
export async function diff(options: DiffOptions, root: string): Promise<void> {
  if (options.with === undefined) return diffWithRunning(options, root);
  const { stack, with: other } = options;
  const [left, right] = [stack, other].map((name) => readEnvironment(root, name, readStackFile(root, name)));
  if (left === undefined || right === undefined) return;
  const differences = differencesOf(left, right);
  if (options.exitCode && differences.length > 0) process.exitCode = EXIT.different;
  const text = differences.length > 0 ? formatTable(stack, other, differences) : `${stack} and ${other} do not differ.`;
  printResult(options, { stack, with: other, differences }, text);
}

/** Releases, and what people wrote about services and the environment. Secrets have keys of their own and are not read. */
function differencesOf(left: StackEnvironment, right: StackEnvironment): Difference[] {
  const describe = ({ config, services }: StackEnvironment) => {
    const { services: _, ...environment } = mergeSources(config.sources.environment) as Record<string, unknown>;
    const all = services.map(({ name, release }) => {
      const { tag: _, restartedAt: __, ...written } = writtenService(config, name) as Record<string, unknown>;
      return [name, { release, ...written }];
    });
    return { services: Object.fromEntries(all), environment };
  };
  const [a, b] = [describe(left), describe(right)];
  return [...findDifferences(a.services, b.services), ...findDifferences(a.environment, b.environment)];
}

function formatTable(left: string, right: string, differences: readonly Difference[]): string {
  const table = new Table({ head: ["", left, right], style: { head: [], border: [] } });
  for (const { path, from, to } of differences) table.push([path, display(from), display(to)]);
  return table.toString();
}

function display(value: unknown): string {
  if (value === undefined) return "–";
  return truncate(typeof value === "string" ? value : JSON.stringify(value), MOST_CHARACTERS);
}

async function diffWithRunning(options: DiffOptions, root: string): Promise<void> {
  const { stack } = options;
  const context = await prepareUpdate({ ...options, commit: false }, root);
  info(`Comparing the file of ${stack} with its state and its cluster.`);
  const unchanged = { action: "deploy" as const, edit: (text: string) => text, releases: context.sources.file };
  const [plan, running] = await Promise.all([planUpdate(context, unchanged), readRunningServices(context.environment)]);
  if (plan.failure !== undefined) throw new Failure(`diff: the preview of ${stack} failed. ${plan.failure}`);
  const faults = listFaults(context.environment, running);
  const differs = plan.services.length + plan.resources.length + faults.length > 0;
  if (options.exitCode && differs) process.exitCode = EXIT.different;
  printResult(
    options,
    { stack, differs, plan, cluster: faults },
    differs
      ? [
          `A deploy of ${stack} would change:`,
          formatPlan(plan, process.stdout),
          ...faults.map((fault) => `✖ ${fault}`),
        ].join("\n")
      : `${stack} runs what its file says.`,
  );
}
