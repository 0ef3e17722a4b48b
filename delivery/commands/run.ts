import { hostname, userInfo } from "node:os";
import {
  BatchV1Api,
  type KubeConfig,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Job,
} from "@kubernetes/client-node";
import { stringify } from "yaml";
import { unlessMissing } from "../../components/cluster/api-requests.ts";
import { clusterErrorReason, connectCluster } from "../cluster.ts";
import { SignalHold } from "../engine/signals.ts";
import { readEnvironment, requireServices } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { followJob, type JobEnd } from "../jobs/follow-job.ts";
import { jobOfCronJob, jobOfPod, leftOutContainers, networkPolicyOf, type RunOrder } from "../jobs/one-off-job.ts";
import { type RunningTemplate, runningTemplate } from "../jobs/running-template.ts";
import { type CommonOptions, formatDuration, info, printResult, warn } from "../output.ts";
import { readStackFile } from "../stack-file.ts";

export interface RunOptions extends CommonOptions {
  stack: string;
  /** Start it, and do not wait for its end. @default false */
  detach?: boolean;
  /** Seconds after which it is stopped. @default - an hour; a run of kind cron or job: what its service says */
  timeout?: number;
}

/**
 * Runs a service of kind cron or job now, or a command in the pod of any service: its image, environment, secrets, role and resources
 * as they run in the cluster. Prints the log, and ends with the exit code.
 *
 * @throws Failure if it cannot start, or nobody knows how it ended.
 */
export async function run(
  service: string | undefined,
  command: readonly string[],
  options: RunOptions,
  root: string,
): Promise<void> {
  const { stack, dryRun, detach, timeout } = options;
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  if (service === undefined) {
    const names = environment.services.map(({ name }) => name).join(", ");
    throw new Failure(`run: name a service of ${stack}: ${names}.`, EXIT.usage);
  }
  requireServices(environment, [service]);
  const { namespace } = environment.config;
  const access = await connectCluster(environment);
  const order: RunOrder = {
    service,
    namespace,
    by: `${userInfo().username}@${hostname()}`,
    ...(command.length > 0 && { command }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
  };
  const running = await runningTemplate(access, namespace, service).catch((error: unknown) => {
    throw new Failure(`run: the cluster does not say what ${service} runs: ${clusterErrorReason(error)}.`);
  });
  const job = await planJob(access, running, order, stack);
  const name = job.metadata?.name ?? "";
  if (dryRun) return printResult(options, { dryRun, stack, service, job }, stringify(job).trimEnd());

  const signals = new SignalHold();
  try {
    const interrupt = new AbortController();
    signals.attach(() => interrupt.abort());
    await startJob(access, job, running);
    if (detach) {
      const follow = `npm run slipway -- logs ${service} --stack ${stack} --job ${name} --follow`;
      return printResult(options, { stack, service, job: name }, `${name} runs. To follow its log: ${follow}`);
    }
    info(`Job ${name} runs ${command.length > 0 ? command.join(" ") : service} in ${namespace}. Ctrl-C stops it.`);
    const began = Date.now();
    // Standard output is the command's own, unless it is for one object.
    const print = (text: string) => void (options.json ? process.stderr : process.stdout).write(text);
    const followed = { namespace, job: name, container: service };
    const { signal } = interrupt;
    const end = await followJob(access, followed, { print, report: info, signal }).catch((error: unknown) => {
      if (signal.aborted) return "interrupted" as const;
      throw new Failure(
        `run: the cluster no longer answers: ${clusterErrorReason(error)}. The Job ${name} may still run. ` +
          `See: npm run slipway -- logs ${service} --stack ${stack} --job ${name}`,
        EXIT.notRun,
      );
    });
    if (end === "interrupted") return await stopJob(access, namespace, name);
    await finish(access, options, { service, namespace, name }, end, (Date.now() - began) / 1000);
  } finally {
    signals.release();
  }
}

async function planJob(
  access: KubeConfig,
  running: RunningTemplate | undefined,
  order: RunOrder,
  stack: string,
): Promise<V1Job> {
  const { service, command } = order;
  if (running === undefined) {
    throw new Failure(
      `run: ${service} does not run in ${order.namespace}. Deploy it: npm run slipway -- deploy --stack ${stack}`,
    );
  }
  if (running.kind === "CronJob") {
    if (command === undefined) await refuseSecondRun(access, running.cronJob.spec?.concurrencyPolicy, order);
    return jobOfCronJob(running.cronJob, order);
  }
  if (command === undefined) {
    throw new Failure(
      `run: ${service} runs all the time, as a ${running.kind}. Give a command to run beside it: ` +
        `npm run slipway -- run ${service} --stack ${stack} -- <command> [arguments]`,
      EXIT.usage,
    );
  }
  const leftOut = leftOutContainers(running.template);
  if (leftOut.length > 0) info(`Without the init containers ${leftOut.join(", ")}.`);
  if (running.kind === "StatefulSet") info(`Without the volume of ${service}: it belongs to its pods.`);
  return jobOfPod(running.template, order);
}

/** The CronJob's controller knows only the runs that it has started. */
async function refuseSecondRun(access: KubeConfig, policy: string | undefined, { namespace, service }: RunOrder) {
  if (policy === "Allow") return;
  const { items } = await access.makeApiClient(BatchV1Api).listNamespacedJob({
    namespace,
    labelSelector: `app.kubernetes.io/instance=${service}`,
  });
  const active = items.find(
    ({ metadata, status }) =>
      (status?.active ?? 0) > 0 &&
      metadata?.ownerReferences?.some(({ kind, name }) => kind === "CronJob" && name === service),
  );
  if (active === undefined) return;
  throw new Failure(
    `run: ${service} runs already, as the Job ${active.metadata?.name}, and its cron.concurrencyPolicy is ${policy ?? "Forbid"}. ` +
      `Wait for its end, or stop it: kubectl delete job ${active.metadata?.name} -n ${namespace}`,
  );
}

/** The pod of a command begins once its network policy is there. */
async function startJob(access: KubeConfig, job: V1Job, running: RunningTemplate | undefined): Promise<void> {
  const { name = "", namespace = "", labels } = job.metadata ?? {};
  const batch = access.makeApiClient(BatchV1Api);
  const networking = access.makeApiClient(NetworkingV1Api);
  let isCreated = false;
  try {
    const created = await batch.createNamespacedJob({ namespace, body: job });
    isCreated = true;
    if (running?.kind === "CronJob") return;
    const service = labels?.["app.kubernetes.io/name"] ?? "";
    const policy = await unlessMissing(networking.readNamespacedNetworkPolicy({ name: service, namespace }));
    if (policy) await networking.createNamespacedNetworkPolicy({ namespace, body: networkPolicyOf(created, policy) });
    await batch.patchNamespacedJob(
      { name, namespace, body: { spec: { suspend: false } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
  } catch (error) {
    if (isCreated) await deleteJob(access, namespace, name).catch(() => {});
    throw new Failure(
      `run: the cluster does not start the Job ${name}: ${clusterErrorReason(error)}. Check that you may create jobs and ` +
        `networkpolicies in ${namespace}.`,
    );
  }
}

async function deleteJob(access: KubeConfig, namespace: string, name: string): Promise<void> {
  const batch = access.makeApiClient(BatchV1Api);
  await unlessMissing(batch.deleteNamespacedJob({ name, namespace, propagationPolicy: "Background" }));
}

async function stopJob(access: KubeConfig, namespace: string, name: string): Promise<void> {
  process.exitCode = EXIT.interrupted;
  try {
    await deleteJob(access, namespace, name);
    info(`The Job ${name} was deleted. Its pod gets a SIGTERM and ends within its grace period.`);
  } catch (error) {
    warn(
      `The Job ${name} could not be deleted, and goes on: ${clusterErrorReason(error)}. To stop it: kubectl delete job ${name} -n ${namespace}`,
    );
  }
}

async function finish(
  access: KubeConfig,
  options: RunOptions,
  { service, namespace, name }: { service: string; namespace: string; name: string },
  { result, exitCode, reason }: JobEnd,
  seconds: number,
): Promise<void> {
  // One whose pod cannot start would try until its deadline.
  if (result === "lost") await deleteJob(access, namespace, name).catch(() => {});
  const codes = { succeeded: EXIT.ok, failed: exitCode ?? EXIT.notRun, timedOut: EXIT.timedOut, lost: EXIT.notRun };
  process.exitCode = codes[result];
  const took = formatDuration(seconds);
  const sentences = {
    succeeded: `${name} succeeded after ${took}.`,
    failed: `${name} failed with exit code ${exitCode} after ${took}${reason ? `: ${reason}` : ""}.`,
    timedOut: `${name} did not end in time and was stopped after ${took}. --timeout and job.activeDeadlineSeconds say how long it may take.`,
    lost: `${name}: nobody knows how it ended: ${reason ?? "no container of it ran to an end"}.`,
  };
  info(sentences[result].replace(/\.\.$/, "."));
  const code = Number(process.exitCode);
  printResult(
    options,
    { stack: options.stack, service, job: name, result, exitCode: code, seconds, ...(reason && { reason }) },
    "",
  );
}
