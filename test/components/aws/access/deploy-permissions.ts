import type { DeployPermissions } from "../../../../components/aws/access/deploy-policies.ts";
import type { PolicyDocument } from "../../../../components/aws/access/iam-policy.ts";

export const REGION = "ap-northeast-2";
export const ACCOUNT = "123456789012";
export const BUCKET = "arn:aws:s3:::shop-prod-artifacts-0a1b2c3";
export const EC2 = `arn:aws:ec2:${REGION}:${ACCOUNT}`;
export const IAM = `arn:aws:iam::${ACCOUNT}`;
export const REPOSITORY = `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/shop`;

/** The most that an environment can have: it builds images and owns their repository. */
export const permissions: DeployPermissions = {
  project: "slipway",
  stack: "prod",
  accountId: ACCOUNT,
  region: REGION,
  clusterName: "shop-prod",
  repository: { name: "shop", accountId: ACCOUNT },
  bucketArn: BUCKET,
  images: "push",
  ownsRepository: true,
};

/** Condition context of every request in that region. */
export const inRegion = { "aws:RequestedRegion": REGION };

export const actionsOf = ({ Statement }: PolicyDocument): string[] => Statement.flatMap(({ Action }) => Action);

/** Whether an action only reads. */
export const isRead = (action: string): boolean => /^[a-z0-9]+:(Describe|Get|List|BatchGetImage)/.test(action);
