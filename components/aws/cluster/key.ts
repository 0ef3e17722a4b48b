import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Role by which Auto Scaling publishes. It comes with an account's first group, so policies must not name it as principal. */
export const AUTO_SCALING_ROLE = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

export interface EnvironmentKeyArgs {
  /** Account that the key is of, and whose IAM policies say who may use it. */
  accountId: string;
  region: string;
  /** data: the stack never deletes it, as nothing that it encrypted could be read any more. */
  protect: "data" | "none";
}

/**
 * The one KMS key of an environment: secrets of the cluster, logs, images, artifacts and alerts. About 1 USD a month, one more
 * after each of the first two yearly rotations, and 0.03 USD for 10,000 uses.
 */
export class EnvironmentKey extends pulumi.ComponentResource {
  /** Known once the key has its alias. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EnvironmentKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:EnvironmentKey", name, {}, opts);

    const key = this.createKey(name, args);
    // People and other tools find it by this name.
    const alias = new aws.kms.Alias(name, { name: `alias/slipway/${name}`, targetKeyId: key.keyId }, { parent: this });

    this.arn = pulumi.all([key.arn, alias.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }

  private createKey(name: string, { accountId, region, protect }: EnvironmentKeyArgs): aws.kms.Key {
    return new aws.kms.Key(
      name,
      {
        description: `Data of ${name}`,
        enableKeyRotation: true,
        // How long a deletion can be taken back: the most and the least that AWS allows.
        deletionWindowInDays: protect === "data" ? 30 : 7,
        policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: keyStatements(accountId, region) }),
      },
      { parent: this, protect: protect === "data" },
    );
  }
}

/** Who may use the key. In a key's own policy the resource "*" is that key. */
function keyStatements(accountId: string, region: string): object[] {
  const account = `arn:aws:iam::${accountId}`;
  return [
    {
      // Leaves it to the account's IAM policies. Without it a key can become one that nobody may manage:
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
      // By condition: KMS refuses a principal that is not there, and the role may come after the key.
      Sid: "AutoScaling",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: {
        StringEquals: { "kms:CallerAccount": accountId },
        ArnEquals: {
          "aws:PrincipalArn": `${account}:${AUTO_SCALING_ROLE}`,
        },
      },
    },
  ];
}
