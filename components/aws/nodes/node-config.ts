import { reservedMemoryMiB } from "./allocatable.ts";

const BOUNDARY = "node-config";

export interface NodeConfigArgs {
  cluster: {
    name: string;
    /** URL of the API. */
    endpoint: string;
    /** Base64 PEM, as EKS returns it. */
    certificateAuthority: string;
    /** Range of the Services; nodes derive the address of the cluster's DNS from it. */
    serviceCidr: string;
  };
  /** Maximum number of pods on the node. */
  maxPods: number;
}

/**
 * User data of a node with EKS's AL2023 image, by which it joins the cluster. The image would accept the bare object, but
 * cloud-init reads the user data as well and reports an error on every node if it is not a MIME document.
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
          // The image computes it for the pods of an instance without prefix delegation. The kubelet merges this key into the
          // rest of the image's kubeReserved.
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
