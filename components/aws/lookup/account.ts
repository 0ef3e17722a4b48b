import * as aws from "@pulumi/aws";
import { type EksEnvironment, type Fault, isExistingNetwork } from "../../../config/index.ts";
import type { ImageRepository } from "../../images/registry.ts";
import type { InstanceType } from "../nodes/instance-type.ts";
import type { CurrentNodeGroup } from "../nodes/scaling-config.ts";
import { lookUpOfferingZones } from "./instance-offerings.ts";
import { lookUpInstanceTypes } from "./instance-types.ts";
import { failedNodeGroupFaults, lookUpNodeGroups } from "./node-groups.ts";
import { lookUpNodeImage } from "./node-image.ts";
import { lookUpNodeSubnets, type NodeSubnet } from "./node-subnets.ts";
import { providerMessage, throwUnreachable } from "./provider-errors.ts";

/** A Kubernetes version that EKS lists. */
export interface EksVersion {
  version: string;
  /** Such as STANDARD_SUPPORT or EXTENDED_SUPPORT. */
  status: string;
  /** RFC 3339. */
  endOfStandardSupport: string;
}

/** What only AWS knows: the config is checked against it, and resources are declared with it. */
export interface AwsAccount {
  /** ARN of the IAM role (or user) that runs this update. */
  callerArn: string;
  /** Availability zones in which EKS runs, sorted. */
  availabilityZones: string[];
  /** Zones that offer at least one of `nodeGroup.instanceTypes`, sorted. */
  offeringZones: string[];
  /** The nodes' subnets in the VPC that the config names; empty if the stack creates its own. */
  nodeSubnets: NodeSubnet[];
  /** IPv4 ranges of the VPC that the config names, the main one first; empty if the stack creates its own. */
  vpcCidrs: string[];
  /** Image repository in the account of its owner, with a token that is valid for some hours. */
  images: ImageRepository;
  /** Every Kubernetes version that EKS lists. */
  eksVersions: EksVersion[];
  /** Of `nodeGroup.instanceTypes`, in their order. */
  instanceTypes: InstanceType[];
  /** AMI of the nodes. */
  imageId: string;
  /** The node group; undefined before it is created. */
  nodeGroup: CurrentNodeGroup | undefined;
}

/** EKS has no control plane there: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"];

/**
 * Reads from AWS, through the provider's functions: with the endpoint, credentials and account of the update. Declares nothing.
 *
 * @returns the account; undefined, with the faults, if AWS does not have an instance type or image that the config names.
 * @throws pulumi.RunError if AWS cannot be reached: no valid credentials, those of another account, no connection.
 */
export async function lookUpAccount(
  environment: EksEnvironment,
  provider: aws.Provider,
): Promise<{ account: AwsAccount | undefined; faults: Fault[] }> {
  const callerArn = await lookUpCaller(provider);
  const clusterName = environment.cluster.name;
  const [availabilityZones, vpc, subnets, images, eksVersions, { instanceTypes, faults: typeFaults }, groups] =
    await Promise.all([
      lookUpZones(provider),
      lookUpVpc(environment, provider),
      lookUpNodeSubnets(environment, provider),
      lookUpImageRepository(environment, provider),
      lookUpEksVersions(provider),
      lookUpInstanceTypes(environment, provider),
      lookUpNodeGroups(clusterName, clusterName, provider),
    ]).catch(throwUnreachable);
  const faults = [
    ...vpc.faults,
    // Of a VPC that does not exist, no subnet can be found.
    ...(vpc.faults.length > 0 ? [] : subnets.faults),
    ...typeFaults,
    ...failedNodeGroupFaults(clusterName, groups.failed),
  ];
  if (typeFaults.length > 0) return { account: undefined, faults };

  // EC2 refuses a question about types that do not exist.
  const offeringZones = await lookUpOfferingZones(environment, provider).catch(throwUnreachable);
  const image = await lookUpNodeImage(environment, instanceTypes[0]?.architecture ?? "x86_64", provider);
  if ("fault" in image) return { account: undefined, faults: [...faults, image.fault] };
  const account = {
    callerArn,
    availabilityZones,
    offeringZones,
    nodeSubnets: subnets.subnets,
    vpcCidrs: vpc.cidrs,
    images,
    eksVersions,
    instanceTypes,
    imageId: image.imageId,
    nodeGroup: groups.current,
  };
  return { account, faults };
}

/** The role itself, not its session: access entries and policies name roles. */
async function lookUpCaller(provider: aws.Provider): Promise<string> {
  const { arn } = await aws.getCallerIdentity({}, { provider }).catch(throwUnreachable);
  const { issuerArn } = await aws.iam.getSessionContext({ arn }, { provider }).catch(throwUnreachable);
  return issuerArn;
}

async function lookUpZones(provider: aws.Provider): Promise<string[]> {
  const { names } = await aws.getAvailabilityZones(
    {
      state: "available",
      excludeZoneIds: ZONES_WITHOUT_EKS,
      filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    },
    { provider },
  );
  return [...names].sort();
}

async function lookUpVpc(
  { cluster: { network }, aws: { region } }: EksEnvironment,
  provider: aws.Provider,
): Promise<{ cidrs: string[]; faults: Fault[] }> {
  if (!isExistingNetwork(network)) return { cidrs: [], faults: [] };
  try {
    return { cidrs: rangesOf(await aws.ec2.getVpc({ id: network.vpcId }, { provider })), faults: [] };
  } catch (error) {
    if (!/InvalidVpcID|no matching/i.test(providerMessage(error))) throw error;
    const message = `${region} has no such VPC. Take one that it has`;
    return { cidrs: [], faults: [{ path: ["cluster", "network", "vpcId"], message }] };
  }
}

/** Nodes may be in a secondary range: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
function rangesOf({ cidrBlock, cidrBlockAssociations }: aws.ec2.GetVpcResult): string[] {
  const associated = cidrBlockAssociations.filter(({ state }) => state === "associated");
  return [...new Set([cidrBlock, ...associated.map((one) => one.cidrBlock).sort()])];
}

async function lookUpImageRepository(
  { registry, aws: { accountId } }: EksEnvironment,
  provider: aws.Provider,
): Promise<ImageRepository> {
  const token = await aws.ecr.getAuthorizationToken(
    registry.accountId === accountId ? {} : { registryId: registry.accountId },
    { provider },
  );
  return {
    repository: `${token.proxyEndpoint.replace(/^https?:\/\//, "")}/${registry.repository}`,
    credentials: { username: token.userName, password: token.password },
    marksDeployed: true,
  };
}

async function lookUpEksVersions(provider: aws.Provider): Promise<EksVersion[]> {
  const { clusterVersions } = await aws.eks.getClusterVersions({ includeAll: true }, { provider });
  return clusterVersions.map(({ clusterVersion, versionStatus, endOfStandardSupportDate }) => ({
    version: clusterVersion,
    status: versionStatus,
    endOfStandardSupport: endOfStandardSupportDate,
  }));
}
