import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CREATE_ACTIONS,
  SECURITY_GROUP_RULE_ACTIONS,
  UPDATE_ACTIONS,
  UPDATE_ALERTS_ACTIONS,
  UPDATE_AUTO_SCALING_ACTIONS,
  UPDATE_CLUSTER_ACTIONS,
} from "../../../../components/aws/access/deploy-actions.ts";
import { deployPolicy, previewPolicy } from "../../../../components/aws/access/deploy-policies.ts";
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
import { allows, type Request } from "./evaluate-policy.ts";

const deploy = deployPolicy(permissions);
const preview = previewPolicy(permissions);
const tagged = (key: "RequestTag" | "ResourceTag", environment: string, project = "slipway") => ({
  [`aws:${key}/project`]: project,
  [`aws:${key}/environment`]: environment,
});
const can = (request: Request) => allows(deploy, request);

describe("the deploy policy", () => {
  it("allows everything that the preview policy allows", () => {
    for (const { Sid, Action, ...rest } of preview.Statement) {
      const same = deploy.Statement.find((statement) => statement.Sid === Sid);
      expect(same).toMatchObject(rest);
      expect(same?.Action).toEqual(expect.arrayContaining(Action));
    }
  });

  it("allows no write in IAM and no assuming of roles", () => {
    const writes = actionsOf(deploy).filter(
      (action) => /^(iam|sts|organizations|account):/.test(action) && !isRead(action),
    );
    expect(writes).toEqual(["iam:PassRole"]);
  });

  it("passes the roles of services to pods, and no other role nor to anything else", () => {
    const role = `${IAM}:role/ledger`;
    const policy = deployPolicy({ ...permissions, serviceRoles: [role] });
    const passes = (resource: string, service: string) =>
      allows(policy, { action: "iam:PassRole", resource, context: { "iam:PassedToService": service } });
    expect(passes(role, "pods.eks.amazonaws.com")).toBe(true);
    expect(passes(`${IAM}:role/admin`, "pods.eks.amazonaws.com")).toBe(false);
    expect(passes(role, "ec2.amazonaws.com")).toBe(false);
    expect(allows(policy, { action: "iam:GetRole", resource: role, context: {} })).toBe(true);
    expect(deployPolicy({ ...permissions, serviceRoles: [] })).toEqual(deploy);
  });

  it("does not allow creating or deleting resources that hold data, or changing how long it is kept", () => {
    const data =
      /^(eks:(Create|Delete)Cluster|kms:(?!Decrypt|GenerateDataKey|Describe|Get|List)|s3:(Create|Delete|PutBucket|PutLifecycle)|ecr:(CreateRepository|DeleteRepository$|BatchDeleteImage|PutImageTagMutability)|logs:(?!Describe|List)|ec2:(Create|Delete)Vpc$)/;
    expect(actionsOf(deploy).filter((action) => data.test(action))).toEqual([]);
  });

  it.each(UPDATE_ACTIONS)("allows %s only on the environment's resources and in its region", (action) => {
    const on = (context: Record<string, string>) => can({ action, resource: `${EC2}:other/1`, context });
    expect(on({ ...inRegion, ...tagged("ResourceTag", "prod") })).toBe(true);
    expect(on({ ...inRegion, ...tagged("ResourceTag", "dev") })).toBe(false);
    expect(on({ ...inRegion, ...tagged("ResourceTag", "prod", "other") })).toBe(false);
    expect(on({ "aws:RequestedRegion": "us-east-1", ...tagged("ResourceTag", "prod") })).toBe(false);
    expect(on(inRegion)).toBe(false);
    // Tags in the request must not replace tags of the resource.
    expect(on({ ...inRegion, ...tagged("ResourceTag", "dev"), ...tagged("RequestTag", "prod") })).toBe(false);
  });

  it.each(CREATE_ACTIONS)("allows %s only with the environment's tags", (action) => {
    const type = action.startsWith("ec2:") ? "subnet" : "loadbalancer";
    const resource = `arn:aws:${action.split(":")[0]}:${REGION}:${ACCOUNT}:${type}/net/1`;
    const elsewhere = { "aws:RequestedRegion": "us-east-1", ...tagged("RequestTag", "prod") };
    expect(can({ action, resource, context: elsewhere })).toBe(false);
    expect(can({ action, resource, context: { ...inRegion, ...tagged("RequestTag", "prod") } })).toBe(true);
    expect(can({ action, resource, context: { ...inRegion, ...tagged("RequestTag", "dev") } })).toBe(false);
    expect(can({ action, resource, context: inRegion })).toBe(false);
  });

  it("does not allow tagging resources that others own", () => {
    const context = { ...inRegion, ...tagged("RequestTag", "prod"), ...tagged("ResourceTag", "dev") };
    const elb = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/net/1`;
    expect(can({ action: "ec2:CreateTags", resource: `${EC2}:security-group/sg-1`, context })).toBe(false);
    expect(can({ action: "elasticloadbalancing:AddTags", resource: elb, context })).toBe(false);

    const withTags = { ...inRegion, ...tagged("RequestTag", "prod") };
    const onCreateSubnet = { ...withTags, "ec2:CreateAction": "CreateSubnet" };
    expect(can({ action: "ec2:CreateTags", resource: `${EC2}:subnet/subnet-1`, context: onCreateSubnet })).toBe(true);
    const onCreateLoadBalancer = { ...withTags, "elasticloadbalancing:CreateAction": "CreateLoadBalancer" };
    expect(can({ action: "elasticloadbalancing:AddTags", resource: elb, context: onCreateLoadBalancer })).toBe(true);
  });

  it.each(SECURITY_GROUP_RULE_ACTIONS)(
    "allows %s only in the environment's security groups and the cluster's",
    (action) => {
      const on = (context: Record<string, string>) =>
        can({ action, resource: `${EC2}:security-group/sg-1`, context: { ...inRegion, ...context } });
      expect(on(tagged("ResourceTag", "prod"))).toBe(true);
      expect(on({ "aws:ResourceTag/aws:eks:cluster-name": "shop-prod" })).toBe(true);
      expect(on({ "aws:ResourceTag/aws:eks:cluster-name": "shop" })).toBe(false);
      expect(on(tagged("RequestTag", "prod"))).toBe(false);
    },
  );

  it.each(UPDATE_CLUSTER_ACTIONS)("allows %s only on the environment's cluster", (action) => {
    for (const part of ["cluster/shop-prod", "nodegroup/shop-prod/a/b", "access-entry/shop-prod/role/1/a/b"]) {
      expect(can({ action, resource: `arn:aws:eks:${REGION}:${ACCOUNT}:${part}` })).toBe(true);
      expect(can({ action, resource: `arn:aws:eks:${REGION}:${ACCOUNT}:${part.replace("prod", "prod-eu")}` })).toBe(
        false,
      );
    }
  });

  it.each(UPDATE_AUTO_SCALING_ACTIONS)(
    "allows %s only on the Auto Scaling group of the environment's nodes",
    (action) => {
      const on = (cluster: string) =>
        can({ action, resource: "*", context: { ...inRegion, "aws:ResourceTag/eks:cluster-name": cluster } });
      expect(on("shop-prod")).toBe(true);
      expect(on("shop")).toBe(false);
    },
  );

  it("allows starting instances only from the environment's launch templates", () => {
    const action = "ec2:RunInstances";
    const template = `${EC2}:launch-template/lt-1`;
    const from = { ...inRegion, "ec2:LaunchTemplate": template };
    expect(can({ action, resource: `${EC2}:instance/*`, context: from })).toBe(true);
    expect(can({ action, resource: `${EC2}:instance/*`, context: inRegion })).toBe(false);
    expect(can({ action, resource: template, context: { ...from, ...tagged("ResourceTag", "prod") } })).toBe(true);
    expect(can({ action, resource: template, context: { ...from, ...tagged("ResourceTag", "dev") } })).toBe(false);
  });

  it("allows passing only the roles of nodes, pods and flow logs, and only to their services", () => {
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

  it("matches no role, alarm or topic of another cluster, however similar the names", () => {
    const own = fc.constantFrom("shop", "shop-prod", "shop-node", "shop-lb", "shop-kube", "node");
    // The worst case: a cluster name that ends like the name of a resource.
    const rest = fc.constantFrom("", "-prod", "-node", "-ebs-csi", "-cpu-high", "-lb", "-kube", "-alerts", "-eu");
    const names = fc.tuple(own, own, rest).map(([one, other, rest]) => [one, `${other}${rest}`] as const);
    const resources = fc.constantFrom(
      ["iam:PassRole", `${IAM}:role/`, "node"],
      ["iam:PassRole", `${IAM}:role/`, "ebs-csi"],
      ["cloudwatch:DeleteAlarms", `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:`, "cpu-high"],
      ["cloudwatch:DeleteAlarms", `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:`, "lb-outage"],
      ["cloudwatch:DeleteAlarms", `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:`, "kube-nodes"],
      ["cloudwatch:DeleteAlarms", `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:`, "cpu-low"],
      ["sns:DeleteTopic", `arn:aws:sns:${REGION}:${ACCOUNT}:`, "alerts"],
    );
    fc.assert(
      fc.property(names, resources, ([own, other], [action = "", prefix, purpose]) => {
        const policy = deployPolicy({ ...permissions, clusterName: own });
        const resource = `${prefix}${other}-${purpose}-0a1b2c3`;
        const context = { "iam:PassedToService": "ec2.amazonaws.com" };
        expect(allows(policy, { action, resource, context })).toBe(own === other);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(UPDATE_ALERTS_ACTIONS)("allows %s only on the environment's alarms or topic", (action) => {
    const own = [
      `cloudwatch:${REGION}:${ACCOUNT}:alarm:shop-prod-cpu-low-0a1b2c3`,
      `sns:${REGION}:${ACCOUNT}:shop-prod-alerts-0a1b2c3`,
    ];
    expect(own.some((arn) => can({ action, resource: `arn:aws:${arn}` }))).toBe(true);
    expect(can({ action, resource: `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:billing` })).toBe(false);
  });

  it("allows pushing images if the environment builds them, and otherwise only tagging them", () => {
    const neverBuilds = deployPolicy({ ...permissions, images: "tag", ownsRepository: false });
    for (const action of ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]) {
      expect(can({ action, resource: REPOSITORY })).toBe(true);
      expect(allows(neverBuilds, { action, resource: REPOSITORY })).toBe(false);
    }
    for (const action of ["ecr:PutImage", "ecr:BatchGetImage"]) {
      expect(allows(neverBuilds, { action, resource: REPOSITORY })).toBe(true);
      expect(allows(neverBuilds, { action, resource: `${REPOSITORY}-other` })).toBe(false);
    }
  });

  it("allows changing the lifecycle policy only if the environment owns the repository", () => {
    const action = "ecr:PutLifecyclePolicy";
    expect(can({ action, resource: REPOSITORY })).toBe(true);
    expect(allows(deployPolicy({ ...permissions, ownsRepository: false }), { action, resource: REPOSITORY })).toBe(
      false,
    );
  });

  it("names the repository in its owner's account", () => {
    const policy = deployPolicy({ ...permissions, repository: { name: "shop", accountId: "999999999999" } });
    const resource = `arn:aws:ecr:${REGION}:999999999999:repository/shop`;
    expect(allows(policy, { action: "ecr:PutImage", resource })).toBe(true);
    expect(allows(policy, { action: "ecr:PutImage", resource: REPOSITORY })).toBe(false);
  });

  it("allows uploading artifacts and not reading them", () => {
    const resource = `${BUCKET}/v1.2.3/app.jar`;
    expect(can({ action: "s3:PutObject", resource })).toBe(true);
    expect(can({ action: "s3:GetObject", resource })).toBe(false);
    expect(can({ action: "s3:PutObject", resource: "arn:aws:s3:::state/prod.json" })).toBe(false);
    expect(
      actionsOf(deployPolicy({ ...permissions, bucketArn: undefined })).filter((action) =>
        /^(s3|kms:Dec)/.test(action),
      ),
    ).toEqual([]);
  });

  it("allows using the environment's KMS key only through S3", () => {
    const use = (environment: string, service: string) =>
      can({
        action: "kms:Decrypt",
        resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`,
        context: { ...inRegion, ...tagged("ResourceTag", environment), "kms:ViaService": service },
      });
    expect(use("prod", `s3.${REGION}.amazonaws.com`)).toBe(true);
    expect(use("prod", `secretsmanager.${REGION}.amazonaws.com`)).toBe(false);
    expect(use("dev", `s3.${REGION}.amazonaws.com`)).toBe(false);
  });
});
