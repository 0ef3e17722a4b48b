/** Folder of the config, relative to the project. */
export const STACKS_FOLDER = "stacks";
/** The file that all environments share, relative to the project. */
export const SERVICES_FILE = `${STACKS_FOLDER}/services.yaml`;

/** Key of the stack's config that holds the release. */
export const RELEASE_KEY = "slipway:release";
/** Key of the stack's config that holds its part of the environment. */
export const ENVIRONMENT_KEY = "slipway:environment";

/** Path of a stack's file, relative to the project. */
export function stackFileOf(stack: string): string {
  return `${STACKS_FOLDER}/Pulumi.${stack}.yaml`;
}

/** The stack whose file has this name, such as `Pulumi.dev.yaml`; undefined for any other file. */
export function stackOfFile(name: string): string | undefined {
  return /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1];
}

/** Key of the stack's config that holds a service's secret. */
export function secretKey(service: string, variable: string): string {
  return `slipway:secret.${service}.${variable}`;
}

/** Secret config with which Argo CD reads the manifests repository. */
export const GITOPS_SECRETS = {
  password: "slipway:gitops.password",
  githubAppKey: "slipway:gitops.githubAppKey",
} as const;

/** Secret config with which Argo CD writes to Slack, by the way it does. */
export const SLACK_SECRETS = {
  webhook: "slipway:gitops.slackWebhookUrl",
  token: "slipway:gitops.slackToken",
} as const;

/** Branch of the manifests repository that Argo CD syncs, unless the config gives another. */
export function manifestsBranch(stack: string): string {
  return `env/${stack}`;
}

/** Name of an EKS cluster, unless the config gives another. */
export function defaultClusterName(namespace: string, stack: string): string {
  return `${namespace}-${stack}`;
}

/** Release of a service: its own tag if it has one, otherwise the stack's release. */
export function releaseOf(tag: string | undefined, release: string): string {
  return tag ?? release;
}

/** Tag of a service's image. One repository holds the images of all services, so the service is part of the tag. */
export function imageTag({ name, release }: { name: string; release: string }): string {
  return `${name}-${release}`;
}

/**
 * Tags that keep an image while an environment needs it.
 *
 * - `next`: what the running update rolls out.
 * - `current`: what the last successful update rolled out.
 * - `previous`: what that update replaced.
 */
export type DeployedSlot = "next" | "current" | "previous";

/** A service's name has no dot and a release's tag has a dash before its first dot, so the two cannot be confused. */
const DEPLOYED_PREFIX = "deployed.";

/** Tags that move from image to image. All others are set once. */
export const DEPLOYED_TAGS = `${DEPLOYED_PREFIX}*`;

/** Tag that keeps an image while an environment needs it. */
export function deployedTag(stack: string, service: string, slot: DeployedSlot): string {
  return `${DEPLOYED_PREFIX}${stack}.${service}.${slot}`;
}

/**
 * Name of the Service without pods that exists for a rollout of the service. Helm waits for it like for any Service, so deleting it
 * ends Helm's wait: see charts/service/templates/rollout-gates.yaml.
 */
export function rolloutGate(service: string): string {
  return `${service}-rollout`;
}

/** Namespace of the controller that carries out the blue/green and canary rollouts of a namespace of services. */
export function rolloutsNamespace(servicesNamespace: string): string {
  return `${servicesNamespace}-rollouts`;
}

/** The same, for a cluster whose controller is not that of the stack: that of Argo Rollouts' own manifests. */
export function controllerNamespace(isOwn: boolean | undefined, servicesNamespace: string): string {
  return isOwn === false ? "argo-rollouts" : rolloutsNamespace(servicesNamespace);
}

/** Namespace of the Argo CD of a namespace of services. A cluster may have several environments. */
export function argoCdNamespace(servicesNamespace: string): string {
  return `${servicesNamespace}-argocd`;
}

/** Name of the Argo CD Application of a service. One Argo CD may serve several stacks. */
export function applicationName(stack: string, service: string): string {
  return `${stack}-${service}`;
}

/** Name of the Service whose pods are those of the new version, before it is promoted: see charts/service. */
export function previewService(service: string): string {
  return `${service}-preview`;
}

/** Name of the headless Service that gives the pods of a stateful service their names: see charts/service. */
export function headlessService(service: string): string {
  return `${service}-headless`;
}

/** IngressClass of the ingress controller of charts/traefik. */
export const INGRESS_CLASS = "traefik";

/** Namespace of the ingress controller. charts/service lets it connect. */
export const INGRESS_NAMESPACE = "ingress";

/** Namespace of the Prometheus add-on of an environment. A cluster may have several environments. */
export function prometheusNamespace(servicesNamespace: string): string {
  return `${servicesNamespace}-prometheus`;
}

/** Address of the Prometheus add-on. */
export function prometheusUrl(servicesNamespace: string): string {
  return `http://prometheus.${prometheusNamespace(servicesNamespace)}.svc:9090`;
}

/** Names of the Services whose pods are those of one version, and of the pods of a smoke test: see charts/service. */
export function canaryNames(service: string): string[] {
  return ["stable", "canary", "smoke"].map((suffix) => `${service}-${suffix}`);
}

/** How hosts are reached from outside. */
export interface UrlForm {
  scheme: "http" | "https";
  /** @default - the scheme's own */
  port?: number | undefined;
}

/** How a service is reached whose Ingress has a certificate or not: with one, by HTTPS, whatever the environment says. */
export function urlFormOf(hasTls: boolean, url: UrlForm): UrlForm {
  return hasTls && url.scheme === "http" ? { scheme: "https" } : url;
}

/** Where a service answers. */
export function publicUrl(host: string, path: string, { scheme, port }: UrlForm): string {
  return `${scheme}://${host}${port === undefined ? "" : `:${port}`}${path === "/" ? "" : path}`;
}

/** Pulumi's type of a Helm release. */
export const HELM_RELEASE = "kubernetes:helm.sh/v3:Release";
