import { AutoScaling } from "@aws-sdk/client-auto-scaling";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { S3 } from "@aws-sdk/client-s3";
import { SNS } from "@aws-sdk/client-sns";
import { emulatorUrl } from "../aws/emulator.ts";

const settings = {
  endpoint: emulatorUrl,
  region: "ap-northeast-2",
  // The emulator accepts an account's number as the key of its root user.
  credentials: { accessKeyId: "123456789012", secretAccessKey: "none" },
};

/** The emulated account of stacks/Pulumi.*.yaml. Asked directly, not through the engine or its state. */
export const account = {
  autoScaling: new AutoScaling(settings),
  cloudWatch: new CloudWatch(settings),
  ec2: new EC2(settings),
  ecr: new ECR(settings),
  eks: new EKS(settings),
  elb: new ElasticLoadBalancingV2(settings),
  iam: new IAM(settings),
  kms: new KMS(settings),
  logs: new CloudWatchLogs(settings),
  s3: new S3({ ...settings, forcePathStyle: true }),
  sns: new SNS(settings),
};

/** What was created in the account, by kind. What every new account has is left out. */
export async function inventory(): Promise<Record<string, string[]>> {
  const [vpcs, templates, gateways, addresses, groups, alarms, logs, repositories, clusters, balancers] =
    await Promise.all([
      account.ec2.describeVpcs({ Filters: [{ Name: "is-default", Values: ["false"] }] }),
      account.ec2.describeLaunchTemplates({}),
      account.ec2.describeNatGateways({}),
      account.ec2.describeAddresses({}),
      account.autoScaling.describeAutoScalingGroups({}),
      account.cloudWatch.describeAlarms({}),
      account.logs.describeLogGroups({}),
      account.ecr.describeRepositories({}),
      account.eks.listClusters({}),
      account.elb.describeLoadBalancers({}),
    ]);
  const [roles, logins, aliases, buckets, topics, keys] = await Promise.all([
    account.iam.listRoles({}),
    account.iam.listOpenIDConnectProviders({}),
    account.kms.listAliases({}),
    account.s3.listBuckets({}),
    account.sns.listTopics({}),
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

/** AWS deletes a key days after the request. */
async function liveKeys(): Promise<string[]> {
  const { Keys = [] } = await account.kms.listKeys({});
  const described = await Promise.all(Keys.map(({ KeyId }) => account.kms.describeKey({ KeyId })));
  return described.flatMap(({ KeyMetadata }) =>
    KeyMetadata?.KeyState === "PendingDeletion" || KeyMetadata?.KeyManager === "AWS"
      ? []
      : [String(KeyMetadata?.KeyId)],
  );
}
