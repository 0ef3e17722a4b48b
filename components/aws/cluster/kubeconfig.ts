/** What a kubeconfig needs of a cluster. */
export interface KubeconfigCluster {
  name: string;
  /** URL of the API. */
  endpoint: string;
  /** Base64 PEM, as EKS returns it. */
  certificateAuthority: string;
  region: string;
}

/**
 * Kubeconfig (JSON) with one context, named like the cluster. It contains no secret: its user gets a token, valid for 15 minutes,
 * from `aws eks get-token` with their own credentials.
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
            // Clients read JSON only, and the user may have configured another output format.
            args: ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}
