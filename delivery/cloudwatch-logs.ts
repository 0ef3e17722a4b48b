import { type EnvironmentSettings, isEks } from "../config/environment.ts";

/**
 * How to read a service's lines in CloudWatch, where they outlive its pods and nodes; undefined if they are not kept there.
 * The group and the fields: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-EKS-logs.html
 */
export function cloudWatchLogsCommand(environment: EnvironmentSettings, service: string): string | undefined {
  if (!isEks(environment) || !environment.cluster.containerInsights?.logs) return undefined;
  const { cluster, namespace, aws } = environment;
  const pattern = `{ $.kubernetes.namespace_name = "${namespace}" && $.kubernetes.container_name = "${service}" }`;
  return (
    `aws logs tail /aws/containerinsights/${cluster.name}/application --region ${aws.region} --since 1h ` +
    `--filter-pattern '${pattern}'`
  );
}
