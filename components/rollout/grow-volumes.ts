import type { V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { createsCluster } from "../cluster/creates-cluster.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { growths } from "./immutable-fields.ts";
import { keepVolumeSizes } from "./keep-volume-sizes.ts";
import { lostStatefulSet } from "./lost-stateful-set.ts";
import { claimsOf, hasGrown, requestOf, type VolumeGrowth, withVolumeSize } from "./volume-growth.ts";

const POLL_MILLISECONDS = 1_000;
/** EBS takes seconds to some minutes, and refuses a second growth within six hours. */
const GROWN_WITHIN_SECONDS = 300;
/** The garbage collector lets go of the pods one by one. */
const GONE_WITHIN_SECONDS = 60;
const CREATE_ATTEMPTS = 5;

/**
 * Grows the volumes that the config wants larger, before the first service is rolled out. Claims can grow, but the template that a
 * StatefulSet makes them from cannot change. So the StatefulSet is deleted without its pods, and made again with the new size a moment
 * later. The pods run on, and the new one takes them over.
 *
 * Killed at any point, the next update goes on: with the claims, with the StatefulSet, or with the one that is missing.
 *
 * @throws pulumi.RunError if a volume does not grow. Then the StatefulSet is as before, and no service was rolled out.
 */
export async function growVolumes({
  environment,
  cluster,
}: {
  environment: Environment;
  cluster: ClusterConnection;
}): Promise<void> {
  const { namespace, services } = environment;
  if (pulumi.runtime.isDryRun() || services.every(({ chartFields }) => chartFields.volume === undefined)) return;
  if (await createsCluster(cluster)) return;
  const reader = await cluster.reader();
  const [{ statefulSets }, claims] = await Promise.all([
    reader.workloads(namespace),
    reader.statefulSets.claims(namespace),
  ]);
  const live = { statefulSets, claims };
  await Promise.all(growths(services, live).map((growth) => growService(reader, environment, growth)));
}

async function growService(reader: ClusterReader, environment: Environment, growth: VolumeGrowth): Promise<void> {
  const { namespace, services } = environment;
  const { service: name, size, claims } = growth;
  const service = services.filter((it) => it.name === name);
  const live = await reader.statefulSets.whole(namespace, name);
  const wanted = live
    ? withVolumeSize(live, size)
    : await lostStatefulSet(reader, namespace, service[0] ?? unknown(name));
  if (wanted !== undefined) await refuseUnmakeable(reader, name, wanted);
  if (claims.length > 0) {
    const which = claims.map((claim) => `${claim.metadata?.name} from ${requestOf(claim)}`).join(", ");
    await pulumi.log.info(`${name}: volumes grow to ${size}: ${which}.`);
  }
  await Promise.all(claims.map(({ metadata }) => reader.statefulSets.grow(namespace, metadata?.name ?? "", size)));
  await untilGrown(reader, namespace, growth);
  // Without a StatefulSet and without pods, Helm makes it.
  if (wanted === undefined) return;
  if (live !== undefined) {
    await reader.statefulSets.deleteWithoutPods(live);
    await untilGone(reader, namespace, name);
  }
  await create(reader, name, wanted);
  await keepVolumeSizes(reader, { namespace, services: service }, [wanted]);
  await pulumi.log.info(`${name}: its StatefulSet was made again with volumes of ${size}. Its pods run on.`);
}

/** What the API refuses is known before the StatefulSet is gone. */
async function refuseUnmakeable(reader: ClusterReader, name: string, set: V1StatefulSet): Promise<void> {
  const answer = await reader.dryRun.ask(set, true);
  if (answer === "accepted" || answer === "unknown") return;
  throw new pulumi.RunError(
    `${name}: its volume cannot grow, because its StatefulSet could not be made again: ${answer.message}. Nothing was changed. ` +
      "Correct that first, with the size from before.",
  );
}

async function untilGrown(reader: ClusterReader, namespace: string, { service, size }: VolumeGrowth): Promise<void> {
  const deadline = Date.now() + GROWN_WITHIN_SECONDS * 1000;
  for (;;) {
    const claims = claimsOf(service, await reader.statefulSets.claims(namespace));
    const waiting = claims.filter((claim) => !hasGrown(claim, size)).map(({ metadata }) => metadata?.name ?? "");
    const [first] = waiting;
    if (first === undefined) return;
    if (Date.now() > deadline) {
      const why = (await reader.statefulSets.lastWarning(namespace, first)) ?? "its driver says nothing";
      throw new pulumi.RunError(
        `${service}: ${waiting.join(", ")} did not grow to ${size} within ${GROWN_WITHIN_SECONDS} s: ${why}. No service was rolled out, ` +
          `and the pods of ${service} run as before. See docs/runbooks/grow-a-volume.md, then deploy again: it goes on from here.`,
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}

async function untilGone(reader: ClusterReader, namespace: string, name: string): Promise<void> {
  const deadline = Date.now() + GONE_WITHIN_SECONDS * 1000;
  while ((await reader.statefulSet(namespace, name)) !== undefined) {
    if (Date.now() > deadline)
      throw new pulumi.RunError(
        `${name}: its StatefulSet is not deleted within ${GONE_WITHIN_SECONDS} s. Its pods run on, but nothing replaces one that dies. ` +
          `See kubectl describe statefulset ${name} -n ${namespace}, and deploy again: it goes on from here.`,
      );
    await sleep(POLL_MILLISECONDS / 4);
  }
}

async function create(reader: ClusterReader, name: string, set: V1StatefulSet): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reader.statefulSets.create(set);
    } catch (error) {
      if (attempt < CREATE_ATTEMPTS) await sleep(POLL_MILLISECONDS);
      else
        throw new pulumi.RunError(
          `${name}: its StatefulSet could not be made again (${error instanceof Error ? error.message.split("\n")[0] : error}). ` +
            "Its pods run on, but nothing replaces one that dies. Deploy again at once: it goes on from here.",
        );
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function unknown(name: string): never {
  throw new Error(`${name} is no service of this environment`);
}
