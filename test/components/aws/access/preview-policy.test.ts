import { describe, expect, it } from "vitest";
import {
  type DeployPermissions,
  deployPolicy,
  inlineDeployPolicy,
  managedDeployPolicy,
  previewPolicy,
} from "../../../../components/aws/access/deploy-policies.ts";
import type { PolicyDocument } from "../../../../components/aws/access/iam-policy.ts";
import {
  ACCOUNT,
  actionsOf,
  BUCKET,
  EC2,
  IAM,
  inRegion,
  isRead,
  permissions,
  REGION,
  REPOSITORY,
} from "./deploy-permissions.ts";
import { allows } from "./evaluate-policy.ts";

const deploy = deployPolicy(permissions);
const preview = previewPolicy(permissions);
const policies: [string, PolicyDocument][] = [
  ["deploy", deploy],
  ["preview", preview],
];

describe.each(policies)("the %s policy", (_, policy) => {
  it("has wildcards only in read actions and in a few known ones", () => {
    const known = [
      "ec2:AuthorizeSecurityGroup*",
      "ec2:RevokeSecurityGroup*",
      "eks:*AccessEntry",
      "eks:*AccessPolicy",
      "eks:*Addon",
      "eks:*Nodegroup",
      "eks:*PodIdentityAssociation",
      "eks:UpdateCluster*",
      "eks:UpdateNodegroup*",
      "elasticloadbalancing:ModifyListener*",
      "elasticloadbalancing:ModifyTargetGroup*",
    ];
    for (const action of actionsOf(policy).filter((action) => action.includes("*") && !known.includes(action))) {
      expect(action).toMatch(/^[a-z0-9]+:(Describe|Get|List)[A-Za-z]*\*[A-Za-z]*$/);
    }
  });

  it("repeats no action in a statement and no Sid", () => {
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
    for (const { Sid, Action } of policy.Statement) {
      expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
      expect(new Set(Action).size, Sid).toBe(Action.length);
    }
  });

  it("limits every statement to the account or the region", () => {
    for (const { Sid, Resource, Condition } of policy.Statement) {
      const inAccount = [Resource].flat().every((arn) => arn.includes(ACCOUNT) || arn.startsWith(BUCKET));
      const exempt = ["ListLogins", "LookUpNodeImages", "TryLaunchTemplate"].includes(Sid);
      expect(inAccount || Condition?.StringEquals?.["aws:RequestedRegion"] === REGION || exempt, Sid).toBe(true);
    }
  });
});

describe("the size of the policies", () => {
  it("stays within IAM's limit with the longest names", () => {
    const long: DeployPermissions = {
      ...permissions,
      stack: "s".repeat(40),
      clusterName: "c".repeat(38),
      repository: { name: "r".repeat(128), accountId: ACCOUNT },
      bucketArn: `arn:aws:s3:::${"b".repeat(63)}`,
    };
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    expect(JSON.stringify(inlineDeployPolicy(long)).length).toBeLessThanOrEqual(10_240 - 1_000);
    expect(JSON.stringify(managedDeployPolicy(long)).length).toBeLessThanOrEqual(6_144);
    expect(JSON.stringify(previewPolicy(long)).length).toBeLessThanOrEqual(6_144);
  });
});

describe("the preview policy", () => {
  it("allows only reading", () => {
    const changing = actionsOf(preview).filter((action) => !isRead(action));
    expect(changing).toEqual([]);
  });

  it.each([
    ["objects", "s3:GetObject", `${BUCKET}/v1.2.3/app.jar`],
    ["noncurrent objects", "s3:GetObjectVersion", `${BUCKET}/v1.2.3/app.jar`],
    ["data that the KMS key encrypts", "kms:Decrypt", `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`],
    ["parameters of the account", "ssm:GetParameter", `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/db/password`],
    ["secrets", "secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:db`],
    ["log lines", "logs:GetLogEvents", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/shop-prod/cluster`],
    ["log lines by search", "logs:FilterLogEvents", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:any`],
    ["image layers", "ecr:GetDownloadUrlForLayer", REPOSITORY],
    ["user data of instances", "ec2:DescribeInstanceAttribute", `${EC2}:instance/i-1`],
    ["consoles of instances", "ec2:GetConsoleOutput", `${EC2}:instance/i-1`],
  ])("does not allow reading %s", (_, action, resource) => {
    expect(allows(preview, { action, resource, context: inRegion })).toBe(false);
  });

  it.each([
    ["image digests", "ecr:BatchGetImage", REPOSITORY],
    [
      "the AMIs that AWS publishes",
      "ssm:GetParameter",
      `arn:aws:ssm:${REGION}::parameter/aws/service/eks/optimized-ami/1.36`,
    ],
    ["the cluster", "eks:DescribeCluster", `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/shop-prod`],
    ["its node groups", "eks:DescribeNodegroup", `arn:aws:eks:${REGION}:${ACCOUNT}:nodegroup/shop-prod/a/b`],
    ["the caller's role", "iam:GetRole", `${IAM}:role/slipway-delivery/shop-prod-preview-0a1b2c3`],
    ["the bucket's settings", "s3:GetBucketVersioning", BUCKET],
    ["the bucket's encryption", "s3:GetEncryptionConfiguration", BUCKET],
    ["the key's policy", "kms:GetKeyPolicy", `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`],
    ["instance types", "ec2:DescribeInstanceTypes", "*"],
  ])("allows reading %s", (_, action, resource) => {
    expect(allows(preview, { action, resource, context: inRegion })).toBe(true);
  });

  it("does not allow reading other clusters, repositories and regions", () => {
    expect(
      allows(preview, { action: "eks:DescribeCluster", resource: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/shop` }),
    ).toBe(false);
    expect(allows(preview, { action: "ecr:BatchGetImage", resource: `${REPOSITORY}-eu` })).toBe(false);
    const context = { "aws:RequestedRegion": "us-east-1" };
    expect(allows(preview, { action: "ec2:DescribeVpcs", resource: "*", context })).toBe(false);
  });
});
