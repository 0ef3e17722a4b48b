import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { clusterAutoscaler } from "../../../components/addons/cluster-autoscaler.ts";
import type { Environment, NodeGroupConfig } from "../../../config/index.ts";
import { serviceSchema } from "../../../config/schema/service/index.ts";
import { addonsOf, eksClusterOf } from "../../config/settings.ts";

const charts = join(import.meta.dirname, "../../../charts");
const environment = (autoscaler?: NodeGroupConfig["autoscaler"]) =>
  ({ aws: { region: "eu-west-1" }, cluster: eksClusterOf({ autoscaler }) }) as Environment;

it("runs where the node group asks for it", () => {
  expect(clusterAutoscaler.enabled(environment("cluster-autoscaler"))).toBe(true);
  expect(clusterAutoscaler.enabled(environment("cpu-asg"))).toBe(false);
  expect(clusterAutoscaler.enabled(environment())).toBe(false);
  expect(clusterAutoscaler.enabled({ cluster: { target: "existing", context: "here" }, addons: addonsOf() })).toBe(
    false,
  );
});

it("finds its cluster's node groups and runs the cluster's own minor version", () => {
  expect(clusterAutoscaler.values(environment("cluster-autoscaler"), undefined)).toEqual({
    clusterName: "shop-prod",
    region: "eu-west-1",
    image: { tag: expect.stringMatching(/^v1\.36\./) },
  });
});

it("gives every service the time to stop that it may ask for", () => {
  const stop = (seconds: number) => ({ shutdown: { preStopSeconds: seconds, drainSeconds: seconds } });
  const shutdown = serviceSchema.pick({ shutdown: true });
  expect(shutdown.safeParse(stop(3600)).success).toBe(true);
  expect(shutdown.safeParse(stop(3601)).success).toBe(false);
  const pod = readFileSync(join(charts, "service/templates/_pod.tpl"), "utf8");
  const [, margin] = /terminationGracePeriodSeconds: .*drainSeconds\) (\d+)/.exec(pod) ?? [];
  const values = parse(readFileSync(join(charts, "cluster-autoscaler/values.yaml"), "utf8"));
  expect(values.longestStopSeconds).toBe(2 * 3600 + Number(margin));
});
