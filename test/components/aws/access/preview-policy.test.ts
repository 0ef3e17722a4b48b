import { describe, expect, it } from "vitest";
import {
  type DeployRights,
  deployPolicy,
  type PolicyDocument,
  previewPolicy,
} from "../../../../components/aws/access/deploy-policy.ts";
import { ACCOUNT, actionsOf, BUCKET, EC2, here, IAM, isLook, REGION, REPOSITORY, rights } from "./deploy-rights.ts";
import { allows } from "./iam-decision.ts";

const deploy = deployPolicy(rights);
const preview = previewPolicy(rights);
const policies: [string, PolicyDocument][] = [
  ["deploy", deploy],
  ["preview", preview],
];

describe.each(policies)("the %s policy", (_, policy) => {
  it("allows no service as a whole: a wildcard ends what looks, or leaves open one part of a thing's name", () => {
    const open = [
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
    for (const action of actionsOf(policy).filter((action) => action.includes("*") && !open.includes(action))) {
      expect(action).toMatch(/^[a-z0-9]+:(Describe|Get|List)[A-Za-z]*\*[A-Za-z]*$/);
    }
  });

  it("names each action once in a statement, and each statement once", () => {
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
    for (const { Sid, Action } of policy.Statement) {
      expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
      expect(new Set(Action).size, Sid).toBe(Action.length);
    }
  });

  it("is an account's and a region's, whatever it allows", () => {
    for (const { Sid, Resource, Condition } of policy.Statement) {
      const bound = [Resource].flat().every((arn) => arn.includes(ACCOUNT) || arn.startsWith(BUCKET));
      const elsewhere = ["ListLogins", "LookUpNodeImages", "TryLaunchTemplate"].includes(Sid);
      expect(bound || Condition?.StringEquals?.["aws:RequestedRegion"] === REGION || elsewhere, Sid).toBe(true);
    }
  });
});

describe("sizes", () => {
  it("fit what AWS takes for a role's own policies, with names as long as they come", () => {
    const long: DeployRights = {
      ...rights,
      stack: "s".repeat(40),
      clusterName: "c".repeat(38),
      repository: { name: "r".repeat(128), accountId: ACCOUNT },
      bucketArn: `arn:aws:s3:::${"b".repeat(63)}`,
    };
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    expect(JSON.stringify(deployPolicy(long)).length).toBeLessThanOrEqual(10_240);
    expect(JSON.stringify(previewPolicy(long)).length).toBeLessThanOrEqual(6_144);
  });
});

describe("a preview", () => {
  it("changes nothing", () => {
    const changing = actionsOf(preview).filter((action) => !isLook(action));
    expect(changing).toEqual([]);
  });

  it.each([
    ["objects", "s3:GetObject", `${BUCKET}/v1.2.3/app.jar`],
    ["older objects", "s3:GetObjectVersion", `${BUCKET}/v1.2.3/app.jar`],
    ["what the key encrypts", "kms:Decrypt", `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`],
    ["parameters of the account", "ssm:GetParameter", `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/db/password`],
    ["secrets", "secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:db`],
    ["log lines", "logs:GetLogEvents", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/shop-prod/cluster`],
    ["log lines by search", "logs:FilterLogEvents", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:any`],
    ["layers of images", "ecr:GetDownloadUrlForLayer", REPOSITORY],
    ["user data of machines", "ec2:DescribeInstanceAttribute", `${EC2}:instance/i-1`],
    ["consoles of machines", "ec2:GetConsoleOutput", `${EC2}:instance/i-1`],
  ])("reads no %s", (_, action, resource) => {
    expect(allows(preview, { action, resource, context: here })).toBe(false);
  });

  it.each([
    ["the images' digests", "ecr:BatchGetImage", REPOSITORY],
    [
      "AMIs as AWS publishes them",
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
  ])("does see %s", (_, action, resource) => {
    expect(allows(preview, { action, resource, context: here })).toBe(true);
  });

  it("sees nothing of other clusters, repositories and regions", () => {
    expect(
      allows(preview, { action: "eks:DescribeCluster", resource: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/shop` }),
    ).toBe(false);
    expect(allows(preview, { action: "ecr:BatchGetImage", resource: `${REPOSITORY}-eu` })).toBe(false);
    const context = { "aws:RequestedRegion": "us-east-1" };
    expect(allows(preview, { action: "ec2:DescribeVpcs", resource: "*", context })).toBe(false);
  });
});
