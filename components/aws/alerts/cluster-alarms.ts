import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AlertsConfig } from "../../../config/environment.ts";

const MINUTE = 60;

export interface ClusterAlarmsArgs {
  /** As CloudWatch's metrics name the cluster. */
  clusterName: pulumi.Input<string>;
  config: Pick<AlertsConfig, "podsWaiting" | "nodesNotReady" | "podRestarts">;
  /** Whether Container Insights sends metrics of nodes and pods. */
  containerInsights: boolean;
  /** SNS topic that is notified when an alarm goes off, and when it is over. */
  topicArn: pulumi.Input<string>;
}

type Rule = Required<
  Pick<
    aws.cloudwatch.MetricAlarmArgs,
    "alarmDescription" | "namespace" | "metricName" | "statistic" | "threshold" | "period" | "evaluationPeriods"
  >
> & { treatMissingData: "notBreaching" | "missing" };

/**
 * CloudWatch alarms that say when pods have no node, and, with Container Insights, when nodes are not ready and pods restart.
 *
 * Costs 0.10 USD a month for each alarm in us-east-1. EKS sends the metric of pods without a node for free:
 * https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html
 */
export class ClusterAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ClusterAlarms", name, {}, opts);
    const { podsWaiting, nodesNotReady, podRestarts } = args.config;

    if (podsWaiting.enabled) {
      this.createAlarm(`${name}-kube-queue`, args, {
        alarmDescription: `${podsWaiting.pods} or more pods of ${name} find no node that has room for them.`,
        namespace: "AWS/EKS",
        metricName: "scheduler_pending_pods_UNSCHEDULABLE",
        // The only statistic that EKS documents for it.
        statistic: "Sum",
        threshold: podsWaiting.pods,
        period: MINUTE,
        evaluationPeriods: podsWaiting.minutes,
        treatMissingData: "notBreaching",
      });
    }
    if (args.containerInsights && nodesNotReady.enabled) {
      this.createAlarm(`${name}-kube-nodes`, args, {
        alarmDescription: `${nodesNotReady.nodes} or more nodes of ${name} are not ready, or short of memory, disk or processes.`,
        namespace: "ContainerInsights",
        metricName: "cluster_failed_node_count",
        statistic: "Maximum",
        threshold: nodesNotReady.nodes,
        period: MINUTE,
        evaluationPeriods: nodesNotReady.minutes,
        // Without data the agent is not running, which says nothing about the nodes.
        treatMissingData: "missing",
      });
    }
    if (args.containerInsights && podRestarts.enabled) {
      this.createAlarm(`${name}-kube-crash`, args, {
        alarmDescription: `Containers of ${name} restarted ${podRestarts.restarts} times or more in ${podRestarts.minutes} minutes.`,
        namespace: "ContainerInsights",
        // The agent sends the restarts since its last look: a crash loop at its longest back-off is one every 5 minutes.
        metricName: "pod_number_of_container_restarts",
        statistic: "Sum",
        threshold: podRestarts.restarts,
        period: podRestarts.minutes * MINUTE,
        evaluationPeriods: 1,
        treatMissingData: "notBreaching",
      });
    }
    this.registerOutputs({});
  }

  private createAlarm(name: string, { topicArn, clusterName }: ClusterAlarmsArgs, rule: Rule): void {
    new aws.cloudwatch.MetricAlarm(
      name,
      {
        ...rule,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        // Of all pods and nodes together: with more dimensions CloudWatch would have a metric for each.
        dimensions: { ClusterName: clusterName },
        datapointsToAlarm: rule.evaluationPeriods,
        alarmActions: [topicArn],
        // People who were woken also learn that it is over.
        okActions: [topicArn],
      },
      { parent: this },
    );
  }
}
