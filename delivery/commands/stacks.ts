import Table from "cli-table3";
import { readRunningServices } from "../cluster.ts";
import { readHistory, type Update } from "../engine/history.ts";
import { isUnknownStack } from "../engine/run.ts";
import { readEnvironment } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { reasonOf } from "../failure.ts";
import { type CommonOptions, printResult } from "../output.ts";
import { formatReleases, type Releases, releasesOfServices } from "../releases.ts";
import { listStacks, readReleases, readStackFile } from "../stack-file.ts";
import { formatTime } from "../terminal/time.ts";
import { listFaults } from "./status.ts";

/** What is known about a stack. What could not be read is missing, and `errors` says why. */
interface StackOverview {
  stack: string;
  /** False before its first update, and after it was destroyed. */
  isDeployed: boolean;
  /** Releases in the stack's file. */
  desired?: Releases;
  /** Releases that the cluster runs. */
  running?: Releases;
  lastUpdate?: Update;
  /** Where the cluster differs from the file. */
  differences: string[];
  errors: string[];
}

/** Prints all stacks side by side. Exit code 1 if one of them could not be read completely. */
export async function stacks(options: CommonOptions, root: string): Promise<void> {
  const found = await Promise.all(listStacks(root).map((stack) => readStack(root, stack)));
  const errors = describeErrors(found);
  if (errors.length > 0) process.exitCode = EXIT.refused;
  printResult(options, { stacks: found }, [formatTable(found), ...errors].join("\n"));
}

/** Each error once, with the stacks that have it: one missing login fails them all. */
function describeErrors(stacks: readonly StackOverview[]): string[] {
  const stacksOf = new Map<string, string[]>();
  for (const { stack, errors } of stacks) {
    for (const error of errors) {
      const reason = error.replaceAll(stack, "<stack>");
      stacksOf.set(reason, [...(stacksOf.get(reason) ?? []), stack]);
    }
  }
  return [...stacksOf].map(([reason, names]) => {
    const [only = "", ...others] = names;
    return `✖ ${names.join(", ")}: ${others.length === 0 ? reason.replaceAll("<stack>", only) : reason}`;
  });
}

async function readStack(root: string, stack: string): Promise<StackOverview> {
  const overview: StackOverview = { stack, isDeployed: true, differences: [], errors: [] };
  const attempt = async (read: () => Promise<void>) => {
    try {
      await read();
    } catch (error) {
      if (isUnknownStack(error)) overview.isDeployed = false;
      else overview.errors.push(reasonOf(error));
    }
  };
  await attempt(async () => {
    const [last] = await readHistory(root, stack, 1);
    if (last) overview.lastUpdate = last;
    overview.isDeployed = last !== undefined && last.action !== "destroy";
  });
  await attempt(async () => {
    const text = readStackFile(root, stack);
    overview.desired = readReleases(text);
    const environment = readEnvironment(root, stack, text);
    if (!overview.isDeployed) return;
    const running = await readRunningServices(environment);
    overview.running = releasesOfServices(running);
    overview.differences = listFaults(environment, running);
  });
  return overview;
}

function formatTable(stacks: readonly StackOverview[]): string {
  const table = new Table({
    head: ["Stack", "Desired", "Running", "Last update", "By", "State"],
    style: { head: [], border: [] },
  });
  for (const { stack, isDeployed, desired, running, lastUpdate, differences } of stacks) {
    const unknown = isDeployed ? "?" : "–";
    const state = running === undefined ? "?" : differences.length === 0 ? "as desired" : differences.join("\n");
    table.push([
      stack,
      desired ? formatReleases(desired) : "?",
      running ? formatReleases(running) || "nothing" : unknown,
      lastUpdate ? `${lastUpdate.action} ${lastUpdate.result}, ${formatTime(lastUpdate.at)}` : unknown,
      lastUpdate?.by ?? unknown,
      isDeployed ? state : "not deployed",
    ]);
  }
  return table.toString();
}
