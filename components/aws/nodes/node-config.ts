import { reservedMemoryMiB } from "./allocatable.ts";

const BOUNDARY = "node-config";

export interface NodeConfigArgs {
  cluster: {
    name: string;
    /** URL of the API. */
    endpoint: string;
    /** Base64 PEM, as EKS returns it. */
    certificateAuthority: string;
    /** Range of the Services; the nodes know the cluster's DNS by it. */
    serviceCidr: string;
  };
  /** Most pods the node runs. */
  maxPods: number;
}

/**
 * User data of a node with EKS's AL2023 image: how it joins the cluster. A MIME document, though the image takes the bare
 * object too: cloud-init reads user data first, and reports a bare one as a fault of every node.
 *
 * Source: https://awslabs.github.io/amazon-eks-ami/nodeadm/
 */
export function nodeConfig({ cluster, maxPods }: NodeConfigArgs): string {
  const { name, endpoint, certificateAuthority, serviceCidr } = cluster;
  const config = {
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: { name, apiServerEndpoint: endpoint, certificateAuthority, cidr: serviceCidr },
      kubelet: {
        config: {
          maxPods,
          // The image would reserve for as many pods as the instance has plain addresses for. Of the map only this key is
          // changed: the kubelet merges what is given here into what the image works out.
          kubeReserved: { memory: `${reservedMemoryMiB(maxPods)}Mi` },
        },
      },
    },
  };
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    "",
    `--${BOUNDARY}`,
    "Content-Type: application/node.eks.aws",
    "",
    JSON.stringify(config, undefined, 2),
    `--${BOUNDARY}--`,
    "",
  ].join("\n");
}
