import { KubeConfig, type RequestContext } from "@kubernetes/client-node";
import { kubeconfigOf } from "../components/aws/cluster/kubeconfig.ts";
import { isEks } from "../config/environment.ts";
import type { StackEnvironment } from "./environment.ts";
import { Failure, reasonOf } from "./failure.ts";
import { info, warn } from "./output.ts";
import { runningServices, type ServiceStatus, serviceTable } from "./running-services.ts";
import { spreadLines, unevenLines } from "./spread/lines.ts";
import { type Placement, readPlacements } from "./spread/read.ts";
import type { Spread } from "./spread/spread.ts";

/** An API server that takes a connection and never answers must not hold up a deploy that has succeeded. */
const ANSWER_MILLISECONDS = 20_000;

/** Access whose requests fail if the cluster does not answer in time. */
class TimedKubeConfig extends KubeConfig {
  override async applySecurityAuthentication(request: RequestContext): Promise<void> {
    request.setSignal(AbortSignal.timeout(ANSWER_MILLISECONDS));
    await super.applySecurityAuthentication(request);
  }
}

/** Why the cluster gave no answer. */
export function clusterErrorReason(error: unknown): string {
  const isTimeout = error instanceof Error && /^(AbortError|TimeoutError)$/.test(error.name);
  return isTimeout ? `no answer within ${ANSWER_MILLISECONDS / 1000} s` : reasonOf(error);
}

/**
 * Access to the environment's cluster: through the kubeconfig context that the config names, or as EKS describes the cluster.
 *
 * @throws Failure if the context does not exist, or EKS does not describe the cluster.
 */
export async function connectCluster({ config }: StackEnvironment): Promise<KubeConfig> {
  const access = new TimedKubeConfig();
  if (!isEks(config)) {
    const { cluster } = config;
    if (cluster.kubeconfig) access.loadFromFile(cluster.kubeconfig);
    else access.loadFromDefault();
    if (!access.getContexts().some(({ name }) => name === cluster.context)) {
      throw new Failure(
        `cluster.context: the kubeconfig has no context "${cluster.context}". Point KUBECONFIG at the right file.`,
      );
    }
    access.setCurrentContext(cluster.context);
    return access;
  }
  const { region } = config.aws;
  const { name } = config.cluster;
  const { DescribeClusterCommand, EKSClient } = await import("@aws-sdk/client-eks");
  const eks = new EKSClient({ region, requestHandler: { requestTimeout: ANSWER_MILLISECONDS } });
  try {
    const { cluster: found } = await eks.send(new DescribeClusterCommand({ name }));
    const certificateAuthority = found?.certificateAuthority?.data ?? "";
    access.loadFromString(kubeconfigOf({ name, endpoint: found?.endpoint ?? "", certificateAuthority, region }));
    return access;
  } catch (error) {
    throw new Failure(`EKS cannot describe the cluster ${name}: ${reasonOf(error)}. Sign in, or check AWS_PROFILE.`);
  } finally {
    eks.destroy();
  }
}

/** Access through a context of the kubeconfig. @param context @default - the current one. @throws Failure if there is none. */
export function connectContext(context?: string): KubeConfig {
  const access = new TimedKubeConfig();
  access.loadFromDefault();
  const name = context ?? access.getCurrentContext();
  if (!access.getContexts().some((known) => known.name === name)) {
    const known = access.getContexts().map((one) => one.name);
    throw new Failure(
      `The kubeconfig has no context ${JSON.stringify(name ?? "")}. It has ${known.join(", ") || "none"}. Name one, or point KUBECONFIG at the right file.`,
    );
  }
  access.setCurrentContext(name);
  return access;
}

/** @throws Failure if the cluster cannot be reached or refuses. */
export async function readRunningServices(environment: StackEnvironment): Promise<Record<string, ServiceStatus>> {
  return readServices(environment, async () => ({}));
}

/** The same, with where the pods run. */
export async function readSpreadServices(environment: StackEnvironment): Promise<Record<string, ServiceStatus>> {
  return readServices(environment, readPlacements);
}

async function readServices(
  environment: StackEnvironment,
  placementsOf: typeof readPlacements,
): Promise<Record<string, ServiceStatus>> {
  const { namespace, url } = environment.config;
  const access = await connectCluster(environment);
  const placements = placementsOf(access, namespace).catch((): Record<string, Placement> => ({}));
  const services = await runningServices(access, namespace, url).catch((error: unknown) => {
    throw new Failure(
      `The cluster of ${environment.stack} does not list its services: ${clusterErrorReason(error)}. Check that it is up, and that you may read the namespace ${namespace}.`,
    );
  });
  for (const [name, { spread }] of Object.entries(await placements)) {
    if (services[name]) services[name].spread = spread;
  }
  return services;
}

/**
 * Prints what runs after an update, successful or not. If the cluster does not answer, that is a warning.
 *
 * @param before where the services that the update changed ran before it
 * @param evensOut whether uneven pods are moved next, so that nobody has to be warned of them
 * @returns what it printed
 */
export async function printRunningServices(
  environment: StackEnvironment,
  { before, evensOut }: { before: Record<string, Spread | undefined>; evensOut: boolean },
): Promise<Record<string, ServiceStatus> | undefined> {
  try {
    const services = await readSpreadServices(environment);
    const spreads = Object.entries(before).flatMap(([name, spread]) => spreadLines(name, services[name], spread));
    info([`\nWhat runs now:`, serviceTable(services), ...spreads].join("\n"));
    if (!evensOut) for (const line of unevenLines(environment.config, services)) warn(line);
    return services;
  } catch (error) {
    warn(`Running services cannot be shown: ${reasonOf(error)}.`);
    return undefined;
  }
}
