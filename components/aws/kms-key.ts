import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyJson } from "./access/iam-policy.ts";

/**
 * Service-linked role that Auto Scaling publishes as. AWS creates it with an account's first Auto Scaling group, so a policy
 * must not name it as a principal: AWS refuses a principal that does not exist.
 */
export const AUTO_SCALING_ROLE = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

export interface EnvironmentKeyArgs {
  /** Account of the key. Its IAM policies say who may use it. */
  accountId: string;
  region: string;
  /** data: the stack never deletes the key, because everything it encrypted would be lost. */
  protect: "data" | "none";
}

/**
 * The KMS key of an environment. It encrypts the cluster's Secrets, logs, images, artifacts and alerts. Costs 1 USD a month, one
 * more after each of the first two yearly rotations, and 0.03 USD for 10,000 requests.
 */
export class EnvironmentKey extends pulumi.ComponentResource {
  /** Resolved once the key has its alias. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EnvironmentKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:EnvironmentKey", name, {}, opts);

    const key = this.createKey(name, args);
    const alias = this.createAlias(name, key);

    this.arn = pulumi.all([key.arn, alias.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }

  private createKey(name: string, { accountId, region, protect }: EnvironmentKeyArgs): aws.kms.Key {
    return new aws.kms.Key(
      name,
      {
        description: `Data of ${name}`,
        enableKeyRotation: true,
        // How long a deletion can be cancelled: the most and the least that AWS allows.
        deletionWindowInDays: protect === "data" ? 30 : 7,
        policy: policyJson(...keyPolicyStatements(accountId, region)),
      },
      { parent: this, protect: protect === "data" },
    );
  }

  private createAlias(name: string, key: aws.kms.Key): aws.kms.Alias {
    return new aws.kms.Alias(name, { name: `alias/slipway/${name}`, targetKeyId: key.keyId }, { parent: this });
  }
}

/** In a key policy the resource "*" is the key itself. */
function keyPolicyStatements(accountId: string, region: string): object[] {
  const account = `arn:aws:iam::${accountId}`;
  return [
    {
      // Hands the decision to the account's IAM policies. Without it a key can become unmanageable:
      // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: `${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
      Sid: "Logs",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      Resource: "*",
      Condition: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${accountId}:log-group:*` },
      },
    },
    {
      // To publish to an encrypted topic: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${region}:${accountId}:alarm:*` },
      },
    },
    {
      Sid: "AutoScaling",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: {
        StringEquals: { "kms:CallerAccount": accountId },
        ArnEquals: { "aws:PrincipalArn": `${account}:${AUTO_SCALING_ROLE}` },
      },
    },
  ];
}
