import {
  type ClusterVersionInformation,
  DescribeClusterVersionsCommand,
  EKSClient,
  type VersionStatus,
} from "@aws-sdk/client-eks";
import { flag, text, texts } from "./props.ts";
import type { AwsContext, AwsFunction, Outputs, Props } from "./resource.ts";
import { timestamp } from "./timestamp.ts";

/**
 * `aws.eks.getClusterVersions`: the Kubernetes versions of EKS, with the ends of their support. What the official plugin
 * tells of the control plane's components is left out.
 */
export const getClusterVersions: AwsFunction = {
  arguments: { clusterType: {}, clusterVersionsOnlies: {}, defaultOnly: {}, includeAll: {}, versionStatus: {} },
  async invoke(args, aws) {
    const versions = await clusterVersions(args, aws);
    return { ...args, clusterVersions: versions.map(versionOf) };
  },
};

async function clusterVersions(args: Props, aws: AwsContext): Promise<ClusterVersionInformation[]> {
  const found: ClusterVersionInformation[] = [];
  let nextToken: string | undefined;
  do {
    const page = await aws.client(EKSClient).send(
      new DescribeClusterVersionsCommand({
        clusterType: text(args, "clusterType"),
        clusterVersions: texts(args, "clusterVersionsOnlies"),
        defaultOnly: flag(args, "defaultOnly"),
        includeAll: flag(args, "includeAll"),
        versionStatus: text(args, "versionStatus") as VersionStatus | undefined,
        nextToken,
      }),
    );
    found.push(...(page.clusterVersions ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

function versionOf(version: ClusterVersionInformation): Outputs {
  return {
    clusterType: version.clusterType,
    clusterVersion: version.clusterVersion,
    defaultPlatformVersion: version.defaultPlatformVersion,
    defaultVersion: version.defaultVersion,
    endOfExtendedSupportDate: timestamp(version.endOfExtendedSupportDate),
    endOfStandardSupportDate: timestamp(version.endOfStandardSupportDate),
    kubernetesPatchVersion: version.kubernetesPatchVersion,
    releaseDate: timestamp(version.releaseDate),
    versionStatus: version.versionStatus,
  };
}
