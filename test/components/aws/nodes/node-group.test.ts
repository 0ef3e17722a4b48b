import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { NodeGroup, type NodeGroupArgs } from "../../../../components/aws/nodes/node-group.ts";
import { networkOf, nodeGroupOf } from "../../../config/settings.ts";
import { Declarations, dependenciesOf, isKnown, resolved } from "../declared.ts";

const ROLE = "aws:iam/role:Role";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const GROUP = "aws:eks/nodeGroup:NodeGroup";

const args = {
  cluster: {
    name: pulumi.output("shop-prod"),
    endpoint: pulumi.output("https://ABC.eks.amazonaws.com"),
    certificateAuthority: pulumi.output("Y2VydGlmaWNhdGU="),
    serviceCidr: pulumi.output("172.20.0.0/16"),
    securityGroupId: pulumi.output("sg-0123"),
  },
  subnetIds: ["subnet-1", "subnet-2"],
  network: networkOf(),
  config: nodeGroupOf(),
  imageId: "ami-0123",
  architecture: "x86_64",
} satisfies NodeGroupArgs;

const answers = {
  [TEMPLATE]: () => ({ latestVersion: 7 }),
  [ROLE]: () => ({ arn: "arn:aws:iam::123456789012:role/node" }),
  [GROUP]: () => ({ resources: [{ autoscalingGroups: [{ name: "eks-shop-prod-1" }] }] }),
};

async function declare(over: Partial<NodeGroupArgs> = {}) {
  const declarations = await Declarations.begin({ answers });
  const nodes = new NodeGroup("shop-prod", { ...args, ...over }, declarations.opts);
  await declarations.settle();
  const [template] = declarations.all.filter(({ type }) => type === TEMPLATE);
  const [group] = declarations.all.filter(({ type }) => type === GROUP);
  if (template === undefined || group === undefined) throw new Error("no template or no group");
  return { declarations, nodes, template, group };
}

const userDataOf = ({ inputs }: { inputs: Record<string, unknown> }) =>
  Buffer.from(String(inputs.userData), "base64").toString();

describe("NodeGroup", () => {
  let declared: Awaited<ReturnType<typeof declare>>;
  beforeAll(async () => {
    declared = await declare({ tags: { project: "shop", Name: "ignored" } });
  });

  it("names its children after itself, and template and group after the architecture too", () => {
    const { declarations } = declared;
    expect(declarations.all.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      `${TEMPLATE} shop-prod-x86_64`,
      `${GROUP} shop-prod-x86_64`,
      `${ROLE} shop-prod-node`,
      `${POLICY} shop-prod-node-self`,
      `${ATTACHMENT} shop-prod-node-cluster`,
      `${ATTACHMENT} shop-prod-node-images`,
      `${ATTACHMENT} shop-prod-node-systems-manager`,
      "slipway:aws:NodeGroup shop-prod",
    ]);
  });

  it("allows nodes only to join, to pull images and to use Systems Manager", () => {
    const { declarations } = declared;
    const attached = declarations.all.filter(({ type }) => type === ATTACHMENT);
    expect(attached.map(({ inputs }) => inputs.policyArn).sort()).toEqual([
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
      "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    ]);
    const self = declarations.one(POLICY, "shop-prod-node-self").inputs;
    expect(JSON.parse(String(self.policy)).Statement).toEqual([
      { Effect: "Allow", Action: ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"], Resource: "*" },
    ]);
    const role = declarations.one(ROLE, "shop-prod-node").inputs;
    expect(JSON.parse(String(role.assumeRolePolicy)).Statement).toEqual([
      { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
  });

  it("starts nodes with IMDSv2 out of reach of pods, an encrypted disk and CPU metrics every minute", () => {
    expect(declared.template.inputs).toMatchObject({
      imageId: "ami-0123",
      vpcSecurityGroupIds: ["sg-0123"],
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      monitoring: { enabled: true },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: 50, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
    });
  });

  it("tags instances, volumes and network interfaces", () => {
    const tags = { project: "shop", Name: "shop-prod" };
    expect(declared.template.inputs.tagSpecifications).toEqual([
      { resourceType: "instance", tags },
      { resourceType: "volume", tags },
      { resourceType: "network-interface", tags },
    ]);
  });

  it("passes the cluster and a limit of 50 pods in the user data", () => {
    const text = userDataOf(declared.template);
    for (const line of ['"name": "shop-prod"', '"cidr": "172.20.0.0/16"', '"maxPods": 50'])
      expect(text).toContain(line);
  });

  it("uses the latest version of its template and updates one node at a time", () => {
    expect(declared.group.inputs).toEqual({
      clusterName: "shop-prod",
      nodeRoleArn: "arn:aws:iam::123456789012:role/node",
      subnetIds: ["subnet-1", "subnet-2"],
      capacityType: "ON_DEMAND",
      launchTemplate: { id: "shop-prod-x86_64-id", version: "7" },
      scalingConfig: { minSize: 2, maxSize: 8, desiredSize: 2 },
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
    });
  });

  it("leaves the number of nodes to the autoscaler and keeps the image", () => {
    expect(declared.group.opts.ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
    expect(declared.template.opts.ignoreChanges).toEqual(["imageId"]);
  });

  it("has no fixed names, so that replacements exist before anything is deleted", () => {
    for (const { inputs, opts } of declared.declarations.all) {
      expect(inputs).not.toHaveProperty("name");
      expect(inputs).not.toHaveProperty("nodeGroupName");
      expect(opts.deleteBeforeReplace).toBeFalsy();
    }
  });

  it("waits for an update as long as EKS may take to replace all nodes", async () => {
    expect(declared.group.opts.customTimeouts).toEqual({ update: "160m" });
    const { group } = await declare({ config: { ...args.config, max: 2 } });
    expect(group.opts.customTimeouts).toEqual({ update: "60m" });
  });

  it("outputs the name of its Auto Scaling group", async () => {
    expect(await resolved(declared.nodes.autoScalingGroupName)).toBe("eks-shop-prod-1");
  });
});

describe("the config of a node group", () => {
  it("puts one instance type into the template and several into the group", async () => {
    const single = await declare();
    expect(single.template.inputs.instanceType).toBe("t3.medium");
    expect(single.group.inputs).not.toHaveProperty("instanceTypes");
    const config = { ...args.config, instanceTypes: ["t3.medium", "t3.large"] };
    const several = await declare({ config });
    expect(several.template.inputs).not.toHaveProperty("instanceType");
    expect(several.group.inputs.instanceTypes).toEqual(["t3.medium", "t3.large"]);
  });

  it("sets spot capacity, the disk size and the limit of pods", async () => {
    const config = { ...args.config, capacity: "spot", diskGiB: 80, maxPods: 100 } as const;
    const { template, group } = await declare({ config });
    expect(group.inputs.capacityType).toBe("SPOT");
    expect(template.inputs.blockDeviceMappings).toMatchObject([{ ebs: { volumeSize: 80 } }]);
    expect(userDataOf(template)).toContain('"maxPods": 100');
  });

  it("creates another template and group for another architecture", async () => {
    const { template, group } = await declare({ architecture: "arm64" });
    expect([template.name, group.name]).toEqual(["shop-prod-arm64", "shop-prod-arm64"]);
  });

  it("changes the image if a release is set or if it is to be updated", async () => {
    const config = { ...args.config, amiRelease: "v20260915" };
    for (const over of [{ config }, { config, updateImage: false }, { updateImage: true }]) {
      expect((await declare(over)).template.opts.ignoreChanges).toEqual([]);
    }
  });

  it("declares the current number of nodes with new sizes or subnets", async () => {
    const subnetIds = ["subnet-1", "subnet-2"];
    const current = { min: 2, max: 8, desired: 5, instanceTypes: [], capacity: "on-demand" as const, subnetIds };
    const network = networkOf({ zones: 2 });
    for (const over of [
      { network, current: { ...current, max: 6 } },
      { network: networkOf({ zones: 3 }), current },
    ]) {
      const { group } = await declare(over);
      expect(group.inputs.scalingConfig).toEqual({ minSize: 2, maxSize: 8, desiredSize: 5 });
      expect(group.opts.ignoreChanges).toEqual([]);
    }
    expect((await declare({ network, current })).group.opts.ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
  });
});

describe("the order of a node group", () => {
  it("creates the group after its policies and the dependencies of the component", async () => {
    const declarations = await Declarations.begin({ answers });
    const before = new pulumi.ComponentResource("test:index:Addons", "before", {}, declarations.opts);
    for (const dependsOn of [before, [before]]) {
      const name = Array.isArray(dependsOn) ? "many" : "one";
      new NodeGroup(name, args, { ...declarations.opts, dependsOn });
      await declarations.settle();
      expect(await dependenciesOf(declarations.one(GROUP, `${name}-x86_64`))).toEqual([
        `${POLICY} ${name}-node-self`,
        `${ATTACHMENT} ${name}-node-cluster`,
        `${ATTACHMENT} ${name}-node-images`,
        `${ATTACHMENT} ${name}-node-systems-manager`,
        "test:index:Addons before",
      ]);
    }
  });

  it("previews the creation with unknown outputs", async () => {
    const declarations = await Declarations.begin({ preview: true });
    const nodes = new NodeGroup("shop-prod", args, declarations.opts);
    await declarations.settle();
    expect(declarations.named(GROUP)).toEqual(["shop-prod-x86_64"]);
    expect(await isKnown(nodes.autoScalingGroupName)).toBe(false);
  });
});
