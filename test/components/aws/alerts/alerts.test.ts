import { beforeAll, describe, expect, it } from "vitest";
import { Alerts } from "../../../../components/aws/alerts/alerts.ts";
import { Declarations, dependenciesOf, resolved } from "../declared.ts";

const TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-prod-alerts-0a1b2c3";
const KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1";

describe("Alerts", () => {
  let declarations: Declarations;
  let alerts: Alerts;
  const all = (type: string) => declarations.all.filter((resource) => resource.type === type);

  beforeAll(async () => {
    declarations = await Declarations.begin({ answers: { "aws:sns/topic:Topic": () => ({ arn: TOPIC }) } });
    const email = ["ops@example.com", "lead@example.com"];
    alerts = new Alerts("shop-prod", { kmsKeyArn: KEY, email, autoScalingGroupName: "eks-1" }, declarations.opts);
    await declarations.settle();
  });

  it("publishes to an encrypted topic", async () => {
    expect(all("aws:sns/topic:Topic").map(({ inputs }) => inputs)).toEqual([{ kmsMasterKeyId: KEY }]);
    expect(await resolved(alerts.topicArn)).toBe(TOPIC);
  });

  it("lets only this account's alarms and Auto Scaling publish", () => {
    const [policy] = all("aws:sns/topicPolicy:TopicPolicy");
    expect(policy?.inputs.arn).toBe(TOPIC);
    expect(JSON.parse(String(policy?.inputs.policy)).Statement).toEqual([
      {
        Sid: "Alarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: TOPIC,
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:*" },
        },
      },
      {
        Sid: "AutoScaling",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:root" },
        Action: "sns:Publish",
        Resource: TOPIC,
        Condition: {
          ArnEquals: {
            "aws:PrincipalArn":
              "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
          },
        },
      },
    ]);
  });

  it("subscribes each address", () => {
    const subscriptions = all("aws:sns/topicSubscription:TopicSubscription");
    expect(subscriptions.map(({ name, inputs }) => [name, inputs])).toEqual(
      ["ops@example.com", "lead@example.com"].map((endpoint) => [
        `shop-prod-${endpoint}`,
        { topic: TOPIC, protocol: "email", endpoint },
      ]),
    );
  });

  it("notifies of every node that starts, ends or fails to, after the topic policy exists", async () => {
    const notification = declarations.one("aws:autoscaling/notification:Notification", "shop-prod-nodes");
    expect(notification.inputs).toEqual({
      groupNames: ["eks-1"],
      topicArn: TOPIC,
      notifications: [
        "autoscaling:EC2_INSTANCE_LAUNCH",
        "autoscaling:EC2_INSTANCE_TERMINATE",
        "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
        "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
      ],
    });
    expect(await dependenciesOf(notification)).toEqual(["aws:sns/topicPolicy:TopicPolicy shop-prod-alerts"]);
  });
});
