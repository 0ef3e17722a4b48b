import { describe, expect, it } from "vitest";
import { autoscalerPolicy } from "../../../../components/aws/autoscaler/policy.ts";
import { allows } from "../access/evaluate-policy.ts";

const policy = autoscalerPolicy("arn:aws:eks:eu-west-1:123456789012:cluster/shop-prod");
const group =
  "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0a1b2c3d-0000-4000-8000-0123456789ab:" +
  "autoScalingGroupName/eks-shop-prod-x86_64-12c9";
/** As EKS tags the group of a node group of the cluster. */
const tagsOf = (cluster: string) => ({
  "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true",
  [`aws:ResourceTag/k8s.io/cluster-autoscaler/${cluster}`]: "owned",
});

describe.each(["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"])(
  "the cluster-autoscaler and %s",
  (action) => {
    it("may use it on the groups of its cluster", () => {
      expect(allows(policy, { action, resource: group, context: tagsOf("shop-prod") })).toBe(true);
    });

    it.each<[string, Record<string, string>]>([
      ["another cluster's", tagsOf("shop-dev")],
      ["one without tags", {}],
      ["one that is tagged as disabled", { ...tagsOf("shop-prod"), [Object.keys(tagsOf("x"))[0] ?? ""]: "false" }],
      [
        "one that only shares the cluster",
        { ...tagsOf("shop-prod"), [Object.keys(tagsOf("shop-prod"))[1] ?? ""]: "shared" },
      ],
    ])("may not use it on %s", (_, context) => {
      expect(allows(policy, { action, resource: group, context })).toBe(false);
    });

    it("may not use it in another account or region", () => {
      for (const resource of [group.replace("123456789012", "210987654321"), group.replace("eu-west-1", "us-east-1")]) {
        expect(allows(policy, { action, resource, context: tagsOf("shop-prod") })).toBe(false);
      }
    });
  },
);

describe("the cluster-autoscaler", () => {
  it.each([
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
  ])("may use %s only in its region", (action) => {
    const inRegion = (region: string) => ({ action, resource: "*", context: { "aws:RequestedRegion": region } });
    expect(allows(policy, inRegion("eu-west-1"))).toBe(true);
    expect(allows(policy, inRegion("us-east-1"))).toBe(false);
  });

  it("may read its cluster's node groups, but not those of a cluster whose name starts with its own", () => {
    const look = (nodeGroup: string) => ({
      action: "eks:DescribeNodegroup",
      resource: `arn:aws:eks:eu-west-1:123456789012:nodegroup/${nodeGroup}/a0b1c2`,
    });
    expect(allows(policy, look("shop-prod/shop-prod-x86_64"))).toBe(true);
    expect(allows(policy, look("shop-prod-2/shop-prod-2-x86_64"))).toBe(false);
  });

  it.each(["autoscaling:UpdateAutoScalingGroup", "autoscaling:DeleteTags", "ec2:TerminateInstances", "iam:PassRole"])(
    "may not %s",
    (action) => {
      const context = { ...tagsOf("shop-prod"), "aws:RequestedRegion": "eu-west-1" };
      expect(allows(policy, { action, resource: group, context })).toBe(false);
    },
  );

  it("is the same in other partitions", () => {
    const china = autoscalerPolicy("arn:aws-cn:eks:cn-north-1:123456789012:cluster/shop-prod");
    expect(JSON.stringify(china)).not.toContain("arn:aws:");
  });
});
