import type { Declared } from "../components/aws/program-run.ts";

/** A resource of prod without its protection, and the checks that must find it. */
export interface Mutation {
  /** Type and name of the resource. */
  resource: string;
  /** Properties that replace the declared ones (undefined removes one), or "removed" for the whole resource. */
  change: Record<string, unknown> | "removed";
  /** Checks that must fail, each with the address of the failing resource. */
  fails: string[];
}

const BUCKET = "aws_s3_bucket.shop-prod-artifacts";
const EVERYONE = "0.0.0.0/0";

/**
 * The protections that we rely on checkov to check. The checks on relations between resources would be the first to pass wrongly
 * if our plan differed from Terraform's.
 *
 * Checkov has no check for the disks of a launch template, for a bucket policy that requires TLS, for add-ons and access entries,
 * or for lifecycle policies: the components' own tests cover those.
 */
export const MUTATIONS: Mutation[] = [
  {
    resource: "aws:kms/key:Key shop-prod",
    change: { enableKeyRotation: false, policy: policyOf({ Principal: "*", Action: "kms:*", Resource: "*" }) },
    fails: ["CKV_AWS_7 aws_kms_key.shop-prod", "CKV_AWS_33 aws_kms_key.shop-prod"],
  },
  {
    resource: "aws:cloudwatch/logGroup:LogGroup shop-prod-control-plane",
    change: { kmsKeyId: undefined, retentionInDays: 30 },
    fails: [
      "CKV_AWS_158 aws_cloudwatch_log_group.shop-prod-control-plane",
      "CKV_AWS_338 aws_cloudwatch_log_group.shop-prod-control-plane",
    ],
  },
  {
    resource: "aws:sns/topic:Topic shop-prod-alerts",
    change: { kmsMasterKeyId: undefined },
    fails: ["CKV_AWS_26 aws_sns_topic.shop-prod-alerts"],
  },
  {
    resource: "aws:sns/topicPolicy:TopicPolicy shop-prod-alerts",
    change: { policy: policyOf({ Principal: { AWS: "*" }, Action: "sns:Publish", Resource: "*" }) },
    fails: ["CKV_AWS_169 aws_sns_topic_policy.shop-prod-alerts"],
  },
  {
    resource:
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration shop-prod-artifacts",
    change: "removed",
    fails: [`CKV_AWS_145 ${BUCKET}`],
  },
  {
    resource: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock shop-prod-artifacts",
    change: "removed",
    fails: [`CKV2_AWS_6 ${BUCKET}`],
  },
  {
    resource: "aws:s3/bucketVersioning:BucketVersioning shop-prod-artifacts",
    change: { versioningConfiguration: { status: "Suspended" } },
    fails: [`CKV_AWS_21 ${BUCKET}`],
  },
  {
    resource: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration shop-prod-artifacts",
    change: "removed",
    fails: [`CKV2_AWS_61 ${BUCKET}`],
  },
  {
    resource: "aws:s3/bucketPolicy:BucketPolicy shop-prod-artifacts",
    change: { policy: policyOf({ Principal: "*", Action: "s3:GetObject", Resource: "*" }) },
    fails: ["CKV_AWS_70 aws_s3_bucket_policy.shop-prod-artifacts"],
  },
  {
    resource: "aws:ecr/repository:Repository shop",
    change: { encryptionConfigurations: undefined, imageScanningConfiguration: { scanOnPush: false } },
    fails: ["CKV_AWS_136 aws_ecr_repository.shop", "CKV_AWS_163 aws_ecr_repository.shop"],
  },
  {
    resource: "aws:eks/cluster:Cluster shop-prod",
    change: {
      encryptionConfig: undefined,
      enabledClusterLogTypes: ["api"],
      vpcConfig: { endpointPublicAccess: true, publicAccessCidrs: [EVERYONE] },
    },
    fails: [
      "CKV_AWS_58 aws_eks_cluster.shop-prod",
      "CKV_AWS_38 aws_eks_cluster.shop-prod",
      "CKV_AWS_37 aws_eks_cluster.shop-prod",
    ],
  },
  {
    resource: "aws:ec2/launchTemplate:LaunchTemplate shop-prod-x86_64",
    change: { metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 2 } },
    fails: ["CKV_AWS_79 aws_launch_template.shop-prod-x86_64", "CKV_AWS_341 aws_launch_template.shop-prod-x86_64"],
  },
  {
    resource: "aws:iam/rolePolicy:RolePolicy shop-prod-node-self",
    change: { policy: policyOf({ Action: "*", Resource: "*" }) },
    fails: [
      "CKV_AWS_62 aws_iam_role_policy.shop-prod-node-self",
      "CKV_AWS_63 aws_iam_role_policy.shop-prod-node-self",
      "CKV_AWS_286 aws_iam_role_policy.shop-prod-node-self",
      "CKV_AWS_355 aws_iam_role_policy.shop-prod-node-self",
      "CKV2_AWS_40 aws_iam_role_policy.shop-prod-node-self",
    ],
  },
  {
    resource: "aws:iam/role:Role shop-prod-deploy",
    change: { assumeRolePolicy: policyOf({ Principal: { AWS: "*" }, Action: "sts:AssumeRole" }) },
    fails: ["CKV_AWS_60 aws_iam_role.shop-prod-deploy"],
  },
  {
    resource: "aws:iam/role:Role shop-prod-preview",
    change: {
      assumeRolePolicy: policyOf({
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringLike: { "token.actions.githubusercontent.com:sub": "repo:*" } },
      }),
    },
    fails: ["CKV_AWS_393 aws_iam_role.shop-prod-preview"],
  },
  {
    resource: "aws:iam/rolePolicyAttachment:RolePolicyAttachment shop-prod-node-cluster",
    change: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    fails: ["CKV_AWS_274 aws_iam_role_policy_attachment.shop-prod-node-cluster"],
  },
  {
    resource: "aws:ec2/flowLog:FlowLog shop-prod",
    change: "removed",
    fails: ["CKV2_AWS_11 aws_vpc.shop-prod"],
  },
  {
    resource: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup shop-prod",
    change: "removed",
    fails: ["CKV2_AWS_12 aws_vpc.shop-prod"],
  },
  {
    resource: "aws:ec2/subnet:Subnet shop-prod-nodes-ap-northeast-2a",
    change: { mapPublicIpOnLaunch: true },
    fails: ["CKV_AWS_130 aws_subnet.shop-prod-nodes-ap-northeast-2a"],
  },
  {
    resource: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule shop-prod-to-nodes",
    change: { referencedSecurityGroupId: undefined, cidrIpv4: EVERYONE, fromPort: 22, toPort: 22 },
    fails: ["CKV_AWS_24 aws_vpc_security_group_ingress_rule.shop-prod-to-nodes"],
  },
  {
    resource: "aws:lb/loadBalancer:LoadBalancer lb-shop-prod",
    change: {
      securityGroups: undefined,
      enableDeletionProtection: false,
      dropInvalidHeaderFields: false,
      desyncMitigationMode: "monitor",
    },
    fails: [
      "CKV_AWS_131 aws_lb.lb-shop-prod",
      "CKV_AWS_150 aws_lb.lb-shop-prod",
      "CKV_AWS_328 aws_lb.lb-shop-prod",
      "CKV2_AWS_20 aws_lb.lb-shop-prod",
      "CKV2_AWS_5 aws_security_group.shop-prod-load-balancer",
    ],
  },
  {
    resource: "aws:lb/listener:Listener shop-prod-https",
    change: { sslPolicy: "ELBSecurityPolicy-2016-08" },
    fails: ["CKV_AWS_103 aws_lb_listener.shop-prod-https", "CKV2_AWS_74 aws_lb_listener.shop-prod-https"],
  },
  {
    resource: "aws:lb/listener:Listener shop-prod-http",
    change: { defaultActions: [{ type: "forward" }] },
    fails: ["CKV_AWS_2 aws_lb_listener.shop-prod-http"],
  },
];

/** The resources with all mutations. */
export function mutate(declared: readonly Declared[]): Declared[] {
  const changes = new Map(MUTATIONS.map(({ resource, change }) => [resource, change]));
  return declared.flatMap((resource) => {
    const change = changes.get(`${resource.type} ${resource.name}`);
    if (change === "removed") return [];
    if (change === undefined) return [resource];
    // Without the outputs of the replaced properties.
    const props = Object.fromEntries(Object.entries(resource.props).filter(([key]) => !(key in change)));
    return [{ ...resource, props, inputs: JSON.parse(JSON.stringify({ ...resource.inputs, ...change })) }];
  });
}

function policyOf(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}
