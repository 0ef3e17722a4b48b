import type { z } from "zod";
import type { Sources } from "./fault.ts";
import type { WorkloadKind } from "./kinds.ts";
import type { PodSettings } from "./pod-settings.ts";
import type { Policies } from "./policy-rules.ts";
import type { RolloutStrategy } from "./rollout-strategy.ts";
import type {
  argoCdSchema,
  argoRolloutsSchema,
  deschedulerSchema,
  metricsServerSchema,
  prometheusSchema,
  traefikSchema,
} from "./schema/addons.ts";
import type { alertsSchema, artifactsSchema, awsSchema, loadBalancerSchema, registrySchema } from "./schema/aws.ts";
import type { ExistingNetwork, eksCluster, existingCluster, nodeGroup, OwnNetwork } from "./schema/cluster.ts";
import type { deliverySchema } from "./schema/delivery.ts";
import type { ParsedEnvironment } from "./schema/environment.ts";
import type { ParsedService } from "./schema/service/index.ts";

export type AwsConfig = z.output<typeof awsSchema>;
export type LoadBalancerConfig = z.output<typeof loadBalancerSchema>;
export type AlertsConfig = z.output<typeof alertsSchema>;
export type ArtifactsConfig = z.output<typeof artifactsSchema>;
export type RegistryConfig = z.output<typeof registrySchema> & { accountId: string };
type ParsedDelivery = z.output<typeof deliverySchema>;
/** Roles for GitHub Actions. */
export interface DeliveryConfig extends Pick<ParsedDelivery, "state"> {
  github: NonNullable<ParsedDelivery["github"]> & { environment: string };
}
/** Where the manifests of an environment are that Argo CD rolls out. */
export interface GitOpsConfig {
  /** URL, without user and password. */
  repository: string;
  branch: string;
  /** Folder in the repository. Empty: its root. */
  path: string;
  /** Whether a deploy is a commit on the branch, or a pull request into it. */
  review: "none" | "pull-request";
  /** User that Argo CD reads the repository as. */
  username: string;
  /** Undefined: Argo CD reads with a user and a password, or the repository is public. */
  githubApp: { id: number; installationId: number } | undefined;
  /** How Argo CD notifies Slack. Undefined: it does not. */
  slack: SlackConfig | undefined;
}
/** `channel` is there with `by: token`, and only then. */
export type SlackConfig = NonNullable<NonNullable<ParsedDelivery["gitops"]>["slack"]>;
export type NodeGroupConfig = z.output<typeof nodeGroup>;
/** Told apart by `vpcId`. */
export type NetworkConfig = OwnNetwork | ExistingNetwork;
export type EksClusterConfig = Omit<z.output<typeof eksCluster>, "network"> & { name: string; network: NetworkConfig };
export type ExistingClusterConfig = z.output<typeof existingCluster>;

/** Fields that charts/service takes, as the team wrote them. The chart's own defaults fill in the rest. */
export type ChartFields = Omit<
  ParsedService,
  | "enabled"
  | "renamedFrom"
  | "tag"
  | "build"
  | "image"
  | "config"
  | "secrets"
  | "files"
  | "secretFiles"
  | "secretRefs"
  | "initContainers"
  | "sidecars"
  | "patch"
  | "migration"
>;

/** A service that an environment runs, without the values of its secrets. */
export interface ServiceSettings extends PodSettings {
  name: string;
  /** Name under which it ran before. Undefined too once nothing runs under that name: see components/renames.ts. */
  renamedFrom: string | undefined;
  /** The service's own tag, else the stack's release. */
  release: string;
  /** Undefined if somebody else built the image. */
  build: ParsedService["build"];
  /** `…@sha256:…`, built by somebody else. Undefined if the service has a build. */
  image: string | undefined;
  /** Names of the environment variables whose values are secret config. */
  secretNames: string[];
  /** web and worker are deployments. */
  kind: WorkloadKind;
  hosts: string[];
  /** The first path under the hosts. */
  path: string;
  /** Each host with each path: see routesOf. */
  routes: string[];
  /** Whether its Ingress has a certificate. */
  tls: boolean;
  replicas: { min: number; max: number };
  resources: ParsedService["resources"];
  probes: { startupSeconds: number };
  rollout: {
    strategy: RolloutStrategy;
    minReadySeconds: number;
    progressDeadlineSeconds: number;
    /** Seconds that a rollout may take before Helm rolls it back. */
    timeoutSeconds: number;
    /** Restarts of a new container after which the next crash ends the rollout. */
    maxRestarts: number;
    /** Undefined if no pod of a stateful service gets a release before the others. */
    canary: { pods: number; seconds: number } | undefined;
  };
  shutdown: { preStopSeconds: number; drainSeconds: number };
  migration: ParsedService["migration"];
  /** What its pods may do in AWS, by a role that the program creates. Undefined if nothing is said. */
  aws: ParsedService["aws"];
  /** Values for charts/service that a canary's analysis needs of the environment. */
  analysisValues: { prometheus?: string | undefined; rolloutsNamespace?: string };
  /** Values for charts/service, as the team wrote them. */
  chartFields: ChartFields;
}

/** An add-on, with the values for its chart as the team wrote them. The chart's own defaults fill in the rest. */
interface AddonConfig<Schema extends z.ZodType> {
  enabled: boolean;
  values: Omit<z.output<Schema>, "enabled">;
}

export interface AddonSettings {
  traefik: AddonConfig<typeof traefikSchema> & { replicas: number };
  metricsServer: AddonConfig<typeof metricsServerSchema>;
  descheduler: AddonConfig<typeof deschedulerSchema>;
  argoRollouts: AddonConfig<typeof argoRolloutsSchema>;
  argoCd: AddonConfig<typeof argoCdSchema>;
  prometheus: Pick<z.output<typeof prometheusSchema>, "enabled"> & {
    values: Pick<z.output<typeof prometheusSchema>, "image">;
    /** Where canaries are judged. Undefined: nowhere. */
    url: string | undefined;
    /** Namespace of what reads the ingress controller's metrics. */
    namespace: string | undefined;
  };
}

interface Settings<S> {
  /** The stack's name. */
  name: string;
  /** `slipway:release`: what every service without a tag of its own runs. */
  release: string;
  namespace: string;
  /** Whether the stack creates the namespace, and deletes it with itself. */
  createNamespace: boolean;
  protect: "data" | "none";
  /** How strictly the rules of policy/ are applied. */
  policies: Policies;
  /** Whether a deploy is followed by moving pods from crowded nodes. */
  rebalance: ParsedEnvironment["rebalance"];
  url: ParsedEnvironment["url"];
  /** Where the cluster's DNS answers, as the team wrote it. The chart's own defaults fill in the rest. */
  dns: ParsedEnvironment["dns"];
  /** How the record of a deploy reaches the branch. */
  records: ParsedEnvironment["records"];
  /** Undefined if the update itself rolls the services out. */
  gitops: GitOpsConfig | undefined;
  addons: AddonSettings;
  services: S[];
  /** Names of all services, including those that this environment does not run. */
  knownServices: string[];
  /** Where the config comes from, to say of a fault where it is: see describeFault. */
  sources: Sources;
}

/** What an environment on an existing cluster has besides. */
export interface ExistingTarget {
  cluster: ExistingClusterConfig;
  images: Omit<ParsedEnvironment["images"], "repository"> & { repository: string };
}

/** What an environment on an EKS cluster of its own has besides. */
export interface EksTarget {
  cluster: EksClusterConfig;
  images: Omit<ParsedEnvironment["images"], "repository">;
  aws: AwsConfig;
  registry: RegistryConfig;
  loadBalancer: LoadBalancerConfig;
  alerts: AlertsConfig;
  artifacts: ArtifactsConfig;
  /** Undefined if no roles are wanted for GitHub Actions. */
  delivery: DeliveryConfig | undefined;
}

/** An environment with every default resolved, without the values of its secrets. */
export type EnvironmentSettings<S = ServiceSettings> = Settings<S> & (ExistingTarget | EksTarget);

/** Whether the environment runs on an EKS cluster of its own. */
export function isEks<E extends { cluster: { target: string } }>(environment: E): environment is E & EksTarget {
  return environment.cluster.target === "eks";
}

/** Whether a network is a VPC that already exists. */
export function isExistingNetwork(network: NetworkConfig): network is ExistingNetwork {
  return "vpcId" in network;
}
