import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AUTO_SCALING_ROLE } from "../cluster/key.ts";

export interface AlertsArgs {
  /** KMS key of the topic. Its policy lets CloudWatch alarms and Auto Scaling use it. */
  keyArn: pulumi.Input<string>;
  /** Each is sent a mail with a link first, and gets alerts when it has been followed. */
  email: readonly string[];
  autoScalingGroupName: pulumi.Input<string>;
}

/** Who is told when a node is added, goes or fails to, and of alarms that are pointed at the topic. */
export class Alerts extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:Alerts", name, {}, opts);
    const topic = new aws.sns.Topic(`${name}-alerts`, { kmsMasterKeyId: args.keyArn }, { parent: this });
    const policy = this.permit(name, topic);
    for (const endpoint of args.email) {
      new aws.sns.TopicSubscription(
        `${name}-${endpoint}`,
        { topic: topic.arn, protocol: "email", endpoint },
        { parent: this },
      );
    }
    this.notify(name, args, topic, policy);

    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }

  /** Alarms and Auto Scaling of this account may publish, nobody else. */
  private permit(name: string, topic: aws.sns.Topic): aws.sns.TopicPolicy {
    const place = topic.arn.apply(placeOf);
    return new aws.sns.TopicPolicy(
      `${name}-alerts`,
      {
        arn: topic.arn,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "Alarms",
              Effect: "Allow",
              Principal: { Service: "cloudwatch.amazonaws.com" },
              Action: "sns:Publish",
              Resource: topic.arn,
              Condition: {
                StringEquals: { "aws:SourceAccount": place.accountId },
                ArnLike: {
                  "aws:SourceArn": pulumi.interpolate`arn:aws:cloudwatch:${place.region}:${place.accountId}:alarm:*`,
                },
              },
            },
            {
              Sid: "AutoScaling",
              Effect: "Allow",
              Principal: { AWS: pulumi.interpolate`arn:aws:iam::${place.accountId}:root` },
              Action: "sns:Publish",
              Resource: topic.arn,
              Condition: {
                ArnEquals: {
                  "aws:PrincipalArn": pulumi.interpolate`arn:aws:iam::${place.accountId}:${AUTO_SCALING_ROLE}`,
                },
              },
            },
          ],
        }),
      },
      { parent: this },
    );
  }

  private notify(
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
      // Auto Scaling tries the topic at once.
      { parent: this, dependsOn: policy },
    );
  }
}

/** Where a resource is, off its ARN. */
function placeOf(arn: string): { region: string; accountId: string } {
  const [, , , region = "", accountId = ""] = arn.split(":");
  return { region, accountId };
}
