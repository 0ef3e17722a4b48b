import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { deployPolicy } from "../../../../components/aws/access/deploy-policies.ts";
import { Alerts } from "../../../../components/aws/alerts/alerts.ts";
import { ClusterAlarms } from "../../../../components/aws/alerts/cluster-alarms.ts";
import { LoadBalancerAlarms } from "../../../../components/aws/alerts/load-balancer-alarms.ts";
import { NetworkAddons, WorkloadAddons } from "../../../../components/aws/cluster/eks-addons.ts";
import { FlowLogs } from "../../../../components/aws/network/flow-logs.ts";
import { Autoscaling } from "../../../../components/aws/nodes/autoscaling.ts";
import { NodeGroup } from "../../../../components/aws/nodes/node-group.ts";
import { alertsOf, networkOf, nodeGroupOf } from "../../../config/settings.ts";
import { type Declarations, declareAll } from "../declared.ts";
import { allows } from "./evaluate-policy.ts";

const ACCOUNT = "123456789012";
const REGION = "ap-northeast-2";
const NAME = "shop-prod";

const policy = deployPolicy({
  project: "slipway",
  stack: "prod",
  accountId: ACCOUNT,
  region: REGION,
  clusterName: NAME,
  repository: { name: "shop", accountId: ACCOUNT },
  images: "push",
  ownsRepository: true,
});

/** The deploy policy contains the names of these components' resources, so renaming one must fail here. */
describe("the deploy policy matches the names of", () => {
  let declared: Declarations;
  const named = (type: string) => declared.named(type);

  beforeAll(async () => {
    const config = nodeGroupOf();
    const cluster = { name: NAME, arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${NAME}` };
    const answers = {
      "aws:eks/nodeGroup:NodeGroup": () => ({ resources: [{ autoscalingGroups: [{ name: "eks-1" }] }] }),
      "aws:sns/topic:Topic": () => ({ arn: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts` }),
    };
    declared = await declareAll(
      (opts) => {
        const vpc = new aws.ec2.Vpc(NAME, { cidrBlock: "10.0.0.0/16" }, opts);
        new FlowLogs(NAME, { vpc, kmsKeyArn: "arn:key" }, opts);
        new NetworkAddons(NAME, { cluster, containerInsights: true }, opts);
        new WorkloadAddons(NAME, { cluster }, opts);
        new NodeGroup(
          NAME,
          {
            cluster: {
              name: pulumi.output(NAME),
              endpoint: pulumi.output("https://example.com"),
              certificateAuthority: pulumi.output("Y2E="),
              serviceCidr: pulumi.output("172.20.0.0/16"),
              securityGroupId: pulumi.output("sg-1"),
            },
            subnetIds: ["subnet-1"],
            network: networkOf(),
            config,
            imageId: "ami-1",
            architecture: "x86_64",
          },
          opts,
        );
        const alerts = new Alerts(NAME, { kmsKeyArn: "arn:key", email: [], autoScalingGroupName: "eks-1" }, opts);
        new Autoscaling(NAME, { autoScalingGroupName: "eks-1", config, topicArn: alerts.topicArn }, opts);
        new ClusterAlarms(
          NAME,
          { clusterName: NAME, config: alertsOf(), containerInsights: true, topicArn: alerts.topicArn },
          opts,
        );
        new LoadBalancerAlarms(
          NAME,
          {
            dimensions: { LoadBalancer: "app/lb/1", TargetGroup: "targetgroup/http/1" },
            config: alertsOf(),
            topicArn: alerts.topicArn,
          },
          opts,
        );
      },
      { answers },
    );
  });

  it("the roles that an update passes to AWS services", () => {
    const roles = named("aws:iam/role:Role");
    expect(roles.length).toBeGreaterThanOrEqual(5);
    for (const role of roles) {
      const context = { "iam:PassedToService": "pods.eks.amazonaws.com" };
      const resource = `arn:aws:iam::${ACCOUNT}:role/${role}-0a1b2c3`;
      expect(allows(policy, { action: "iam:PassRole", resource, context }), role).toBe(true);
    }
  });

  it("the alarms and the topic", () => {
    const alarms = named("aws:cloudwatch/metricAlarm:MetricAlarm");
    expect(alarms.length).toBeGreaterThanOrEqual(9);
    for (const alarm of alarms) {
      const resource = `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${alarm}-0a1b2c3`;
      expect(allows(policy, { action: "cloudwatch:PutMetricAlarm", resource }), alarm).toBe(true);
    }
    for (const topic of named("aws:sns/topic:Topic")) {
      const resource = `arn:aws:sns:${REGION}:${ACCOUNT}:${topic}-0a1b2c3`;
      expect(allows(policy, { action: "sns:SetTopicAttributes", resource }), topic).toBe(true);
    }
  });
});
