import { PassThrough } from "node:stream";
import { CoreV1Api, Log, type V1Pod } from "@kubernetes/client-node";
import { connectCluster } from "../cluster.ts";
import { readEnvironment, requireServices } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
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
}

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
  const pods = await listPods(access.makeApiClient(CoreV1Api), namespace, service);
  const names = pods.map(({ metadata }) => metadata?.name ?? "");
  if (dryRun) return printResult(options, { dryRun, stack, service, pods: names }, names.join("\n"));
  if (pods.length === 0) {
    throw new Failure(
      `logs: no pod of ${service} in namespace ${namespace}. See: npm run slipway -- status --stack ${stack}`,
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
  if (json) printResult(options, { stack, service, pods: collected }, "");
}

async function listPods(core: CoreV1Api, namespace: string, service: string): Promise<V1Pod[]> {
  const labelSelector = `app.kubernetes.io/name=${service}`;
  try {
    return (await core.listNamespacedPod({ namespace, labelSelector })).items;
  } catch (error) {
    throw new Failure(`logs: the cluster does not list the pods of ${service}: ${reasonOf(error)}.`);
  }
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
