import { canaryTimes, measuresRequests, routesCanary } from "./canary.ts";
import { CHART_DEFAULTS, JOB_DEADLINE_SECONDS, ROLLOUT_DEFAULTS, TRAEFIK_DEFAULTS } from "./defaults.ts";
import type {
  AddonSettings,
  DeliveryConfig,
  EksClusterConfig,
  EksTarget,
  EnvironmentSettings,
  ExistingTarget,
  GitOpsConfig,
  NetworkConfig,
  RegistryConfig,
  ServiceSettings,
} from "./environment.ts";
import type { Sources } from "./fault.ts";
import { runsToEnd, workloadOf } from "./kinds.ts";
import {
  controllerNamespace,
  defaultClusterName,
  manifestsBranch,
  prometheusNamespace,
  prometheusUrl,
  releaseOf,
} from "./naming.ts";
import { resolvePod } from "./pod-settings.ts";
import { resolvePolicies } from "./policy-rules.ts";
import { usesArgoRollouts } from "./rollout-strategy.ts";
import { rolloutTimeout } from "./rollout-timeout.ts";
import { pathsOf, routesOf } from "./routes.ts";
import { type ExistingNetwork, NETWORK_DEFAULTS } from "./schema/cluster.ts";
import type { ParsedEnvironment } from "./schema/environment.ts";
import type { ParsedService } from "./schema/service/index.ts";
import { sidecarStart } from "./sidecar-start.ts";

type ParsedEksCluster = Extract<ParsedEnvironment["cluster"], { target: "eks" }>;

/** What the environment's own fields do not say. */
export interface StackContext {
  /** The stack's name. */
  stack: string;
  /** `slipway:release` */
  release: string;
  sources: Sources;
}

/**
 * The environment with every default that depends on other fields, on the stack or on a chart. The schema has filled in
 * the others.
 *
 * @param environment without faults: see rules/
 */
export function resolveEnvironment(
  environment: ParsedEnvironment,
  { stack, release, sources }: StackContext,
): EnvironmentSettings {
  const { namespace, createNamespace, protect, rebalance, url, dns, records, services } = environment;
  return {
    name: stack,
    release,
    namespace,
    createNamespace,
    protect,
    policies: resolvePolicies(environment),
    rebalance,
    url,
    dns,
    records,
    gitops: resolveGitOps(environment.delivery, stack),
    addons: resolveAddons(environment),
    services: Object.entries(services)
      .filter(([, { enabled }]) => enabled)
      .map(([name, service]) => ({
        ...resolveService(name, withIngress(service, environment.ingress), release),
        analysisValues: analysisValues(service, environment),
      })),
    knownServices: Object.keys(services),
    sources,
    ...resolveTarget(environment, stack),
  };
}

/** Where the controller asks about a canary, and where it asks from. */
function analysisValues(
  service: ParsedService,
  { addons, namespace }: ParsedEnvironment,
): ServiceSettings["analysisValues"] {
  const { url } = resolvePrometheus(addons.prometheus, namespace);
  return {
    ...(measuresRequests(service) && { prometheus: url }),
    ...(service.rollout?.analysis?.path !== undefined && {
      rolloutsNamespace: controllerNamespace(addons.argoRollouts.enabled, namespace),
    }),
  };
}

function resolvePrometheus(
  { enabled, url, namespace, ...values }: ParsedEnvironment["addons"]["prometheus"],
  servicesNamespace: string,
): AddonSettings["prometheus"] {
  if (!enabled) return { enabled, values, url, namespace };
  return {
    enabled,
    values,
    url: prometheusUrl(servicesNamespace),
    namespace: prometheusNamespace(servicesNamespace),
  };
}

/** A service with hosts, with the environment's ingress controller unless it names one of its own. */
function withIngress(service: ParsedService, ingress: ParsedEnvironment["ingress"]): ParsedService {
  const isOwn = service.ingressClass !== undefined || service.ingressNamespace !== undefined;
  if (ingress === undefined || isOwn || !service.hosts?.length) return service;
  return { ...service, ingressClass: ingress.class, ingressNamespace: ingress.namespace };
}

function resolveTarget(environment: ParsedEnvironment, stack: string): ExistingTarget | EksTarget {
  const { cluster, aws, registry, loadBalancer, alerts, artifacts, delivery } = environment;
  const { repository, ...images } = environment.images;
  if (cluster.target === "existing") return { cluster, images: { ...images, repository: given(repository) } };
  return {
    cluster: resolveCluster(cluster, environment.namespace, stack, given(aws).zones),
    images,
    aws: given(aws),
    registry: resolveRegistry(given(registry), given(aws).accountId),
    loadBalancer,
    alerts,
    artifacts,
    delivery: delivery?.github && resolveDelivery(delivery.github, delivery.state, stack),
  };
}

function resolveCluster(
  cluster: ParsedEksCluster,
  namespace: string,
  stack: string,
  zoneNames: readonly string[] | undefined,
): EksClusterConfig {
  const { name = defaultClusterName(namespace, stack), network } = cluster;
  return { ...cluster, name, network: resolveNetwork(network, zoneNames) };
}

/**
 * A VPC of the stack's own, unless the config has an existing one's id.
 *
 * @param zoneNames `aws.zones`, whose number is that of the zones.
 */
export function resolveNetwork(network: ParsedEksCluster["network"], zoneNames?: readonly string[]): NetworkConfig {
  if (network.vpcId !== undefined) return network as ExistingNetwork;
  const { cidr, zones, nat } = { ...NETWORK_DEFAULTS, ...network };
  return { cidr, zones: zoneNames?.length ?? zones, nat };
}

function resolveRegistry(registry: NonNullable<ParsedEnvironment["registry"]>, ownAccount: string): RegistryConfig {
  const { accountId = ownAccount } = registry;
  return { ...registry, accountId };
}

type ParsedDelivery = NonNullable<ParsedEnvironment["delivery"]>;

function resolveDelivery(
  github: NonNullable<ParsedDelivery["github"]>,
  state: ParsedDelivery["state"],
  stack: string,
): DeliveryConfig {
  const { environment = stack } = github;
  return { github: { ...github, environment }, ...(state && { state }) };
}

function resolveGitOps(delivery: ParsedEnvironment["delivery"], stack: string): GitOpsConfig | undefined {
  if (delivery?.mode !== "gitops") return undefined;
  const { branch = manifestsBranch(stack), path = "", ...rest } = given(delivery.gitops);
  return { ...rest, branch, path, githubApp: rest.githubApp, slack: rest.slack };
}

export function resolveAddons({
  addons,
  cluster,
  namespace,
  services = {},
  delivery,
}: {
  addons: ParsedEnvironment["addons"];
  cluster: { target: "eks" | "existing" };
  namespace: string;
  services?: Record<string, ParsedService>;
  delivery?: ParsedEnvironment["delivery"];
}): AddonSettings {
  const traefik = split(addons.traefik);
  const { replicas = TRAEFIK_DEFAULTS.replicas } = addons.traefik;
  // The descheduler moves pods. An existing cluster may run one already.
  const { enabled = cluster.target === "eks" } = addons.descheduler;
  const { enabled: hasRollouts = Object.values(services).some(isArgoRollout) } = addons.argoRollouts;
  const { enabled: hasArgoCd = delivery?.mode === "gitops" } = addons.argoCd;
  return {
    traefik: { ...traefik, replicas },
    metricsServer: split(addons.metricsServer),
    descheduler: split({ ...addons.descheduler, enabled }),
    argoRollouts: split({ ...addons.argoRollouts, enabled: hasRollouts }),
    prometheus: resolvePrometheus(addons.prometheus, namespace),
    argoCd: split({ ...addons.argoCd, enabled: hasArgoCd }),
  };
}

function isArgoRollout({ enabled, rollout }: ParsedService): boolean {
  return enabled && usesArgoRollouts(rollout?.strategy);
}

function split<T extends { enabled: boolean }>({
  enabled,
  ...values
}: T): { enabled: boolean; values: Omit<T, "enabled"> } {
  return { enabled, values };
}

export function resolveService(name: string, service: ParsedService, release: string): ServiceSettings {
  const { enabled, renamedFrom, tag, build, image, config, secrets, rollout, migration, aws, ...ownFields } = service;
  const { files, secretFiles, secretRefs, initContainers, sidecars, patch, ...fields } = ownFields;
  const {
    timeoutSeconds,
    maxRestarts = ROLLOUT_DEFAULTS.maxRestarts,
    canarySeconds = ROLLOUT_DEFAULTS.canarySeconds,
    ...chartRollout
  } = rollout ?? {};
  const { hosts = [], resources } = fields;
  const kind = workloadOf(fields.kind ?? CHART_DEFAULTS.kind);
  // Of what runs to an end, no pod has to be there.
  const { min = runsToEnd(kind) ? 0 : CHART_DEFAULTS.replicas, max = min } = fields.replicas ?? {};
  const { startupSeconds } = { ...CHART_DEFAULTS.probes, ...fields.probes };
  const { minReadySeconds, progressDeadlineSeconds, canaryPods, ...step } = {
    ...CHART_DEFAULTS.rollout,
    ...chartRollout,
  };
  const { strategy, previewSeconds } = step;
  const shutdown = { ...CHART_DEFAULTS.shutdown, ...fields.shutdown };
  const pace = {
    kind,
    replicas: { min, max },
    ...step,
    startupSeconds,
    sidecarSeconds: sidecarStart(service),
    hasInitContainers: Object.keys(initContainers ?? {}).length > 0,
    minReadySeconds,
    progressDeadlineSeconds,
    previewSeconds,
    canarySeconds: canaryPods > 0 ? canarySeconds : 0,
    ...(strategy === "canary" && { canary: { ...canaryTimes(rollout), isRouted: routesCanary(service) } }),
    shutdown,
    activeDeadlineSeconds: fields.job?.activeDeadlineSeconds ?? JOB_DEADLINE_SECONDS[kind === "job" ? "job" : "cron"],
  };
  return {
    name,
    renamedFrom,
    release: releaseOf(tag, release),
    build,
    image,
    secretNames: secrets,
    ...resolvePod(service),
    kind,
    hosts,
    path: pathsOf(fields)[0]?.path ?? CHART_DEFAULTS.path,
    routes: routesOf(fields),
    tls: Boolean(fields.ingress?.tls),
    replicas: { min, max },
    resources,
    probes: { startupSeconds },
    rollout: {
      strategy,
      minReadySeconds,
      progressDeadlineSeconds,
      timeoutSeconds: timeoutSeconds ?? rolloutTimeout(pace),
      maxRestarts,
      canary: canaryPods > 0 ? { pods: canaryPods, seconds: canarySeconds } : undefined,
    },
    shutdown,
    migration,
    aws,
    analysisValues: {},
    chartFields: rollout === undefined ? fields : { ...fields, rollout: chartRollout },
  };
}

/** The rules have refused an environment without it. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("resolveEnvironment needs a config that the rules have accepted");
  return value;
}
