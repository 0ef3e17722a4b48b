import { readChanges, readDrift, type ResourceChange } from "../engine/changes.ts";
import { queryEngine, runEngine } from "../engine/run.ts";
import { type StackEnvironment, readEnvironment } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { type CommonOptions, printResult, info } from "../output.ts";
import { readStackFile } from "../stack-file.ts";
import { whatRuns } from "./status.ts";

export interface DriftOptions extends CommonOptions {
  stack: string;
  /** Tell Slack of drift, and of a look that failed. @default false */
  notify?: boolean;
}

/** Exit code for drift, apart from that for a look that failed. */
const DRIFTED = 2;
/** In a message; the rest is in the log. */
const MOST_LINES = 20;

interface Drift {
  /** What was changed or taken away behind the state's back. */
  resources: ResourceChange[];
  /** What runs that the last update did not leave so: Helm's own record does not know what was changed by hand. */
  services: string[];
}

/**
 * Compares what is there with the state, which stays as it is. Exit code 0 without drift, 2 with it.
 *
 * @throws Failure if that could not be told.
 */
export async function drift(options: DriftOptions, root: string): Promise<void> {
  const { stack } = options;
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  if (options.dryRun) {
    info(`Would run: pulumi refresh --preview-only --stack ${stack}`);
    return printResult(options, { dryRun: true, stack }, "");
  }
  try {
    const found = await look(environment, root);
    const lines = formatReleases(found);
    if (lines.length > 0) process.exitCode = DRIFTED;
    if (options.notify && lines.length > 0)
      await tell(stack, `🌊 ${stack} has drifted: ${lines.length} differences`, lines);
    const remedy = remedyOf(stack, found);
    const people =
      lines.length === 0
        ? `${stack}: no drift.`
        : [`${stack} has drifted:`, ...lines.map((line) => `  - ${line}`), remedy].join("\n");
    printResult(options, { stack, drifted: lines.length > 0, ...found }, people);
  } catch (error) {
    if (options.notify) await tell(stack, `❓ ${stack} could not be looked at for drift`, [reasonOf(error)]);
    throw error;
  }
}

async function look(environment: StackEnvironment, root: string): Promise<Drift> {
  const { stack } = environment;
  const run = await runEngine({ root, stack, args: ["refresh", "--preview-only"] });
  if (!run.ok) {
    const reason = readChanges(run.events).problems[0] ?? run.log.trim().split("\n").at(-1);
    throw new Failure(`drift: ${stack} could not be looked at. ${reason}`);
  }
  return { resources: readDrift(run.events), services: await driftedServices(environment, root) };
}

async function driftedServices(environment: StackEnvironment, root: string): Promise<string[]> {
  type Outputs = { services?: Record<string, { release: string; image: string }> };
  const [{ services = {} }, running] = await Promise.all([
    queryEngine<Outputs>(root, environment.stack, ["stack", "output"]),
    whatRuns(environment),
  ]);
  return Object.entries(services).flatMap(([name, { release, image }]) => {
    const found = running[name];
    if (found === undefined) return [`${name}: does not run, and was deployed as ${release}`];
    const digest = image.split("@")[1] ?? "";
    return found.digest === digest ? [] : [`${name}: runs ${found.digest}, and was deployed as ${digest} (${release})`];
  });
}

function formatReleases({ resources, services }: Drift): string[] {
  const ops = { create: "came", update: "was changed", replace: "was replaced", delete: "is gone" } as const;
  return [
    ...resources.map(({ op, type, name, differences }) => {
      const paths = differences.map(({ path }) => path).join(", ");
      return `${name} (${type}) ${ops[op]}${paths ? `: ${paths}` : ""}`;
    }),
    ...services,
  ];
}

/** An update compares the program with the state, which knows nothing of the drift until it is refreshed; Helm never will. */
function remedyOf(stack: string, { resources, services }: Drift): string {
  const names = services.map((line) => line.split(":")[0]).join(" ");
  return [
    ...(resources.length > 0
      ? [`To put the resources back: pulumi refresh --stack ${stack}, then npm run slipway -- deploy --stack ${stack}`]
      : []),
    ...(services.length > 0
      ? [`To put the services back: npm run slipway -- restart --stack ${stack} --service ${names}`]
      : []),
  ].join("\n");
}

async function tell(stack: string, title: string, lines: readonly string[]): Promise<void> {
  const { sendToSlack } = await import("../slack/send.ts");
  const text = [title, ...lines.slice(0, MOST_LINES).map((line) => `• ${line}`)].join("\n");
  await sendToSlack({ text }, `Run again when that is mended: npm run slipway -- drift --stack ${stack} --notify`);
}
