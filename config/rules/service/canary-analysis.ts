import { type CanaryTimes, measuresRequests, routesCanary } from "../../canary.ts";
import { CHART_DEFAULTS } from "../../defaults.ts";
import { presetOf } from "../../probe-presets.ts";
import { REQUEST_ANALYSIS_FIELDS } from "../../rollout-strategy.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

const MEASURED = ["successRate", "p95Milliseconds"] as const;

/** @param service with strategy: canary */
export function checkAnalysis(service: ParsedService, times: CanaryTimes, add: AddFault): void {
  const { analysis } = service.rollout ?? {};
  if (analysis === undefined) return;
  const fault = (field: string, message: string) => add(["rollout", "analysis", field], message);
  if (measuresRequests(service)) checkMeasurements(service, times, add);
  else {
    for (const field of REQUEST_ANALYSIS_FIELDS)
      if (analysis[field] !== undefined)
        fault(field, "nothing is measured in intervals. Set successRate or p95Milliseconds, or remove it");
  }
  if (analysis.timeoutSeconds !== undefined && analysis.command === undefined) {
    fault("timeoutSeconds", "only for command. Set it, or remove timeoutSeconds");
  }
  if (analysis.path === undefined) return;
  if (service.port === undefined) fault("path", "a service without port answers no request. Use command, or set port");
  else if (presetOf(service) === "grpc")
    fault("path", "the check speaks HTTP/1.1, and a gRPC server does not. Use command");
}

function checkMeasurements(service: ParsedService, times: CanaryTimes, add: AddFault): void {
  const given = service.rollout?.analysis ?? {};
  const path = (field: string) => ["rollout", "analysis", field];
  if (!routesCanary(service)) {
    for (const field of MEASURED)
      if (given[field] !== undefined)
        add(
          path(field),
          "the ingress controller counts requests, and without hosts it sees none. Set hosts, or use command",
        );
    return;
  }
  const { intervalSeconds, onTooFew, inconclusiveLimit } = { ...CHART_DEFAULTS.rollout.analysis, ...given };
  if (given.inconclusiveLimit !== undefined && onTooFew !== "hold") {
    add(path("inconclusiveLimit"), "only for onTooFew: hold. Set it, or remove inconclusiveLimit");
  }
  // The first measurement is an interval after the first request.
  const measurements = onTooFew === "hold" ? inconclusiveLimit + 2 : 2;
  const needed = measurements * intervalSeconds;
  if (times.waits || times.measuredSeconds >= needed) return;
  add(
    path(
      given.intervalSeconds === undefined
        ? given.successRate === undefined
          ? "p95Milliseconds"
          : "successRate"
        : "intervalSeconds",
    ),
    `the pauses after the first weight take ${times.measuredSeconds} s, and a verdict needs ${measurements} intervals of ` +
      `${intervalSeconds} s, ${needed} s. Lengthen the pauses in steps, or shorten intervalSeconds`,
  );
}
