import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, inventory } from "../../sandbox/test/emulated-account.ts";
import { copyTag } from "./registry-tags.ts";
import { Stack, stackFileWith } from "./stack-commands.ts";
import { ask, kubectlJson } from "./workspace.ts";

/** The stack file of production as it is in the repository, deployed to the emulated AWS. */
const prod = new Stack("prod");
const clusterName = "shop-prod";
const services = ["web", "api", "orders", "worker"];

let before: Record<string, string[]>;

beforeAll(async () => {
  // There is one cluster for all stacks. Images stay: prod promotes what local has built.
  await new Stack("local").destroy();
  await takeDown();
  before = await inventory();
});

afterAll(takeDown);

/** As a person would take production down: its protection first. */
async function takeDown(): Promise<void> {
  if (!prod.isDeployed()) return;
  const file = stackFileWith("prod", { protect: "none" });
  try {
    await prod.up("--config-file", file);
    await prod.destroy("--config-file", file);
  } finally {
    rmSync(dirname(file), { recursive: true });
  }
}

describe("the prod stack", () => {
  it("comes up in AWS and in the cluster, by its file as it is", async () => {
    await prod.up();
    for (const service of ["shop.example.com", "api.shop.example.com"]) {
      expect((await ask(service, "/")).status).toBeLessThan(500);
    }
    expect((await ask("shop.example.com", "/")).status).toBe(200);
  });

  it("has nothing to do the second time", async () => {
    const output = await prod.up();
    expect(output).toMatch(/Resources:\n\s+\d+ unchanged\n/);
  });

  it("is deployed by the delivery commands as well, which keep the artifacts in its own bucket", async () => {
    const { exitCode, output } = await prod.slipway("deploy", "--no-commit", "--no-tag", "--no-notify");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/Uploaded 7 artifacts to s3:\/\/shop-prod-artifacts-\w+\/v0\.1\.0\/prod\//);
    const status = await prod.slipway("status");
    expect(status.exitCode, status.output).toBe(0);
    const refused = await prod.slipway("deploy", "--no-commit", "--release", "v9.9.9");
    expect(refused.output).toContain("services.web: the registry does not have");
    expect(refused.exitCode).toBe(1);
  });

  it("changes the releases and nothing else with a new release", async () => {
    for (const service of services) await copyTag("shop", `${service}-v0.1.0`, `${service}-v0.1.0-promoted`);
    const { exitCode, output } = await prod.run("preview", "--release", "v0.1.0-promoted");
    expect(exitCode).toBe(0);
    const changed = [...output.matchAll(/^\s*[~+-]+ (\S+): \((update|create|delete|replace)/gm)];
    expect(changed.map(([, type, operation]) => `${operation} ${type}`)).toEqual(
      services.map(() => "update kubernetes:helm.sh/v3:Release"),
    );
  });

  it("refuses a release that the registry does not have, before anything changes", async () => {
    const { exitCode, output } = await prod.run("up", "--release", "v9.9.9");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("services.web: the registry does not have web-v9.9.9, and images.build is never.");
    expect(output).not.toMatch(/(updating|creating) \(/);
  });

  it("refuses to be destroyed", async () => {
    const { exitCode, output } = await prod.run("destroy");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/protect/);
    const { clusters, repositories, loadBalancers } = await inventory();
    expect([clusters, repositories]).toEqual([expect.arrayContaining([clusterName]), ["shop"]]);
    expect(loadBalancers).toHaveLength(1);
    expect((await ask("shop.example.com", "/")).status).toBe(200);
  });
});

describe("in AWS there is", () => {
  it("a registry whose tags stay, which is scanned, encrypted and cleared of what is old", async () => {
    const { repositories } = await account.ecr.describeRepositories({ repositoryNames: ["shop"] });
    expect(repositories?.[0]).toMatchObject({
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: "KMS" },
    });
    const { lifecyclePolicyText } = await account.ecr.getLifecyclePolicy({ repositoryName: "shop" });
    const patterns = JSON.parse(lifecyclePolicyText ?? "").rules.map(
      (rule: { selection: { tagPatternList?: string[] } }) => rule.selection.tagPatternList?.[0] ?? "untagged",
    );
    expect(patterns.sort()).toEqual(["api-v*", "deployed.*", "orders-v*", "untagged", "web-v*", "worker-v*"].sort());
  });

  it("a private cluster with access entries, encrypted secrets, audit logs and EKS's own add-ons", async () => {
    const { cluster } = await account.eks.describeCluster({ name: clusterName });
    expect(cluster).toMatchObject({
      version: "1.36",
      status: "ACTIVE",
      accessConfig: { authenticationMode: "API" },
      resourcesVpcConfig: { endpointPrivateAccess: true, publicAccessCidrs: ["203.0.113.0/24"] },
      encryptionConfig: [{ resources: ["secrets"] }],
    });
    expect(cluster?.logging?.clusterLogging?.find(({ enabled }) => enabled)?.types).toContain("audit");
    const { accessEntries } = await account.eks.listAccessEntries({ clusterName });
    expect(accessEntries).toContain("arn:aws:iam::123456789012:role/admin");
    const { addons } = await account.eks.listAddons({ clusterName });
    expect(addons?.sort()).toEqual(
      ["vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent", "aws-ebs-csi-driver"].sort(),
    );
    const { addon } = await account.eks.describeAddon({ clusterName, addonName: "vpc-cni" });
    expect(JSON.parse(addon?.configurationValues ?? "")).toMatchObject({
      enableNetworkPolicy: "true",
      env: { ENABLE_PREFIX_DELEGATION: "true" },
    });
  });

  it("a node group whose launch template says how many pods a node runs", async () => {
    const { launchTemplate } = await nodeGroup();
    const { LaunchTemplateVersions: [version] = [] } = await account.ec2.describeLaunchTemplateVersions({
      LaunchTemplateId: launchTemplate?.id,
      Versions: [launchTemplate?.version ?? ""],
    });
    const data = version?.LaunchTemplateData;
    expect(Buffer.from(data?.UserData ?? "", "base64").toString()).toMatch(/"?maxPods"?: 50\b/);
    expect(data).toMatchObject({
      ImageId: expect.stringMatching(/^ami-/),
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: "gp3" } }],
    });
  });

  it("an alarm for each way to scale, wired to the policy of the group", async () => {
    const group = await autoScalingGroup();
    const { ScalingPolicies = [] } = await account.autoScaling.describePolicies({ AutoScalingGroupName: group });
    const { MetricAlarms = [] } = await account.cloudWatch.describeAlarms({});
    const ours = MetricAlarms.filter(({ Dimensions }) => Dimensions?.some(({ Value }) => Value === group));
    expect(ours.map(({ Threshold, ComparisonOperator }) => [Threshold, ComparisonOperator]).sort()).toEqual([
      [30, expect.stringMatching(/^LessThan/)],
      [50, expect.stringMatching(/^GreaterThan/)],
    ]);
    const actions = ours.flatMap(({ AlarmActions }) => AlarmActions ?? []);
    const arns = ScalingPolicies.map(({ PolicyARN }) => PolicyARN);
    expect(arns).toHaveLength(2);
    expect(actions).toEqual(expect.arrayContaining(arns));
  });

  it("a mail when a node is added, removed, or fails to start", async () => {
    const { Subscriptions = [] } = await account.sns.listSubscriptions({});
    const mail = Subscriptions.find(({ Endpoint }) => Endpoint === "ops@example.com");
    expect(mail?.Protocol).toBe("email");
    const { NotificationConfigurations = [] } = await account.autoScaling.describeNotificationConfigurations({
      AutoScalingGroupNames: [await autoScalingGroup()],
    });
    expect(NotificationConfigurations.map(({ NotificationType }) => NotificationType).sort()).toEqual([
      "autoscaling:EC2_INSTANCE_LAUNCH",
      "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
      "autoscaling:EC2_INSTANCE_TERMINATE",
      "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
    ]);
    expect(new Set(NotificationConfigurations.map(({ TopicARN }) => TopicARN))).toEqual(new Set([mail?.TopicArn]));
  });

  it("nothing open to everybody but the load balancer's two ports", async () => {
    const { SecurityGroupRules = [] } = await account.ec2.describeSecurityGroupRules({});
    const open = SecurityGroupRules.filter(({ IsEgress, CidrIpv4 }) => !IsEgress && CidrIpv4 === "0.0.0.0/0");
    expect(open.map(({ FromPort, ToPort }) => `${FromPort}-${ToPort}`).sort()).toEqual(["443-443", "80-80"]);
  });

  it("the environment's name on every resource that takes tags", async () => {
    const { Tags = [] } = await account.ec2.describeTags({ Filters: [{ Name: "key", Values: ["environment"] }] });
    const tagged = new Set(Tags.filter(({ Value }) => Value === "prod").map(({ ResourceId }) => ResourceId));
    for (const id of prod.idsOf(TAGGED_IN_EC2)) expect([...tagged]).toContain(id);
    const { cluster } = await account.eks.describeCluster({ name: clusterName });
    const { tags } = await nodeGroup();
    for (const found of [cluster?.tags, tags]) {
      expect(found).toMatchObject({ project: "slipway", environment: "prod", "managed-by": "pulumi" });
    }
  });
});

describe("taken down", () => {
  it("leaves the account as it was, and the cluster empty", async () => {
    await takeDown();
    expect(await inventory()).toEqual(before);
    const { items } = await kubectlJson<{ items: { metadata: { name: string } }[] }>("get", "namespaces");
    expect(items.map(({ metadata }) => metadata.name).filter((name) => !/^(default|kube-.*)$/.test(name))).toEqual([]);
  });
});

const TAGGED_IN_EC2 = [
  "aws:ec2/vpc:Vpc",
  "aws:ec2/subnet:Subnet",
  "aws:ec2/natGateway:NatGateway",
  "aws:ec2/eip:Eip",
  "aws:ec2/routeTable:RouteTable",
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:ec2/vpcEndpoint:VpcEndpoint",
];

async function nodeGroup() {
  const { nodegroups = [] } = await account.eks.listNodegroups({ clusterName });
  expect(nodegroups).toHaveLength(1);
  const { nodegroup } = await account.eks.describeNodegroup({ clusterName, nodegroupName: nodegroups[0] });
  if (!nodegroup) throw new Error("the node group is gone");
  return nodegroup;
}

async function autoScalingGroup(): Promise<string> {
  return (await nodeGroup()).resources?.autoScalingGroups?.[0]?.name ?? "";
}
