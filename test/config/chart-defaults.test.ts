import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { CHART_DEFAULTS, DESCHEDULER_DEFAULTS, TRAEFIK_DEFAULTS } from "../../config/defaults.ts";
import { INGRESS_CLASS, INGRESS_NAMESPACE } from "../../config/naming.ts";

function valuesOf(chart: string) {
  return parse(readFileSync(join(import.meta.dirname, "../../charts", chart, "values.yaml"), "utf8"));
}

it("the defaults of charts/service are the chart's own", () => {
  const { kind, path, replicas, probes, rollout, shutdown, resources, tmp, network } = valuesOf("service");
  const { startupSeconds } = probes;
  const { internet } = network.egress;
  expect(CHART_DEFAULTS).toEqual({
    kind,
    path,
    replicas: replicas.min,
    probes: { startupSeconds },
    rollout,
    shutdown,
    resources,
    tmp: { sizeLimit: tmp.sizeLimit },
    network: { egress: { internet } },
  });
  // Left out, max is min.
  expect(replicas).not.toHaveProperty("max");
});

it("what a schedule and a run are by default, the schema's texts say as the chart does", () => {
  const { cron, job } = valuesOf("service");
  expect(cron).toEqual({
    concurrencyPolicy: "Forbid",
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    suspend: false,
  });
  expect(job).toEqual({ backoffLimit: 0 });
});

it("charts/service lets the ingress controller's namespace connect", () => {
  expect(valuesOf("service").ingressNamespace).toBe(INGRESS_NAMESPACE);
  expect(valuesOf("service").ingressClass).toBe(INGRESS_CLASS);
});

it("the defaults of charts/traefik are the chart's own", () => {
  const { replicas, shutdown, timeouts, ingressClass } = valuesOf("traefik");
  const { idle } = timeouts;
  expect(TRAEFIK_DEFAULTS).toEqual({ replicas, shutdown, timeouts: { idle } });
  expect(INGRESS_CLASS).toBe(ingressClass.name);
});

it("the interval of the descheduler that messages name is the chart's own", () => {
  expect(DESCHEDULER_DEFAULTS.intervalMinutes).toBe(valuesOf("descheduler").intervalMinutes);
});
