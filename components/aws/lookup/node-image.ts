import * as aws from "@pulumi/aws";
import type { EksEnvironment, Fault } from "../../../config/index.ts";
import { providerMessage, throwUnreachable } from "./provider-errors.ts";

/**
 * Id of the AMI of the nodes: the release in the config, or else the one that AWS recommends now.
 * Parameters: https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
 *
 * @returns the id, or the fault if AWS publishes no such image.
 * @throws pulumi.RunError if AWS cannot be reached.
 */
export async function lookUpNodeImage(
  { cluster }: EksEnvironment,
  architecture: string,
  provider: aws.Provider,
): Promise<{ imageId: string } | { fault: Fault }> {
  const { version, nodeGroup } = cluster;
  const release = nodeGroup.amiRelease
    ? `amazon-eks-node-al2023-${architecture}-standard-${version}-${nodeGroup.amiRelease}`
    : "recommended";
  const name = `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/${release}/image_id`;
  try {
    return { imageId: (await aws.ssm.getParameter({ name }, { provider })).value };
  } catch (error) {
    if (!/ParameterNotFound|couldn't find/i.test(providerMessage(error))) return throwUnreachable(error);
    const path = nodeGroup.amiRelease ? ["cluster", "nodeGroup", "amiRelease"] : ["cluster", "version"];
    const message = `AWS publishes no such AMI release for Kubernetes ${version} (${name}). Take one that it lists, or leave it out`;
    return { fault: { path, message } };
  }
}
