import { readRunningServices } from "../cluster.ts";
import { readDrift } from "../engine/drift.ts";
import { readOutputs, runEngine } from "../engine/run.ts";
import { refuseUndeclaredProviders } from "../engine/state-providers.ts";
import type { ResourceChange } from "../engine/steps.ts";
import { unfinishedReason } from "../engine/unfinished.ts";
import { readEnvironment, type StackEnvironment } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { readStackFile } from "../stack-file.ts";

export interface DriftOptions extends CommonOptions {
  stack: string;
  /** Notify Slack of drift, and of a comparison that failed. @default false */
  notify?: boolean;
}

interface Drift {
  /** Resources that were changed or deleted outside of Pulumi. */
  resources: ResourceChange[];
  /** Services that do not run the image of the last update. A refresh does not find them, because Helm does not look. */
  services: string[];
}

/**
 * Compares live resources with the state without changing it. Exit code 0 without drift, 2 with drift.
 *
 * @throws Failure if the comparison failed.
 */
export async function drift(options: DriftOptions, root: string): Promise<void> {
  const { stack } = options;
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  if (options.dryRun) {
    info(`Would run: pulumi refresh --preview-only --stack ${stack}`);
    return printResult(options, { dryRun: true, stack }, "");
  }
  try {
    const found = await detectDrift(environment, root);
    const lines = describe(found);
    const drifted = lines.length > 0;
    if (drifted) process.exitCode = EXIT.different;
    if (drifted && options.notify) {
      await notifySlack(stack, `🌊 ${stack} has drifted: ${lines.length} differences`, lines);
    }
    const text = drifted
      ? [`${stack} has drifted:`, ...lines.map((line) => `  - ${line}`), ...remedies(stack, found)].join("\n")
      : `${stack}: no drift.`;
    printResult(options, { stack, drifted, ...found }, text);
  } catch (error) {
    if (options.notify) await notifySlack(stack, `❓ ${stack} could not be checked for drift`, [reasonOf(error)]);
    throw error;
  }
}

async function detectDrift(environment: StackEnvironment, root: string): Promise<Drift> {
  const { stack } = environment;
  await refuseUndeclaredProviders(root, stack);
  const engine = await runEngine({ root, stack, args: ["refresh", "--preview-only"] });
  const reason = unfinishedReason(engine);
  if (reason !== undefined) throw new Failure(`drift: ${stack} could not be checked. ${reason}`);
  return { resources: readDrift(engine.events), services: await findDriftedServices(environment, root) };
}

async function findDriftedServices(environment: StackEnvironment, root: string): Promise<string[]> {
  const [{ services = {} }, running] = await Promise.all([
    readOutputs(root, environment.stack),
    readRunningServices(environment),
  ]);
  return Object.entries(services).flatMap(([name, { release, image }]) => {
    const found = running[name];
    if (found === undefined) return [`${name}: not running, deployed as ${release}`];
    const digest = image.split("@")[1] ?? "";
    // A rollout that is not over, or waits for a person, is no drift: status tells of it.
    if (found.next?.release === release) return [];
    return found.digest === digest ? [] : [`${name}: runs ${found.digest}, deployed as ${digest} (${release})`];
  });
}

function describe({ resources, services }: Drift): string[] {
  const verbs = {
    create: "was created",
    update: "was changed",
    replace: "was replaced",
    delete: "was deleted",
  } as const;
  return [
    ...resources.map(({ op, type, name, differences }) => {
      const paths = differences.map(({ path }) => path).join(", ");
      return `${name} (${type}) ${verbs[op]}${paths ? `: ${paths}` : ""}`;
    }),
    ...services,
  ];
}

/** An update compares the program with the state, so it repairs a resource only after a refresh, and a Helm release never. */
function remedies(stack: string, { resources, services }: Drift): string[] {
  const names = services.map((line) => line.split(":")[0]).join(" ");
  return [
    ...(resources.length > 0
      ? [`To restore the resources: pulumi refresh --stack ${stack}, then npm run slipway -- deploy --stack ${stack}`]
      : []),
    ...(services.length > 0
      ? [`To restore the services: npm run slipway -- restart --stack ${stack} --service ${names}`]
      : []),
  ];
}

async function notifySlack(stack: string, title: string, lines: readonly string[]): Promise<void> {
  const { listMessage } = await import("../slack/list-message.ts");
  const { sendToSlack } = await import("../slack/send.ts");
  await sendToSlack(listMessage(title, lines), `To retry: npm run slipway -- drift --stack ${stack} --notify`);
}
