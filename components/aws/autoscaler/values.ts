/** Service account of its pods, in the namespace of its release. */
export const AUTOSCALER_SERVICE_ACCOUNT = "cluster-autoscaler";

/** A service may take so long to stop: preStopSeconds and drainSeconds of config/schema/formats.ts, and the chart's margin. */
const LONGEST_STOP_SECONDS = 3600 + 3600 + 5;
/** Pods stay bound to a node that no longer answers for so long, as those of the services do. */
const NODE_LOSS_SECONDS = 30;
const USER = 65534;

/** Where EKS gives credentials to pods on each node, and for which token: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const TOKEN = "eks-pod-identity-token";
const TOKEN_FOLDER = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
const CREDENTIALS_URL = "http://169.254.170.23/v1/credentials";

export interface AutoscalerValuesArgs {
  clusterName: string;
  region: string;
  /** Of the image. */
  tag: string;
}

/**
 * Values of the cluster-autoscaler's chart: it sizes the Auto Scaling groups that are tagged with the cluster's name, between
 * their own least and most, by the pods that find no room and the nodes that are not needed.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
 */
export function autoscalerValues({ clusterName, region, tag }: AutoscalerValuesArgs): Record<string, unknown> {
  return {
    fullnameOverride: "cluster-autoscaler",
    cloudProvider: "aws",
    awsRegion: region,
    autoDiscovery: { clusterName },
    image: { tag },
    rbac: { serviceAccount: { name: AUTOSCALER_SERVICE_ACCOUNT } },
    extraArgs: {
      expander: "least-waste",
      "balance-similar-node-groups": true,
      // What runs in kube-system here, and all that has a scratch volume, runs as well on another node. With the defaults hardly
      // any node would ever be taken away; what must not be moved at once is for disruption budgets to say.
      "skip-nodes-with-system-pods": false,
      "skip-nodes-with-local-storage": false,
      // A pod that takes longer to stop is cut off: by default after 10 minutes.
      "max-graceful-termination-sec": LONGEST_STOP_SECONDS,
    },
    // One is enough, for min nodes have room for what runs at least. It does not take away the node that it is on.
    replicaCount: 1,
    podAnnotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
    podDisruptionBudget: { maxUnavailable: 1 },
    priorityClassName: "system-cluster-critical",
    tolerations: ["not-ready", "unreachable"].map((condition) => ({
      key: `node.kubernetes.io/${condition}`,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: NODE_LOSS_SECONDS,
    })),
    // Not the cluster's DNS, whose pods may be waiting for the very node that it is to add.
    dnsPolicy: "Default",
    resources: { requests: { cpu: "100m", memory: "300Mi" }, limits: { memory: "1Gi" } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    ...credentials(),
  };
}

/**
 * What EKS adds to pods of a service account with an association. It does so at their creation only, and knows of a new
 * association some seconds late: a pod that comes sooner would never have credentials, however often it starts again
 * (https://github.com/aws/containers-roadmap/issues/2507). Where it stands already EKS adds nothing, as the names are the same:
 * https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go
 */
function credentials(): Record<string, unknown> {
  return {
    extraEnv: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: CREDENTIALS_URL,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${TOKEN_FOLDER}/${TOKEN}`,
      AWS_STS_REGIONAL_ENDPOINTS: "regional",
    },
    extraVolumes: [
      {
        name: TOKEN,
        projected: {
          sources: [
            { serviceAccountToken: { audience: "pods.eks.amazonaws.com", expirationSeconds: 86_400, path: TOKEN } },
          ],
        },
      },
    ],
    extraVolumeMounts: [{ name: TOKEN, mountPath: TOKEN_FOLDER, readOnly: true }],
  };
}
