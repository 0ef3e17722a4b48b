import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type EksEnvironment, type Fault, isExistingNetwork } from "../../../config/index.ts";
import type { ImageRepository } from "../../images/registry.ts";
import type { RunningNodes } from "../nodes/group-size.ts";
import type { InstanceFacts } from "../nodes/instance-types.ts";
import { failedGroupFaults, readNodeGroups } from "../nodes/running-nodes.ts";

/** A Kubernetes version as EKS offers it. */
export interface OfferedVersion {
  version: string;
  /** Such as STANDARD_SUPPORT or EXTENDED_SUPPORT. */
  status: string;
  /** RFC 3339. */
  endOfStandardSupport: string;
}

/** What only AWS knows and the config is checked against and completed with. */
export interface AccountFacts {
  /** IAM role (or user) that runs this update. */
  callerArn: string;
  /** Availability zones, sorted. */
  zones: string[];
  /** Range of the VPC that the config names; undefined where the stack makes its own. */
  vpcCidr: string | undefined;
  /** Where the registry's owner keeps the images, with a token of a few hours' life. */
  images: ImageRepository;
  versions: OfferedVersion[];
  /** Of `nodeGroup.instanceTypes`, in their order. */
  instances: InstanceFacts[];
  /** AMI of the nodes. */
  imageId: string;
  /** The node group as it is; undefined before there is one. */
  runningNodes: RunningNodes | undefined;
}

/** Where EKS has no control plane: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"];

/** Look-ups go by the provider's own functions, so that they see what it sees: endpoint, credentials, account. */
interface Lookup {
  provider: aws.Provider;
  faults: Fault[];
}

/**
 * Asks AWS for all of it at once. Nothing is declared.
 *
 * @returns what is known, and the faults: what AWS does not have as the config names it.
 * @throws pulumi.RunError if AWS cannot be asked at all: no credentials, expired ones, another account's, no connection.
 */
export async function readFacts(
  environment: EksEnvironment,
  provider: aws.Provider,
): Promise<{ facts: AccountFacts; faults: Fault[] } | { faults: Fault[] }> {
  const lookup: Lookup = { provider, faults: [] };
  const callerArn = await readCaller(lookup);
  const clusterName = environment.cluster.name;
  const [zones, vpcCidr, images, versions, instances, groups] = await Promise.all([
    aws.getAvailabilityZones(
      {
        state: "available",
        excludeZoneIds: ZONES_WITHOUT_EKS,
        filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
      },
      { provider },
    ),
    readVpcCidr(environment, lookup),
    readRegistry(environment, lookup),
    readVersions(lookup),
    readInstances(environment, lookup),
    readNodeGroups(clusterName, clusterName, provider),
  ]).catch(unusable);
  lookup.faults.push(...failedGroupFaults(clusterName, groups.failed));
  if (instances === undefined) return { faults: lookup.faults };
  const imageId = await readImageId(environment, instances[0]?.architecture ?? "x86_64", lookup);
  if (imageId === undefined) return { faults: lookup.faults };
  return {
    facts: {
      callerArn,
      zones: [...zones.names].sort(),
      vpcCidr,
      images,
      versions,
      instances,
      imageId,
      runningNodes: groups.running,
    },
    faults: lookup.faults,
  };
}

/** The role behind an assumed-role session, which is what access entries and policies name. */
async function readCaller({ provider }: Lookup): Promise<string> {
  const { arn } = await aws.getCallerIdentity({}, { provider }).catch(unusable);
  const { issuerArn } = await aws.iam.getSessionContext({ arn }, { provider }).catch(unusable);
  return issuerArn;
}

async function readVpcCidr(
  { cluster: { network }, aws: { region } }: EksEnvironment,
  { provider, faults }: Lookup,
): Promise<string | undefined> {
  if (!isExistingNetwork(network)) return undefined;
  const vpc = await aws.ec2.getVpc({ id: network.vpcId }, { provider }).catch((error: unknown) => {
    if (!/InvalidVpcID|no matching/i.test(reasonOf(error))) throw error;
    faults.push({ path: ["cluster", "network", "vpcId"], message: `${region} has no such VPC. Take one that it has` });
    return undefined;
  });
  return vpc?.cidrBlock;
}

async function readRegistry({ registry, aws: own }: EksEnvironment, { provider }: Lookup): Promise<ImageRepository> {
  const token = await aws.ecr.getAuthorizationToken(
    registry.accountId === own.accountId ? {} : { registryId: registry.accountId },
    { provider },
  );
  return {
    repository: `${token.proxyEndpoint.replace(/^https?:\/\//, "")}/${registry.repository}`,
    credentials: { username: token.userName, password: token.password },
    marksDeployed: true,
  };
}

async function readVersions({ provider }: Lookup): Promise<OfferedVersion[]> {
  const { clusterVersions } = await aws.eks.getClusterVersions({ includeAll: true }, { provider });
  return clusterVersions.map(({ clusterVersion, versionStatus, endOfStandardSupportDate }) => ({
    version: clusterVersion,
    status: versionStatus,
    endOfStandardSupport: endOfStandardSupportDate,
  }));
}

async function readInstances(
  { cluster, aws: { region } }: EksEnvironment,
  { provider, faults }: Lookup,
): Promise<InstanceFacts[] | undefined> {
  const found = await Promise.all(
    cluster.nodeGroup.instanceTypes.map(async (instanceType, index): Promise<InstanceFacts | undefined> => {
      const type = await aws.ec2.getInstanceType({ instanceType }, { provider }).catch((error: unknown) => {
        if (!reasonOf(error).includes("InvalidInstanceType")) throw error;
        const message = `${region} has no such instance type. Take one that it has, such as t3.medium`;
        faults.push({ path: ["cluster", "nodeGroup", "instanceTypes", index], message });
        return undefined;
      });
      return (
        type && {
          instanceType,
          vcpus: type.defaultVcpus,
          memoryMiB: type.memorySize,
          interfaces: type.maximumNetworkInterfaces,
          ipv4PerInterface: type.maximumIpv4AddressesPerInterface,
          architecture: type.supportedArchitectures.includes("arm64") ? "arm64" : "x86_64",
          hypervisor: type.hypervisor === "xen" ? "xen" : "nitro",
        }
      );
    }),
  );
  const known = found.filter((type) => type !== undefined);
  return known.length === found.length ? known : undefined;
}

/** Parameters: https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html */
async function readImageId(
  { cluster }: EksEnvironment,
  architecture: string,
  { provider, faults }: Lookup,
): Promise<string | undefined> {
  const { version, nodeGroup } = cluster;
  const release = nodeGroup.amiRelease
    ? `amazon-eks-node-al2023-${architecture}-standard-${version}-${nodeGroup.amiRelease}`
    : "recommended";
  const name = `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/${release}/image_id`;
  const parameter = await aws.ssm.getParameter({ name }, { provider }).catch((error: unknown) => {
    if (!/ParameterNotFound|couldn't find/i.test(reasonOf(error))) return unusable(error);
    const message = `AWS publishes no such AMI release for Kubernetes ${version} (${name}). Take one it lists, or leave it out`;
    faults.push(
      nodeGroup.amiRelease
        ? { path: ["cluster", "nodeGroup", "amiRelease"], message }
        : { path: ["cluster", "version"], message },
    );
    return undefined;
  });
  return parameter?.value;
}

function unusable(error: unknown): never {
  throw new pulumi.RunError(
    `AWS cannot be asked; nothing was changed. ${reasonOf(error)}\n` +
      "Check the credentials (aws sts get-caller-identity), that they are of the account aws.accountId, and the network.",
  );
}

/** The provider's own words, without the engine's around them. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^.*?(?:invocation of|Invoke of) \S+ returned an error:\s*/is, "").trim();
}
