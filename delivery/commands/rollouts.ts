import Table from "cli-table3";
import { readEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { type CommonOptions, printResult } from "../output.ts";
import { connectRollouts, type RolloutState, readRollouts } from "../rollouts.ts";
import { readStackFile } from "../stack-file.ts";

export interface RolloutsOptions extends CommonOptions {
  stack: string;
  /** Print the table again when it changes, until no rollout is under way. @default false */
  watch?: boolean;
}

const POLL_MILLISECONDS = 2_000;

/** Prints the blue/green and canary rollouts of a stack: how far each is, and what it waits for. */
export async function rollouts(options: RolloutsOptions, root: string): Promise<void> {
  const { stack, watch, json } = options;
  if (watch && json) throw new Failure("rollouts: --json prints one object, so it cannot be used with --watch.");
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  const cluster = await connectRollouts(environment);
  let states = await readRollouts(cluster, environment);
  if (states.length === 0) {
    return printResult(options, { stack, rollouts: [] }, `No service of ${stack} has a blue/green or canary rollout.`);
  }
  printResult(options, { stack, rollouts: states }, describeRollouts(states, stack));
  while (watch && states.some(({ phase }) => phase === "Progressing" || phase === "Paused")) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    const next = await readRollouts(cluster, environment);
    if (JSON.stringify(next) !== JSON.stringify(states)) printResult(options, {}, describeRollouts(next, stack));
    states = next;
  }
}

/** The rollouts as a table, with the commands that those which wait need. */
export function describeRollouts(states: readonly RolloutState[], stack: string): string {
  const table = new Table({
    head: ["Service", "Strategy", "Release", "Phase", "Step", "Traffic", "Ready"],
    style: { head: [], border: [] },
  });
  for (const { service, strategy, release, phase, step, weight, ready, desired } of states)
    table.push([service, strategy, release, phase, step || "-", `${weight} %`, `${ready}/${desired}`]);
  return [
    table.toString(),
    ...states.flatMap(({ service, release, isWaiting, isAborted, message }) => {
      if (isAborted) return [`${service}: ${release} was aborted. ${message}`.trim()];
      if (!isWaiting) return [];
      const command = (name: string) => `npm run slipway -- ${name} ${service} --stack ${stack}`;
      return [`${service}: ${release} waits. To go on: ${command("promote")}. To go back: ${command("abort")}`];
    }),
  ].join("\n");
}
