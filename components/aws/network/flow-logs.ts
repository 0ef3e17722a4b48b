import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { assumeRolePolicy } from "../access/assume-role-policy.ts";
import { policyJson } from "../access/iam-policy.ts";

const RETENTION_DAYS = 30;

export interface FlowLogsArgs {
  vpc: aws.ec2.Vpc;
  /** KMS key of the log group. Its policy must let CloudWatch Logs of the region use it. */
  kmsKeyArn: pulumi.Input<string>;
}

/**
 * Connections that a VPC refused, kept for 30 days: what to look at when something cannot connect, or when somebody tries to.
 * Accepted connections would be a hundred times as many, at 0.50 USD per GB.
 */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, { vpc, kmsKeyArn }: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:FlowLogs", name, {}, opts);

    const logGroup = this.createLogGroup(name, kmsKeyArn);
    const role = this.createRole(name, vpc);
    const rolePolicy = this.allowWriting(name, role, logGroup);
    new aws.ec2.FlowLog(
      name,
      {
        vpcId: vpc.id,
        trafficType: "REJECT",
        logDestination: logGroup.arn,
        iamRoleArn: role.arn,
        tags: { Name: name },
      },
      { parent: this, dependsOn: rolePolicy },
    );
    this.registerOutputs({});
  }

  private createLogGroup(name: string, kmsKeyId: pulumi.Input<string>): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${name}-flow-logs`,
      { kmsKeyId, retentionInDays: RETENTION_DAYS },
      { parent: this },
    );
  }

  /** The condition refuses the service when it acts for the flow logs of another account. */
  private createRole(name: string, vpc: aws.ec2.Vpc): aws.iam.Role {
    return new aws.iam.Role(
      `${name}-flow-logs`,
      {
        assumeRolePolicy: assumeRolePolicy({
          principal: { Service: "vpc-flow-logs.amazonaws.com" },
          condition: {
            StringEquals: { "aws:SourceAccount": vpc.ownerId },
            ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:aws:ec2:${vpc.region}:${vpc.ownerId}:vpc-flow-log/*` },
          },
        }),
      },
      { parent: this },
    );
  }

  /** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, without creating groups: there is one already. */
  private allowWriting(name: string, role: aws.iam.Role, logGroup: aws.cloudwatch.LogGroup): aws.iam.RolePolicy {
    return new aws.iam.RolePolicy(
      `${name}-flow-logs`,
      {
        role: role.name,
        policy: policyJson({
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: [logGroup.arn, pulumi.interpolate`${logGroup.arn}:*`],
        }),
      },
      { parent: this },
    );
  }
}
