import { setTimeout as sleep } from "node:timers/promises";
import type { KubeConfig, V1CronJob, V1Pod } from "@kubernetes/client-node";
import type { ServiceSettings } from "../../config/environment.ts";
import { clusterErrorReason, connectCluster } from "../cluster.ts";
import type { StackEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { info, warn } from "../output.ts";
import { formatSpread, formatUneven } from "../spread/format.ts";
import { unevenLines } from "../spread/lines.ts";
import { type Placement, readPlacements } from "../spread/read.ts";
import { jobOf, readTemplate, runJob } from "./job.ts";
import { isMovedAfterDeploy } from "./movable.ts";
import { readSettled } from "./settled.ts";

const POLL_MILLISECONDS = 2_000;
/** All services together. What is left is for the descheduler's interval. */
const MOST_SECONDS = 300;
/** Services whose pods move at the same time. Of each it is one pod. */
const AT_ONCE = 3;

/** A pod that was evicted, and where the service got another in its place. */
export interface MovedPod {
  service: string;
  from: string;
  to: string;
}

interface Run {
  access: KubeConfig;
  namespace: string;
  template: V1CronJob;
  /** Milliseconds since 1970. */
  end: number;
  moved: MovedPod[];
}

/**
 * Moves pods of the stack's services from crowded nodes, one of each service at a time: a Job of the descheduler evicts it, and the next
 * waits until the service is whole again. A failure is a warning: the deploy stands.
 */
export async function rebalance(environment: StackEnvironment): Promise<MovedPod[]> {
  const { namespace, services } = environment.config;
  const moved: MovedPod[] = [];
  try {
    const access = await connectCluster(environment);
    const placements = await readPlacements(access, namespace);
    const isUneven = (service: ServiceSettings) => placements[service.name]?.spread.uneven !== undefined;
    const uneven = services.filter(isUneven);
    for (const { name } of uneven.filter((service) => !isMovedAfterDeploy(service))) {
      for (const line of unevenLines(environment.config, { [name]: placements[name] ?? {} })) warn(line);
    }
    const queue = uneven.filter(isMovedAfterDeploy).map(({ name }) => name);
    if (queue.length === 0) {
      info("Rebalance: no pod has to move.");
      return moved;
    }
    const run = {
      access,
      namespace,
      moved,
      template: await readTemplate(access),
      end: Date.now() + MOST_SECONDS * 1000,
    };
    const work = async () => {
      for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
        await evenOut(run, service).catch((error: unknown) => warnOf(service, error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    warnOf(undefined, error);
  }
  return moved;
}

async function evenOut(run: Run, service: string): Promise<void> {
  const { access, namespace, template, end } = run;
  if (!(await readSettled(access, namespace)).get(service)?.isSettled) {
    return info(`Rebalance: ${service} is left as it is: a rollout is under way, or waits to be promoted.`);
  }
  let placement = await placementOf(run, service);
  const first = placement.spread;
  for (let { uneven } = first; uneven; { uneven } = placement.spread) {
    if (Date.now() > end) throw new Failure(`${formatUneven(service, uneven)}. The time of ${MOST_SECONDS} s is up`);
    const before = placement;
    const name = await runJob(access, jobOf(template, service));
    const from = nodesOfNew(before, await placementOf(run, service));
    if (from.length === 0) {
      throw new Failure(
        `${formatUneven(service, uneven)}, but the descheduler moved none. Why, says kubectl logs job/${name} -n ${template.metadata?.namespace}: ` +
          "mostly a disruption budget, or a node that has no room after all",
      );
    }
    placement = await untilWhole(run, service);
    const to = nodesOfNew(placement, before);
    run.moved.push(...from.map((node, index) => ({ service, from: node, to: to[index] ?? "" })));
    info(`Rebalance: ${service}: a pod left ${from.join(", ")}, a new one runs on ${to.join(", ")}.`);
    if (to.some((node) => from.includes(node))) {
      throw new Failure(`${formatUneven(service, uneven)}, but the scheduler took that node again`);
    }
  }
  info(`Rebalance: ${formatSpread(service, placement.spread, first)}.`);
}

async function placementOf({ access, namespace }: Run, service: string): Promise<Placement> {
  return (await readPlacements(access, namespace))[service] ?? { pods: [], spread: { nodes: {}, zones: {} } };
}

/** Nodes of the pods that the other look does not have. */
function nodesOfNew({ pods }: Placement, other: Placement): string[] {
  const known = new Set(other.pods.map(({ metadata }) => metadata?.uid));
  return pods.flatMap(({ metadata, spec }) => (known.has(metadata?.uid) ? [] : (spec?.nodeName ?? [])));
}

/** Waits until as many pods are ready as before, for minReadySeconds too. */
async function untilWhole(run: Run, service: string): Promise<Placement> {
  const { access, namespace, end } = run;
  for (;;) {
    const { isSettled = false, desired = 0 } = (await readSettled(access, namespace)).get(service) ?? {};
    const placement = await placementOf(run, service);
    // The workload's own status is a little late.
    const ready = placement.pods.filter(isReady).length;
    if (isSettled && ready >= desired) return placement;
    if (Date.now() > end) {
      throw new Failure(`a pod was moved, and ${ready} of ${desired} pods are ready after ${MOST_SECONDS} s`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}

function warnOf(service: string | undefined, error: unknown): void {
  const why = clusterErrorReason(error).replace(/\.$/, "");
  warn(`Pods were not evened out${service === undefined ? "" : `, ${service}`}: ${why}. The deploy stands.`);
}
