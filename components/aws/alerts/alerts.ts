import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyJson } from "../access/iam-policy.ts";
import { AUTO_SCALING_ROLE } from "../kms-key.ts";

export interface AlertsArgs {
  /** KMS key of the topic. Its policy must let CloudWatch alarms and Auto Scaling use it. */
  kmsKeyArn: pulumi.Input<string>;
  /** AWS mails a confirmation link to each address first, and alerts once it is followed. */
  email: readonly string[];
  autoScalingGroupName: pulumi.Input<string>;
}

/** SNS topic that mails when a node starts, ends or fails to, and that alarms can publish to. */
export class Alerts extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Alerts", name, {}, opts);

    const topic = this.createTopic(name, args);
    const policy = this.allowPublishing(name, topic);
    this.subscribe(name, args, topic);
    this.notifyOfNodes(name, args, topic, policy);

    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }

  private createTopic(name: string, { kmsKeyArn }: AlertsArgs): aws.sns.Topic {
    return new aws.sns.Topic(`${name}-alerts`, { kmsMasterKeyId: kmsKeyArn }, { parent: this });
  }

  /** Only for alarms and Auto Scaling of this account. */
  private allowPublishing(name: string, topic: aws.sns.Topic): aws.sns.TopicPolicy {
    const { region, accountId } = partsOfArn(topic.arn);
    return new aws.sns.TopicPolicy(
      `${name}-alerts`,
      {
        arn: topic.arn,
        policy: policyJson(
          {
            Sid: "Alarms",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topic.arn,
            Condition: {
              StringEquals: { "aws:SourceAccount": accountId },
              ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:aws:cloudwatch:${region}:${accountId}:alarm:*` },
            },
          },
          {
            Sid: "AutoScaling",
            Effect: "Allow",
            Principal: { AWS: pulumi.interpolate`arn:aws:iam::${accountId}:root` },
            Action: "sns:Publish",
            Resource: topic.arn,
            Condition: {
              ArnEquals: {
                "aws:PrincipalArn": pulumi.interpolate`arn:aws:iam::${accountId}:${AUTO_SCALING_ROLE}`,
              },
            },
          },
        ),
      },
      { parent: this },
    );
  }

  private subscribe(name: string, { email }: AlertsArgs, topic: aws.sns.Topic): void {
    for (const endpoint of email) {
      new aws.sns.TopicSubscription(
        `${name}-${endpoint}`,
        { topic: topic.arn, protocol: "email", endpoint },
        { parent: this },
      );
    }
  }

  private notifyOfNodes(
    name: string,
    { autoScalingGroupName }: AlertsArgs,
    topic: aws.sns.Topic,
    policy: aws.sns.TopicPolicy,
  ): void {
    new aws.autoscaling.Notification(
      `${name}-nodes`,
      {
        groupNames: [autoScalingGroupName],
        topicArn: topic.arn,
        notifications: [
          "autoscaling:EC2_INSTANCE_LAUNCH",
          "autoscaling:EC2_INSTANCE_TERMINATE",
          "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
          "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
        ],
      },
      // Auto Scaling publishes a test message when the notification is created.
      { parent: this, dependsOn: policy },
    );
  }
}

function partsOfArn(arn: pulumi.Output<string>): { region: pulumi.Output<string>; accountId: pulumi.Output<string> } {
  const part = (index: number) => arn.apply((text) => text.split(":")[index] ?? "");
  return { region: part(3), accountId: part(4) };
}
