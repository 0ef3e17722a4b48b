/** What a kubeconfig says of a cluster. */
export interface KubeconfigCluster {
  name: string;
  /** URL of the API. */
  endpoint: string;
  /** Base64 PEM, as EKS returns it. */
  certificateAuthority: string;
  region: string;
}

/**
 * Kubeconfig (JSON) with one context, named as the cluster. It holds no secret: whoever uses it asks the `aws` command,
 * with credentials of his own, for a token of 15 minutes.
 */
export function kubeconfigOf({ name, endpoint, certificateAuthority, region }: KubeconfigCluster): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            // Clients read JSON only, yet the command would print in whatever format the user has set as his own.
            args: ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}
