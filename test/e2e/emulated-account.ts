import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeAddressesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeNatGatewaysCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient, ListOpenIDConnectProvidersCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { emulatorUrl } from "../../sandbox/aws/emulator.ts";

const settings = {
  endpoint: emulatorUrl,
  region: "ap-northeast-2",
  // The emulator takes an account's number for its root user's key.
  credentials: { accessKeyId: "123456789012", secretAccessKey: "none" },
};

/** The emulated account of stacks/Pulumi.*.yaml, asked as anybody would ask AWS: not by the engine, nor its state. */
export const account = {
  autoScaling: new AutoScalingClient(settings),
  cloudWatch: new CloudWatchClient(settings),
  ec2: new EC2Client(settings),
  ecr: new ECRClient(settings),
  eks: new EKSClient(settings),
  elb: new ElasticLoadBalancingV2Client(settings),
  iam: new IAMClient(settings),
  kms: new KMSClient(settings),
  logs: new CloudWatchLogsClient(settings),
  s3: new S3Client({ ...settings, forcePathStyle: true }),
  sns: new SNSClient(settings),
};

/** What the account holds that somebody made, by kind. What every account has from the first day is left out. */
export async function inventory(): Promise<Record<string, string[]>> {
  const [vpcs, templates, gateways, addresses, groups, alarms, logs, repositories, clusters, balancers] =
    await Promise.all([
      account.ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["false"] }] })),
      account.ec2.send(new DescribeLaunchTemplatesCommand({})),
      account.ec2.send(new DescribeNatGatewaysCommand({})),
      account.ec2.send(new DescribeAddressesCommand({})),
      account.autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
      account.cloudWatch.send(new DescribeAlarmsCommand({})),
      account.logs.send(new DescribeLogGroupsCommand({})),
      account.ecr.send(new DescribeRepositoriesCommand({})),
      account.eks.send(new ListClustersCommand({})),
      account.elb.send(new DescribeLoadBalancersCommand({})),
    ]);
  const [roles, logins, aliases, buckets, topics, keys] = await Promise.all([
    account.iam.send(new ListRolesCommand({})),
    account.iam.send(new ListOpenIDConnectProvidersCommand({})),
    account.kms.send(new ListAliasesCommand({})),
    account.s3.send(new ListBucketsCommand({})),
    account.sns.send(new ListTopicsCommand({})),
    liveKeys(),
  ]);
  return {
    vpcs: (vpcs.Vpcs ?? []).map(({ VpcId }) => String(VpcId)),
    launchTemplates: (templates.LaunchTemplates ?? []).map((template) => String(template.LaunchTemplateName)),
    natGateways: (gateways.NatGateways ?? [])
      .filter(({ State }) => State !== "deleted")
      .map(({ NatGatewayId }) => String(NatGatewayId)),
    addresses: (addresses.Addresses ?? []).map(({ PublicIp }) => String(PublicIp)),
    autoScalingGroups: (groups.AutoScalingGroups ?? []).map((group) => String(group.AutoScalingGroupName)),
    alarms: (alarms.MetricAlarms ?? []).map(({ AlarmName }) => String(AlarmName)),
    logGroups: (logs.logGroups ?? []).map(({ logGroupName }) => String(logGroupName)),
    repositories: (repositories.repositories ?? []).map(({ repositoryName }) => String(repositoryName)),
    clusters: clusters.clusters ?? [],
    loadBalancers: (balancers.LoadBalancers ?? []).map(({ LoadBalancerName }) => String(LoadBalancerName)),
    // The role that deploys is the administrator's, and stays.
    roles: (roles.Roles ?? []).map(({ RoleName }) => String(RoleName)).filter((name) => name !== "admin"),
    logins: (logins.OpenIDConnectProviderList ?? []).map(({ Arn }) => String(Arn)),
    aliases: (aliases.Aliases ?? [])
      .map(({ AliasName }) => String(AliasName))
      .filter((name) => !name.startsWith("alias/aws/")),
    buckets: (buckets.Buckets ?? []).map(({ Name }) => String(Name)),
    topics: (topics.Topics ?? []).map(({ TopicArn }) => String(TopicArn)),
    keys,
  };
}

/** AWS deletes a key days after it was told to. */
async function liveKeys(): Promise<string[]> {
  const { Keys = [] } = await account.kms.send(new ListKeysCommand({}));
  const described = await Promise.all(Keys.map(({ KeyId }) => account.kms.send(new DescribeKeyCommand({ KeyId }))));
  return described.flatMap(({ KeyMetadata }) =>
    KeyMetadata?.KeyState === "PendingDeletion" || KeyMetadata?.KeyManager === "AWS"
      ? []
      : [String(KeyMetadata?.KeyId)],
  );
}
