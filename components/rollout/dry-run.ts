import { createHash } from "node:crypto";
import type { KubernetesObject } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, isEks, refuseFaults, type Service } from "../../config/index.ts";
import { enabledAddons } from "../addons/list.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { createsCluster } from "../cluster/creates-cluster.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import type { ImagePlans } from "../images/images.ts";
import { lastOutput } from "../last-update.ts";
import { migrationObjects } from "../migrations/job.ts";
import { type PolicyReview, reviewPolicies } from "../policy-faults.ts";
import { dataOf, serviceValues } from "../service-values.ts";
import { inTime } from "./in-time.ts";
import { renderService } from "./render-service.ts";

const INTRO = "The cluster would refuse what the config asks for. No service was changed.";
const POLICY_INTRO =
  "The config breaks policies of this environment. No service was changed. What each is for, and how to make an exception: docs/policy.md.";
/** In place of a digest that is known only after the build. */
const UNKNOWN_DIGEST = `sha256:${"0".repeat(64)}`;
/** Services that are asked about at once. Each has about ten objects, and the API serves others too. */
const SERVICES_AT_ONCE = 8;
/** Waits before a request is sent again to an API that is busy. */
const RETRY_MILLISECONDS = [1_000, 2_000, 4_000];
/** ingress-nginx refuses a host that another Ingress has. That one may give it up in this very update: see host-moves.ts. */
const HOST_TAKEN = /already defined in ingress/;

export interface DryRunArgs {
  environment: Environment;
  cluster: ClusterConnection;
  /** Repository of the services' own images. */
  repository: string;
  plans: ImagePlans;
}

/** For each service, a hash of what the cluster has accepted: the stack's output `accepted`. */
export type Accepted = Record<string, string>;

/**
 * Asks the API server for every object of every service whether it would accept it: what the API refuses in the middle of a deploy is
 * refused before it. The policies are asked about the same objects. Services whose values the last update has deployed are not asked about again. A cluster that this update
 * creates cannot be asked.
 *
 * @returns what the next update need not ask about
 * @throws pulumi.RunError with every refusal
 */
export async function dryRunServices(args: DryRunArgs): Promise<Accepted> {
  const { environment, cluster } = args;
  const known = (await lastOutput<Accepted>("accepted")) ?? {};
  if (await createsCluster(cluster)) return {};
  const planned = environment.services.map((service) => ({ service, ...plannedValues(service, args) }));
  const changed = planned.filter(({ service, hash }) => known[service.name] !== hash);
  if (changed.length === 0) return known;
  const asked = askAll(args, changed);
  const answers = pulumi.runtime.isDryRun() ? await inTime(asked, []) : await orRefuse(asked);
  const broken = answers.flatMap(({ review }) => review.faults);
  const faults = answers.flatMap(({ service, refusals }) =>
    refusals.map(({ kind, message }) => ({
      path: ["services", service],
      message: `its ${kind} is refused: ${message.replace(/\.$/, "")}`,
      hideValue: true,
    })),
  );
  refuseFaults(environment, [...faults, ...broken], faults.length > 0 ? INTRO : POLICY_INTRO);
  const uncertain = changed.filter(({ service }) => !answers.some((it) => it.service === service.name && it.isCertain));
  const accepted = planned.filter((service) => !uncertain.includes(service));
  return Object.fromEntries(accepted.map(({ service, hash }) => [service.name, hash]));
}

interface PlannedService {
  service: Service;
  values: Record<string, unknown>;
  hash: string;
  /** The image is not built yet, so a policy that looks into it cannot be asked. */
  isImageUnknown: boolean;
}

function plannedValues(
  service: Service,
  { environment, cluster, repository, plans }: DryRunArgs,
): Omit<PlannedService, "service"> {
  const plan = plans.byService.get(service.name);
  const digest = plan !== undefined && "digest" in plan ? plan.digest : UNKNOWN_DIGEST;
  const image = service.image ?? `${repository}@${digest}`;
  const data = Object.fromEntries(dataOf(service).map((value) => [value, `${service.name}-dry-run`]));
  const ingressRanges = cluster.ingress?.controllerRanges;
  const values = serviceValues(service, { image, dns: environment.dns, ingressRanges, data });
  const where = [environment.namespace, isEks(environment) ? environment.cluster.name : environment.cluster];
  const hash = createHash("sha256")
    .update(JSON.stringify([where, values, ...(service.migration ? [service.migration] : [])]))
    .digest("hex")
    .slice(0, 16);
  return { values, hash, isImageUnknown: image.endsWith(UNKNOWN_DIGEST) };
}

interface ServiceAnswer {
  service: string;
  refusals: { kind: string; message: string }[];
  review: PolicyReview;
  /** Every object was answered by yes or no, and none breaks a policy: the policies may be stricter next time. */
  isCertain: boolean;
}

interface Place {
  namespace: string;
  /** Nothing of the services is there yet. */
  isEmpty: boolean;
}

async function askAll(
  { environment, cluster }: DryRunArgs,
  planned: readonly PlannedService[],
): Promise<ServiceAnswer[]> {
  const reader = await cluster.reader();
  const exists = await reader.hasNamespace(environment.namespace);
  // Fields are the same in every namespace, so another one stands in for one that does not exist yet.
  const place = exists ? { namespace: environment.namespace, isEmpty: false } : { namespace: "default", isEmpty: true };
  // The first alone: what the client looks up for it, it knows for the others.
  const groups = new Set(enabledAddons(environment).map(({ group }) => group));
  const answers = [];
  for (let at = 0; at < planned.length; at += at === 0 ? 1 : SERVICES_AT_ONCE) {
    const next = planned.slice(at, at === 0 ? 1 : at + SERVICES_AT_ONCE);
    answers.push(
      ...(await Promise.all(
        next.map((service) => askService(reader, { environment, cluster }, place, service, groups)),
      )),
    );
  }
  return answers;
}

async function askService(
  reader: ClusterReader,
  { environment, cluster }: Pick<DryRunArgs, "environment" | "cluster">,
  { namespace, isEmpty }: Place,
  { service, values, isImageUnknown }: PlannedService,
  groups: ReadonlySet<string | undefined>,
): Promise<ServiceAnswer> {
  const { name } = service;
  const rendered = await renderService(cluster, namespace, name, values);
  const objects = [...rendered, ...objectsOfMigration(rendered, service, namespace, String(values.image))];
  const review = await reviewPolicies(environment, service, objects);
  const refusals: ServiceAnswer["refusals"] = [];
  let isCertain = review.isClean;
  for (const object of objects) {
    const answer = await patiently(() => reader.dryRun.ask(object, isEmpty));
    if (answer === "accepted") continue;
    if (answer === "unknown") {
      isCertain = false;
      continue;
    }
    const { message, isByWebhook, isUnknownKind } = answer;
    if (isUnknownKind && groups.has(object.apiVersion?.split("/")[0])) {
      // The add-on that brings the kind is installed later in this update.
      isCertain = false;
      continue;
    }
    const kind = `${object.kind} ${object.metadata?.name}`;
    if (isByWebhook && (isImageUnknown || isEmpty || HOST_TAKEN.test(message))) {
      isCertain = false;
      await pulumi.log.warn(`${name}: a policy of the cluster may refuse its ${kind}: ${message}`);
    } else refusals.push({ kind, message });
  }
  return { service: name, refusals, review, isCertain };
}

function objectsOfMigration(
  rendered: readonly KubernetesObject[],
  { name, release, migration }: Service,
  namespace: string,
  image: string,
): KubernetesObject[] {
  if (migration === undefined) return [];
  const { job, networkPolicy } = migrationObjects(rendered, {
    service: name,
    release,
    namespace,
    config: migration,
    image,
  });
  return [job, networkPolicy];
}

async function patiently<T>(request: () => Promise<T>): Promise<T> {
  for (const milliseconds of RETRY_MILLISECONDS) {
    try {
      return await request();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
  }
  return request();
}

function orRefuse(asked: Promise<ServiceAnswer[]>): Promise<ServiceAnswer[]> {
  return asked.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(
      `The cluster cannot be asked whether it accepts the services. No service was changed. ${why}`,
    );
  });
}
