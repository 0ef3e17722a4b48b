import { connectCluster } from "../cluster.ts";
import { type StackEnvironment, readEnvironment } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { type CommonOptions, printResult, formatDuration, info, warn } from "../output.ts";
import { runningServices, type ServiceStatus, serviceTable } from "../running-services.ts";
import { readStackFile, readReleases, stackFilePath } from "../stack-file.ts";
import { formatReleases, readHistory, type Update } from "./history.ts";

export interface StatusOptions extends CommonOptions {
  stack: string;
}

/** What is to run, how the last update ended, and what does run. Exit code 1 unless all of it runs whole. */
export async function status(options: StatusOptions, root: string): Promise<void> {
  const { stack } = options;
  const text = readStackFile(root, stack);
  const environment = readEnvironment(root, stack, text);
  const [[last], services] = await Promise.all([readHistory(root, stack, 1), whatRuns(environment)]);
  const faults = faultsOf(environment, services);
  if (faults.length > 0) process.exitCode = 1;
  const record = readReleases(text);
  printResult(
    options,
    { stack, ready: faults.length === 0, record, ...(last && { lastUpdate: last }), services, faults },
    [
      `${stackFilePath(stack)}: ${formatReleases(record)}`,
      `Last update: ${last ? updateInWords(last) : "none"}`,
      serviceTable(services),
      ...faults.map((fault) => `✖ ${fault}`),
    ].join("\n"),
  );
}

function updateInWords({ at, action, releases, by, result, seconds }: Update): string {
  return `${action} ${formatReleases(releases)} by ${by}, ${at.slice(0, 16).replace("T", " ")} UTC: ${result} after ${formatDuration(seconds)}`;
}

/** What is not as the stack's file has it. */
function faultsOf({ services }: StackEnvironment, running: Record<string, ServiceStatus>): string[] {
  return services.flatMap(({ name, release }) => {
    const found = running[name];
    if (found === undefined) return [`${name}: does not run`];
    return [
      ...(found.release === release ? [] : [`${name}: runs ${found.release}, the file says ${release}`]),
      ...(found.ready < found.desired || found.desired === 0
        ? [`${name}: ${found.ready} of ${found.desired} pods are ready`]
        : []),
    ];
  });
}

/** @throws Failure if the cluster cannot be asked. */
export async function whatRuns(environment: StackEnvironment): Promise<Record<string, ServiceStatus>> {
  const { namespace, url } = environment.config;
  const access = await connectCluster(environment);
  return runningServices(access, namespace, url).catch((error: unknown) => {
    throw new Failure(
      `The cluster of ${environment.stack} cannot be asked what runs: ${reasonOf(error)}. Check that it is up, and that you may read ${namespace}.`,
    );
  });
}

/** After an update, whatever became of it. */
export async function sayWhatRuns(environment: StackEnvironment): Promise<void> {
  try {
    info(`\nWhat runs now:\n${serviceTable(await whatRuns(environment))}`);
  } catch (error) {
    warn(`What runs now cannot be shown: ${reasonOf(error)}.`);
  }
}
