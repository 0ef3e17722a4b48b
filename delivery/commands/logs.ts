import { PassThrough } from "node:stream";
import { CoreV1Api, Log, type V1Pod } from "@kubernetes/client-node";
import { runsToEnd } from "../../config/kinds.ts";
import { cloudWatchLogsCommand } from "../cloudwatch-logs.ts";
import { connectCluster } from "../cluster.ts";
import { readEnvironment, requireServices } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
import { RUN_LABEL, RUN_LABEL_VALUE } from "../jobs/one-off-job.ts";
import { type CommonOptions, printResult, warn } from "../output.ts";
import { readStackFile } from "../stack-file.ts";
import { style } from "../terminal/style.ts";

export interface LogsOptions extends CommonOptions {
  stack: string;
  /** Go on printing new lines until Ctrl-C. @default false */
  follow?: boolean;
  /** Only lines of the last so many seconds. @default - all that `tail` allows */
  since?: number;
  /** Lines of each pod. @default - 200, or all with `since` */
  tail?: number;
  /** The logs of the containers before their last restart. @default false */
  previous?: boolean;
  /** Only the pods of this Job. @default - all pods; of kind cron and job those of the last run */
  job?: string;
}

const JOB_LABEL = "batch.kubernetes.io/job-name";
const LINES = 200;
const COLOURS = ["cyan", "magenta", "yellow", "blue", "green"] as const;

/**
 * Prints the logs of a service's pods, each line after its pod's name.
 *
 * @throws Failure if there are no pods, or no service is named.
 */
export async function logs(service: string | undefined, options: LogsOptions, root: string): Promise<void> {
  const { stack, dryRun, json, since: sinceSeconds, follow = false, previous = false } = options;
  if (follow && json)
    throw new Failure("logs: --json prints one object at the end, so it cannot be used with --follow.");
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  if (service === undefined) {
    const names = environment.services.map(({ name }) => name).join(", ");
    throw new Failure(`logs: name a service of ${stack}: ${names}.`, EXIT.usage);
  }
  requireServices(environment, [service]);
  const { namespace } = environment.config;
  const access = await connectCluster(environment);
  const pods = await listPods(access.makeApiClient(CoreV1Api), namespace, service, options.job);
  const names = pods.map(({ metadata }) => metadata?.name ?? "");
  if (dryRun) return printResult(options, { dryRun, stack, service, pods: names }, names.join("\n"));
  const older = cloudWatchLogsCommand(environment.config, service);
  const olderLines = older === undefined ? "" : ` Lines of pods that are gone: ${older}`;
  if (pods.length === 0) {
    const kind = environment.config.services.find(({ name }) => name === service)?.kind;
    if (runsToEnd(kind)) {
      throw new Failure(
        `logs: ${options.job ?? service} has no pod in namespace ${namespace}: it has not run yet, or its runs are no longer kept. ` +
          `To run it now: npm run slipway -- run ${service} --stack ${stack}.${olderLines}`,
      );
    }
    throw new Failure(
      `logs: no pod of ${options.job ?? service} in namespace ${namespace}. See: npm run slipway -- status --stack ${stack}.${olderLines}`,
    );
  }
  const tailLines = options.tail ?? (sinceSeconds === undefined ? LINES : undefined);
  const choice = { follow, previous, ...(tailLines && { tailLines }), ...(sinceSeconds && { sinceSeconds }) };
  const log = new Log(access);
  const collected: Record<string, string[]> = {};
  await Promise.all(
    names.map(async (pod, index) => {
      const prefix = style(COLOURS[index % COLOURS.length] ?? "cyan", pod, process.stdout);
      const lines: string[] = [];
      collected[pod] = lines;
      const print = (line: string) => (json ? void lines.push(line) : void process.stdout.write(`${prefix} ${line}\n`));
      const stream = new PassThrough({ encoding: "utf8" });
      try {
        await log.log(namespace, pod, service, stream, choice);
        await eachLine(stream, print);
      } catch (error) {
        warn(`The log of ${pod} cannot be read: ${reasonOf(error)}.`);
      }
    }),
  );
  if (json) printResult(options, { stack, service, pods: collected, ...(older && { olderLines: older }) }, "");
  // Not among the lines: they may go to another program.
  else if (older !== undefined) process.stderr.write(`${olderLines.trim()}\n`);
}

async function listPods(core: CoreV1Api, namespace: string, service: string, job?: string): Promise<V1Pod[]> {
  const labelSelector = `app.kubernetes.io/name=${service}${job === undefined ? "" : `,${JOB_LABEL}=${job}`}`;
  try {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return job === undefined ? ofLastRun(items) : items;
  } catch (error) {
    throw new Failure(`logs: the cluster does not list the pods of ${service}: ${reasonOf(error)}.`);
  }
}

/** The pods of the service itself, without those of one-off commands; of those that run to an end, the pods of the last run. */
function ofLastRun(pods: readonly V1Pod[]): V1Pod[] {
  const own = pods.filter(({ metadata }) => metadata?.labels?.[RUN_LABEL] !== RUN_LABEL_VALUE);
  const created = ({ metadata }: V1Pod) => metadata?.creationTimestamp?.valueOf() ?? 0;
  const jobs = own.filter(({ metadata }) => metadata?.labels?.[JOB_LABEL]).sort((a, b) => created(b) - created(a));
  const last = jobs[0]?.metadata?.labels?.[JOB_LABEL];
  return own.filter(({ metadata }) => [undefined, last].includes(metadata?.labels?.[JOB_LABEL]));
}

async function eachLine(stream: PassThrough, print: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(print);
  }
  if (rest !== "") print(rest);
}
