import { createHash } from "node:crypto";
import type { KubernetesObject } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults, type Service } from "../../config/index.ts";
import { chartPath } from "../charts.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import type { ImagePlans } from "../images/images.ts";
import { lastOutput } from "../last-update.ts";
import { dataOf, SERVICE_CHART, serviceValues } from "../service-values.ts";

const INTRO = "The cluster would refuse what the config asks for. Nothing was changed.";
/** In place of a digest that is known only after the build. */
const UNKNOWN_DIGEST = `sha256:${"0".repeat(64)}`;
/** A preview goes on without an answer: it may have no way to the cluster's API. */
const PREVIEW_WAITS_SECONDS = 10;

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
 * refused before it. Services whose values the last update has deployed are not asked about again. A cluster that this update
 * creates cannot be asked.
 *
 * @returns what the next update need not ask about
 * @throws pulumi.RunError with every refusal
 */
export async function dryRunServices(args: DryRunArgs): Promise<Accepted> {
  const { environment, cluster } = args;
  const known = (await lastOutput<Accepted>("accepted")) ?? {};
  const isNew = cluster.cluster !== undefined && (await lastOutput("platform")) === undefined;
  if (isNew) return {};
  const planned = environment.services.map((service) => ({ service, ...plannedValues(service, args) }));
  const accepted = Object.fromEntries(planned.map(({ service, hash }) => [service.name, hash]));
  const changed = planned.filter(({ service, hash }) => known[service.name] !== hash);
  if (changed.length === 0) return accepted;
  const asked = ask(args, changed);
  const refusals = pulumi.runtime.isDryRun() ? await inTime(asked) : await orRefuse(asked);
  const faults = refusals.map(({ service, kind, message }) => ({
    path: ["services", service],
    message: `its ${kind} is refused: ${message.replace(/\.$/, "")}`,
    hideValue: true,
  }));
  refuseFaults(environment, faults, INTRO);
  return accepted;
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
  { environment, repository, plans }: DryRunArgs,
): Omit<PlannedService, "service"> {
  const plan = plans.byService.get(service.name);
  const digest = plan !== undefined && "digest" in plan ? plan.digest : UNKNOWN_DIGEST;
  const image = service.image ?? `${repository}@${digest}`;
  const data = Object.fromEntries(dataOf(service).map((value) => [value, `${service.name}-dry-run`]));
  const values = serviceValues(service, { image, dns: environment.dns, data });
  const hash = createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16);
  return { values, hash, isImageUnknown: image.endsWith(UNKNOWN_DIGEST) };
}

interface ServiceRefusal {
  service: string;
  kind: string;
  message: string;
}

async function ask(
  { environment, cluster }: DryRunArgs,
  planned: readonly PlannedService[],
): Promise<ServiceRefusal[]> {
  const reader = await cluster.reader();
  // Objects of a namespace that does not exist yet are checked as well in any other.
  const namespace = (await reader.hasNamespace(environment.namespace)) ? environment.namespace : "default";
  const refusals = await Promise.all(planned.map((service) => askService(reader, cluster, namespace, service)));
  return refusals.flat();
}

async function askService(
  reader: ClusterReader,
  cluster: ClusterConnection,
  namespace: string,
  { service: { name }, values, isImageUnknown }: PlannedService,
): Promise<ServiceRefusal[]> {
  const objects = await render(cluster, namespace, name, values);
  const answers = await Promise.all(
    objects.map(async (object) => ({ object, refusal: await reader.dryRun.refusal(object) })),
  );
  const refusals: ServiceRefusal[] = [];
  for (const { object, refusal } of answers) {
    if (refusal === undefined) continue;
    const kind = `${object.kind} ${object.metadata?.name}`;
    if (isImageUnknown && refusal.isByWebhook) {
      await pulumi.log.warn(`${name}: a policy of the cluster may refuse its ${kind}: ${refusal.message}`);
    } else refusals.push({ service: name, kind, message: refusal.message });
  }
  return refusals;
}

/** As Helm would render it. The provider has Helm built in: nobody needs to install it. */
async function render(
  { options }: ClusterConnection,
  namespace: string,
  release: string,
  values: Record<string, unknown>,
): Promise<KubernetesObject[]> {
  const jsonOpts = JSON.stringify({ path: chartPath(SERVICE_CHART), release_name: release, namespace, values });
  const { result } = await pulumi.runtime.invoke(
    "kubernetes:helm:template",
    { jsonOpts },
    { provider: options.provider },
  );
  return (result ?? []) as KubernetesObject[];
}

function orRefuse(asked: Promise<ServiceRefusal[]>): Promise<ServiceRefusal[]> {
  return asked.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(
      `The cluster cannot be asked whether it accepts the services. No service was changed. ${why}`,
    );
  });
}

function inTime(asked: Promise<ServiceRefusal[]>): Promise<ServiceRefusal[]> {
  const late = new Promise<ServiceRefusal[]>((resolve) =>
    setTimeout(resolve, PREVIEW_WAITS_SECONDS * 1000, []).unref(),
  );
  return Promise.race([late, asked.catch(() => [])]);
}
