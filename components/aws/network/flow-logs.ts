import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const RETENTION_DAYS = 30;

export interface FlowLogsArgs {
  vpc: aws.ec2.Vpc;
  /** KMS key that CloudWatch Logs of the region may use. */
  keyArn: pulumi.Input<string>;
}

/**
 * Connections that a VPC refused, kept for 30 days: what is looked for when something cannot connect, or somebody tries to.
 * Those that it let pass would be a hundred times as many, at 0.50 USD per GB.
 */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, { vpc, keyArn }: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:FlowLogs", name, {}, opts);

    const group = new aws.cloudwatch.LogGroup(
      `${name}-flow-logs`,
      { kmsKeyId: keyArn, retentionInDays: RETENTION_DAYS },
      { parent: this },
    );
    const role = this.createRole(name, vpc);
    const permission = this.permit(name, role, group);
    new aws.ec2.FlowLog(
      name,
      {
        vpcId: vpc.id,
        trafficType: "REJECT",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        tags: { Name: name },
      },
      { parent: this, dependsOn: permission },
    );
    this.registerOutputs({});
  }

  /** Conditions: nobody else's flow logs may make the service take this role. */
  private createRole(name: string, vpc: aws.ec2.Vpc): aws.iam.Role {
    return new aws.iam.Role(
      `${name}-flow-logs`,
      {
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "vpc-flow-logs.amazonaws.com" },
              Action: "sts:AssumeRole",
              Condition: {
                StringEquals: { "aws:SourceAccount": vpc.ownerId },
                ArnLike: {
                  "aws:SourceArn": pulumi.interpolate`arn:aws:ec2:${vpc.region}:${vpc.ownerId}:vpc-flow-log/*`,
                },
              },
            },
          ],
        }),
      },
      { parent: this },
    );
  }

  /** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, less the making of groups: there is one. */
  private permit(name: string, role: aws.iam.Role, group: aws.cloudwatch.LogGroup): aws.iam.RolePolicy {
    return new aws.iam.RolePolicy(
      `${name}-flow-logs`,
      {
        role: role.name,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: [
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
              ],
              Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
            },
          ],
        }),
      },
      { parent: this },
    );
  }
}
