import { expect, it } from "vitest";
import type { EnvironmentSettings } from "../../config/environment.ts";
import { cloudWatchLogsCommand } from "../../delivery/cloudwatch-logs.ts";

const environment = (containerInsights?: { logs: boolean }) =>
  ({
    namespace: "shop",
    aws: { region: "eu-central-1" },
    cluster: { target: "eks", name: "shop-prod", containerInsights },
  }) as unknown as EnvironmentSettings;

it("names the log group of the cluster and the container of the service", () => {
  const command = cloudWatchLogsCommand(environment({ logs: true }), "api");
  expect(command).toContain("aws logs tail /aws/containerinsights/shop-prod/application --region eu-central-1");
  expect(command).toContain('$.kubernetes.namespace_name = "shop" && $.kubernetes.container_name = "api"');
});

it("names nothing where CloudWatch has no lines", () => {
  const existing = { namespace: "shop", cluster: { target: "existing" } } as unknown as EnvironmentSettings;
  expect(cloudWatchLogsCommand(environment({ logs: false }), "api")).toBeUndefined();
  expect(cloudWatchLogsCommand(environment(), "api")).toBeUndefined();
  expect(cloudWatchLogsCommand(existing, "api")).toBeUndefined();
});
