import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EksClusterConfig } from "../../../config/index.ts";
import { createAddon } from "./eks-addon.ts";

/**
 * Log groups that the add-on writes to: lines of containers, of EKS's daemons and of the nodes, and the events that metrics are made of.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-EKS-logs.html
 */
const LOG_GROUPS = ["application", "dataplane", "host", "performance"];

export interface ContainerInsightsArgs {
  clusterName: string;
  config: NonNullable<EksClusterConfig["containerInsights"]>;
  /** @default - EKS's default version on the day the add-on is created, kept until a version is set */
  version?: string | undefined;
  /** KMS key of the log groups. Its policy must let CloudWatch Logs of the region use it. */
  kmsKeyArn: pulumi.Input<string>;
  /** data: nobody deletes the logs by an update. */
  protect: "data" | "none";
}

/**
 * CloudWatch's agent and Fluent Bit on every node, by the EKS add-on amazon-cloudwatch-observability: metrics of nodes and pods, and
 * the logs of containers. Its pods get their role by NetworkAddons.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
 */
export class ContainerInsights extends pulumi.ComponentResource {
  constructor(name: string, args: ContainerInsightsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ContainerInsights", name, {}, opts);
    const { clusterName, config, version } = args;

    const dependsOn = LOG_GROUPS.map((group) => this.createLogGroup(name, group, args));
    createAddon(
      `${name}-cloudwatch`,
      {
        clusterName,
        addonName: "amazon-cloudwatch-observability",
        addonVersion: version,
        configurationValues: JSON.stringify({
          // A config of our own, because the default one includes Application Signals: a webhook would put agents into services' pods.
          agent: { config: { logs: { metrics_collected: { kubernetes: { enhanced_container_insights: true } } } } },
          manager: { applicationSignals: { autoMonitor: { monitorAllServices: false } } },
          containerLogs: { enabled: config.logs },
        }),
      },
      { parent: this, dependsOn },
    );
    this.registerOutputs({});
  }

  /** Created before the add-on, which would create it unencrypted and without expiry. Kept when only the containers' logs are turned off. */
  private createLogGroup(
    name: string,
    group: string,
    { clusterName, config, kmsKeyArn, protect }: ContainerInsightsArgs,
  ): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${name}-${group}`,
      {
        name: `/aws/containerinsights/${clusterName}/${group}`,
        retentionInDays: config.logRetentionDays,
        kmsKeyId: kmsKeyArn,
      },
      { parent: this, protect: protect === "data" },
    );
  }
}
