import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { CHART_DEFAULTS } from "../../config/index.ts";

it("are the chart's", () => {
  const values = parse(readFileSync(join(import.meta.dirname, "../../charts/service/values.yaml"), "utf8"));
  expect(CHART_DEFAULTS).toEqual({
    replicas: values.replicas.min,
    startupSeconds: values.probes.startupSeconds,
    minReadySeconds: values.rollout.minReadySeconds,
    progressDeadlineSeconds: values.rollout.progressDeadlineSeconds,
    preStopSeconds: values.shutdown.preStopSeconds,
    drainSeconds: values.shutdown.drainSeconds,
  });
  expect(values.replicas).not.toHaveProperty("max");
});
