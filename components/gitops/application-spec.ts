/** What of a service its Application depends on. */
export interface ApplicationService {
  name: string;
  /** Whether an autoscaler decides on the number of its pods. */
  isScaled: boolean;
}

/** Where the rendered manifests are. */
export interface ManifestsSource {
  /** URL of the repository, by HTTPS. */
  url: string;
  branch: string;
  /** Folder with one folder for each service; `.` is the root of the repository. */
  path: string;
}

/** Where the services run, as Argo CD knows it. */
export interface Destination {
  /** URL of the cluster's API. */
  server: string;
  namespace: string;
}

/** Kinds that do not belong in the repository: secrets, rights, and the limits of the namespace. They are objects of the program. */
const REFUSED_KINDS = [
  { group: "", kind: "Secret" },
  { group: "", kind: "ResourceQuota" },
  { group: "", kind: "LimitRange" },
  { group: "rbac.authorization.k8s.io", kind: "*" },
];

/** Pure: what the Applications of a stack may do: read one repository, and change one namespace. */
export function projectSpec({ url }: ManifestsSource, destination: Destination): object {
  return {
    description: `Services in the namespace ${destination.namespace}. Declared by Slipway.`,
    sourceRepos: [url],
    destinations: [destination],
    clusterResourceWhitelist: [],
    namespaceResourceBlacklist: REFUSED_KINDS,
  };
}

/**
 * Pure: applies the manifests of one service, and keeps them as they are in the repository. Without empty fields: Argo CD writes the spec back
 * without them, and owns what it has written. After a `pulumi refresh` the next update would conflict with it.
 */
export function applicationSpec(
  service: ApplicationService,
  project: string,
  { url, branch, path, folder }: ManifestsSource & { folder: string },
  destination: Destination,
): object {
  return {
    project,
    destination,
    source: {
      repoURL: url,
      targetRevision: branch,
      path: [path, folder].filter((part) => part !== "." && part !== "").join("/"),
      // Said, so that a file named kustomization.yaml or Chart.yaml cannot make it another tool's folder.
      directory: { include: "*.yaml" },
    },
    syncPolicy: {
      // A service that leaves the stack is an empty folder first: without allowEmpty its objects would stay.
      automated: { enabled: true, prune: true, selfHeal: true, allowEmpty: true },
      // Not PruneLast: with something to prune, also what is never pruned, a sync would last until the service is healthy, and no other commit
      // is applied meanwhile. A rollout that waits for a person, or a StatefulSet that never gets ready, could not be rolled back.
      // Not ApplyOutOfSyncOnly: the Job of a migration that has failed is in sync. The next attempt would leave it out, and roll out.
      syncOptions: [
        "CreateNamespace=false",
        "RespectIgnoreDifferences=true",
        // Two Applications that have one object would overwrite each other.
        "FailOnSharedResource=true",
      ],
      // With refresh, the next attempt takes the newest commit, so the fix of a commit that cannot be applied waits 15 s at most. After the last
      // attempt, some 12 minutes later, only a commit starts a sync: an API server that is away for a while must not use them up.
      retry: { limit: 50, refresh: true, backoff: { duration: "2s", factor: 2, maxDuration: "15s" } },
    },
    ignoreDifferences: ignoredDifferences(service),
    revisionHistoryLimit: 10,
  };
}

/**
 * What controllers write into objects of the repository. Healing these fields would end a canary in the middle: all requests would go
 * back to the weights in the repository. An autoscaler's number of pods is ignored only where there is one: elsewhere it is the repository's.
 */
function ignoredDifferences({ isScaled }: ApplicationService): object[] {
  const replicas = [
    { group: "apps", kind: "Deployment", jsonPointers: ["/spec/replicas"] },
    { group: "apps", kind: "StatefulSet", jsonPointers: ["/spec/replicas"] },
    { group: "argoproj.io", kind: "Rollout", jsonPointers: ["/spec/replicas"] },
  ];
  return [
    { group: "traefik.io", kind: "TraefikService", jqPathExpressions: [".spec.weighted.services[].weight"] },
    { kind: "Service", jsonPointers: ["/spec/selector/rollouts-pod-template-hash"] },
    // The Job of a migration cannot be changed: its name says what it runs. Its pod has the config of the deploy that it ran in.
    { group: "batch", kind: "Job", jsonPointers: ["/spec"] },
    ...(isScaled ? replicas : []),
  ];
}
