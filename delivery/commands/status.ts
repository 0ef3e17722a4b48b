import { stackFileOf } from "../../config/naming.ts";
import { readSpreadServices } from "../cluster.ts";
import { readHistory, type Update } from "../engine/history.ts";
import { readEnvironment, type StackEnvironment } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { type CommonOptions, formatDuration, printResult } from "../output.ts";
import { formatReleases } from "../releases.ts";
import { type NextVersion, type ServiceStatus, serviceTable } from "../running-services.ts";
import { spreadLines, unevenLines } from "../spread/lines.ts";
import { readReleases, readStackFile } from "../stack-file.ts";
import { formatTime } from "../terminal/time.ts";

export interface StatusOptions extends CommonOptions {
  stack: string;
}

/** Prints the desired releases, the last update, the running services and where their pods run. The exit code says whether every service runs as desired. */
export async function status(options: StatusOptions, root: string): Promise<void> {
  const { stack } = options;
  const text = readStackFile(root, stack);
  const environment = readEnvironment(root, stack, text);
  const [[last], services] = await Promise.all([readHistory(root, stack, 1), readSpreadServices(environment)]);
  const faults = listFaults(environment, services);
  if (faults.length > 0) process.exitCode = EXIT.notReady;
  const record = readReleases(text);
  printResult(
    options,
    { stack, ready: faults.length === 0, record, ...(last && { lastUpdate: last }), services, faults },
    [
      `${stackFileOf(stack)}: ${formatReleases(record)}`,
      `Last update: ${last ? formatUpdate(last) : "none"}`,
      serviceTable(services),
      ...Object.entries(services).flatMap(([name, running]) => spreadLines(name, running)),
      ...unevenLines(environment.config, services).map((line) => `⚠ ${line}`),
      ...faults.map((fault) => `✖ ${fault}`),
    ].join("\n"),
  );
}

function formatUpdate({ at, action, releases, by, result, seconds }: Update): string {
  const took = seconds === undefined ? "" : ` after ${formatDuration(seconds)}`;
  return `${action} ${formatReleases(releases)} by ${by}, ${formatTime(at)}: ${result}${took}`;
}

/** Where the cluster differs from the stack's file. */
export function listFaults({ services, stack }: StackEnvironment, running: Record<string, ServiceStatus>): string[] {
  return services.flatMap(({ name, release }) => {
    const found = running[name];
    if (found === undefined) return [`${name}: not running`];
    const { next } = found;
    if (next?.release === release) return [`${name}: ${describeNext(name, next, stack)}; ${found.release} serves`];
    return [
      ...(found.release === release ? [] : [`${name}: runs ${found.release}, the file says ${release}`]),
      ...(found.ready < found.desired || (found.desired === 0 && !found.runs)
        ? [`${name}: ${found.ready} of ${found.desired} pods are ready`]
        : []),
    ];
  });
}

function describeNext(name: string, { release, isWaiting, phase }: NextVersion, stack: string): string {
  if (isWaiting) return `${release} waits to be promoted: npm run slipway -- promote ${name} --stack ${stack}`;
  return `${release} is ${phase.toLowerCase()}: npm run slipway -- rollouts --stack ${stack}`;
}
