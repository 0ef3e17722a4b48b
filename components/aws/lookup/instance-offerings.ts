import * as aws from "@pulumi/aws";
import type { EksEnvironment } from "../../../config/index.ts";

/**
 * The availability zones that offer at least one of `nodeGroup.instanceTypes`, sorted.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
 *
 * @throws the provider's error if AWS cannot be reached.
 */
export async function lookUpOfferingZones({ cluster }: EksEnvironment, provider: aws.Provider): Promise<string[]> {
  const { locations } = await aws.ec2.getInstanceTypeOfferings(
    {
      locationType: "availability-zone",
      filters: [{ name: "instance-type", values: cluster.nodeGroup.instanceTypes }],
    },
    { provider },
  );
  return [...new Set(locations)].sort();
}
