import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALERT_ACTIONS,
  CHANGE_ACTIONS,
  CLUSTER_ACTIONS,
  MAKE_ACTIONS,
  RULE_ACTIONS,
  SCALING_ACTIONS,
} from "../../../../components/aws/access/deploy-actions.ts";
import { deployPolicy, previewPolicy } from "../../../../components/aws/access/deploy-policy.ts";
import { ACCOUNT, actionsOf, BUCKET, EC2, here, IAM, isLook, REGION, REPOSITORY, rights } from "./deploy-rights.ts";
import { allows, type Request } from "./iam-decision.ts";

const deploy = deployPolicy(rights);
const preview = previewPolicy(rights);
const tagged = (key: "RequestTag" | "ResourceTag", environment: string, project = "slipway") => ({
  [`aws:${key}/project`]: project,
  [`aws:${key}/environment`]: environment,
});
const can = (request: Request) => allows(deploy, request);

describe("a deploy", () => {
  it("sees all that a preview sees", () => {
    for (const { Sid, Action, ...rest } of preview.Statement) {
      const same = deploy.Statement.find((statement) => statement.Sid === Sid);
      expect(same).toMatchObject(rest);
      expect(same?.Action).toEqual(expect.arrayContaining(Action));
    }
  });

  it("writes nothing in IAM, and assumes no role", () => {
    const writes = actionsOf(deploy).filter(
      (action) => /^(iam|sts|organizations|account):/.test(action) && !isLook(action),
    );
    expect(writes).toEqual(["iam:PassRole"]);
  });

  it("neither makes nor deletes what holds data, nor shortens its life", () => {
    const data =
      /^(eks:(Create|Delete)Cluster|kms:(?!Decrypt|GenerateDataKey|Describe|Get|List)|s3:(Create|Delete|PutBucket|PutLifecycle)|ecr:(CreateRepository|DeleteRepository$|BatchDeleteImage|PutImageTagMutability)|logs:(?!Describe|List)|ec2:(Create|Delete)Vpc$)/;
    expect(actionsOf(deploy).filter((action) => data.test(action))).toEqual([]);
  });

  it.each(CHANGE_ACTIONS)("%s: what is the environment's only, and only in its region", (action) => {
    const on = (context: Record<string, string>) => can({ action, resource: `${EC2}:other/1`, context });
    expect(on({ ...here, ...tagged("ResourceTag", "prod") })).toBe(true);
    expect(on({ ...here, ...tagged("ResourceTag", "dev") })).toBe(false);
    expect(on({ ...here, ...tagged("ResourceTag", "prod", "other") })).toBe(false);
    expect(on({ "aws:RequestedRegion": "us-east-1", ...tagged("ResourceTag", "prod") })).toBe(false);
    expect(on(here)).toBe(false);
    // What the request says of itself does not make a resource the environment's.
    expect(on({ ...here, ...tagged("ResourceTag", "dev"), ...tagged("RequestTag", "prod") })).toBe(false);
  });

  it.each(MAKE_ACTIONS)("%s: only with the environment's tags", (action) => {
    const type = action.startsWith("ec2:") ? "subnet" : "loadbalancer";
    const resource = `arn:aws:${action.split(":")[0]}:${REGION}:${ACCOUNT}:${type}/net/1`;
    const elsewhere = { "aws:RequestedRegion": "us-east-1", ...tagged("RequestTag", "prod") };
    expect(can({ action, resource, context: elsewhere })).toBe(false);
    expect(can({ action, resource, context: { ...here, ...tagged("RequestTag", "prod") } })).toBe(true);
    expect(can({ action, resource, context: { ...here, ...tagged("RequestTag", "dev") } })).toBe(false);
    expect(can({ action, resource, context: here })).toBe(false);
  });

  it("cannot claim what others own by tagging it", () => {
    const context = { ...here, ...tagged("RequestTag", "prod"), ...tagged("ResourceTag", "dev") };
    const elb = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/net/1`;
    expect(can({ action: "ec2:CreateTags", resource: `${EC2}:security-group/sg-1`, context })).toBe(false);
    expect(can({ action: "elasticloadbalancing:AddTags", resource: elb, context })).toBe(false);

    const made = { ...here, ...tagged("RequestTag", "prod") };
    const onMaking = { ...made, "ec2:CreateAction": "CreateSubnet" };
    expect(can({ action: "ec2:CreateTags", resource: `${EC2}:subnet/subnet-1`, context: onMaking })).toBe(true);
    const onMakingBalancer = { ...made, "elasticloadbalancing:CreateAction": "CreateLoadBalancer" };
    expect(can({ action: "elasticloadbalancing:AddTags", resource: elb, context: onMakingBalancer })).toBe(true);
  });

  it.each(RULE_ACTIONS)("%s: of its own groups and the cluster's, of no other", (action) => {
    const on = (context: Record<string, string>) =>
      can({ action, resource: `${EC2}:security-group/sg-1`, context: { ...here, ...context } });
    expect(on(tagged("ResourceTag", "prod"))).toBe(true);
    expect(on({ "aws:ResourceTag/aws:eks:cluster-name": "shop-prod" })).toBe(true);
    expect(on({ "aws:ResourceTag/aws:eks:cluster-name": "shop" })).toBe(false);
    expect(on(tagged("RequestTag", "prod"))).toBe(false);
  });

  it.each(CLUSTER_ACTIONS)("%s: on its own cluster", (action) => {
    for (const part of ["cluster/shop-prod", "nodegroup/shop-prod/a/b", "access-entry/shop-prod/role/1/a/b"]) {
      expect(can({ action, resource: `arn:aws:eks:${REGION}:${ACCOUNT}:${part}` })).toBe(true);
      expect(can({ action, resource: `arn:aws:eks:${REGION}:${ACCOUNT}:${part.replace("prod", "prod-eu")}` })).toBe(
        false,
      );
    }
  });

  it.each(SCALING_ACTIONS)("%s: on the group behind its own nodes", (action) => {
    const on = (cluster: string) =>
      can({ action, resource: "*", context: { ...here, "aws:ResourceTag/eks:cluster-name": cluster } });
    expect(on("shop-prod")).toBe(true);
    expect(on("shop")).toBe(false);
  });

  it("starts machines from its own launch templates only", () => {
    const action = "ec2:RunInstances";
    const template = `${EC2}:launch-template/lt-1`;
    const from = { ...here, "ec2:LaunchTemplate": template };
    expect(can({ action, resource: `${EC2}:instance/*`, context: from })).toBe(true);
    expect(can({ action, resource: `${EC2}:instance/*`, context: here })).toBe(false);
    expect(can({ action, resource: template, context: { ...from, ...tagged("ResourceTag", "prod") } })).toBe(true);
    expect(can({ action, resource: template, context: { ...from, ...tagged("ResourceTag", "dev") } })).toBe(false);
  });

  it("passes on the roles of its nodes, pods and flow logs, to what takes them", () => {
    const pass = (role: string, service: string) =>
      can({
        action: "iam:PassRole",
        resource: `${IAM}:role/${role}`,
        context: { "iam:PassedToService": service },
      });
    expect(pass("shop-prod-node-0a1b2c3", "ec2.amazonaws.com")).toBe(true);
    expect(pass("shop-prod-ebs-csi-0a1b2c3", "pods.eks.amazonaws.com")).toBe(true);
    expect(pass("shop-prod-flow-logs-0a1b2c3", "vpc-flow-logs.amazonaws.com")).toBe(true);
    expect(pass("shop-prod-node-0a1b2c3", "lambda.amazonaws.com")).toBe(false);
    expect(pass("slipway-delivery/shop-prod-deploy-0a1b2c3", "ec2.amazonaws.com")).toBe(false);
    expect(pass("slipway-delivery/shop-prod-node-0a1b2c3", "ec2.amazonaws.com")).toBe(false);
    expect(pass("admin", "ec2.amazonaws.com")).toBe(false);
  });

  it("reaches no role, alarm or topic of another cluster, however alike their names", () => {
    const own = fc.constantFrom("shop", "shop-prod", "shop-node", "node");
    // The worst: a name that goes on as those of what the other cluster has.
    const rest = fc.constantFrom("", "-prod", "-node", "-ebs-csi", "-cpu-high", "-alerts", "-eu");
    const names = fc.tuple(own, own, rest).map(([one, other, rest]) => [one, `${other}${rest}`] as const);
    const made = fc.constantFrom(
      ["iam:PassRole", `${IAM}:role/`, "node"],
      ["iam:PassRole", `${IAM}:role/`, "ebs-csi"],
      ["cloudwatch:DeleteAlarms", `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:`, "cpu-high"],
      ["sns:DeleteTopic", `arn:aws:sns:${REGION}:${ACCOUNT}:`, "alerts"],
    );
    fc.assert(
      fc.property(names, made, ([own, other], [action = "", prefix, purpose]) => {
        const policy = deployPolicy({ ...rights, clusterName: own });
        const resource = `${prefix}${other}-${purpose}-0a1b2c3`;
        const context = { "iam:PassedToService": "ec2.amazonaws.com" };
        expect(allows(policy, { action, resource, context })).toBe(own === other);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(ALERT_ACTIONS)("%s: on its own alarms or topic", (action) => {
    const own = [
      `cloudwatch:${REGION}:${ACCOUNT}:alarm:shop-prod-cpu-low-0a1b2c3`,
      `sns:${REGION}:${ACCOUNT}:shop-prod-alerts-0a1b2c3`,
    ];
    expect(own.some((arn) => can({ action, resource: `arn:aws:${arn}` }))).toBe(true);
    expect(can({ action, resource: `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:billing` })).toBe(false);
  });

  it("pushes images where it builds them; elsewhere it only marks what runs", () => {
    const promoting = deployPolicy({ ...rights, images: "mark", ownsRepository: false });
    for (const action of ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]) {
      expect(can({ action, resource: REPOSITORY })).toBe(true);
      expect(allows(promoting, { action, resource: REPOSITORY })).toBe(false);
    }
    for (const action of ["ecr:PutImage", "ecr:BatchGetImage"]) {
      expect(allows(promoting, { action, resource: REPOSITORY })).toBe(true);
      expect(allows(promoting, { action, resource: `${REPOSITORY}-other` })).toBe(false);
    }
  });

  it("sets how images expire where it owns the repository only", () => {
    const action = "ecr:PutLifecyclePolicy";
    expect(can({ action, resource: REPOSITORY })).toBe(true);
    expect(allows(deployPolicy({ ...rights, ownsRepository: false }), { action, resource: REPOSITORY })).toBe(false);
  });

  it("reaches the repository in its owner's account", () => {
    const policy = deployPolicy({ ...rights, repository: { name: "shop", accountId: "999999999999" } });
    const resource = `arn:aws:ecr:${REGION}:999999999999:repository/shop`;
    expect(allows(policy, { action: "ecr:PutImage", resource })).toBe(true);
    expect(allows(policy, { action: "ecr:PutImage", resource: REPOSITORY })).toBe(false);
  });

  it("uploads artifacts and reads none back", () => {
    const resource = `${BUCKET}/v1.2.3/app.jar`;
    expect(can({ action: "s3:PutObject", resource })).toBe(true);
    expect(can({ action: "s3:GetObject", resource })).toBe(false);
    expect(can({ action: "s3:PutObject", resource: "arn:aws:s3:::state/prod.json" })).toBe(false);
    expect(
      actionsOf(deployPolicy({ ...rights, bucketArn: undefined })).filter((action) => /^(s3|kms:Dec)/.test(action)),
    ).toEqual([]);
  });

  it("uses the environment's key by way of S3 only", () => {
    const use = (environment: string, service: string) =>
      can({
        action: "kms:Decrypt",
        resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`,
        context: { ...here, ...tagged("ResourceTag", environment), "kms:ViaService": service },
      });
    expect(use("prod", `s3.${REGION}.amazonaws.com`)).toBe(true);
    expect(use("prod", `secretsmanager.${REGION}.amazonaws.com`)).toBe(false);
    expect(use("dev", `s3.${REGION}.amazonaws.com`)).toBe(false);
  });
});
