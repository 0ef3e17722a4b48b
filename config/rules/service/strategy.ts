import { BLUE_GREEN_FIELDS, usesArgoRollouts } from "../../rollout-strategy.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** The strategies that Argo Rollouts carries out, and the fields of each. */
export function checkStrategy(service: ParsedService, add: AddFault): void {
  const { rollout = {}, kind, port, ports, hosts = [] } = service;
  const { strategy = "rolling", promotion, previewSeconds, previewHost } = rollout;
  if (kind === "stateful" && usesArgoRollouts(strategy))
    add(["rollout", "strategy"], "the pods of a stateful service are replaced in place, one at a time. Remove it");
  if (strategy !== "blueGreen") {
    for (const field of BLUE_GREEN_FIELDS)
      if (rollout[field] !== undefined)
        add(["rollout", field], "only for strategy: blueGreen. Remove it, or set rollout.strategy: blueGreen");
    return;
  }
  if (port === undefined && ports === undefined)
    add(["rollout", "strategy"], "the service has no port, so there is no traffic to switch. Use strategy: rolling");
  if (previewHost !== undefined && hosts.length === 0)
    add(
      ["rollout", "previewHost"],
      "the service has no hosts, so the ingress controller may not call it. Set hosts, or remove it",
    );
  if (promotion === "manual" && (previewSeconds ?? 0) > 0)
    add(
      ["rollout", "previewSeconds"],
      "with promotion: manual, traffic switches when a person says so. Remove one of both",
    );
}
