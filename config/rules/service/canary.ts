import { canaryTimes, routesCanary } from "../../canary.ts";
import { CHART_DEFAULTS } from "../../defaults.ts";
import { CANARY_FIELDS } from "../../rollout-strategy.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { checkAnalysis } from "./canary-analysis.ts";

/** Annotations that Traefik reads on an Ingress and on its Service. */
const TRAEFIK = "traefik.ingress.kubernetes.io/";

export function checkCanary(service: ParsedService, add: AddFault): void {
  const { rollout } = service;
  if (rollout?.strategy !== "canary") {
    for (const field of CANARY_FIELDS)
      if (rollout?.[field] !== undefined) add(["rollout", field], "only for strategy: canary. Set it, or remove this");
    return;
  }
  checkSteps(service, add);
  if (routesCanary(service)) checkRouting(service, add);
  else if (rollout.header !== undefined) {
    add(
      ["rollout", "header"],
      "no request comes through the ingress controller without hosts. Set hosts, or remove it",
    );
  }
  checkAnalysis(service, canaryTimes(rollout), add);
}

function checkSteps({ rollout }: ParsedService, add: AddFault): void {
  const { steps } = { ...CHART_DEFAULTS.rollout, ...rollout };
  if (steps[0] !== undefined && !("weight" in steps[0])) {
    add(["rollout", "steps", 0], "before the first weight there is no new pod to wait for. Begin with a weight");
  }
  let last = 0;
  for (const [index, step] of steps.entries()) {
    if (!("weight" in step)) continue;
    if (step.weight <= last) {
      add(
        ["rollout", "steps", index, "weight"],
        `the step before has ${last}. Each weight must be above the one before`,
      );
    }
    last = step.weight;
  }
}

/** With hosts the service has an IngressRoute before its Ingress, and its new pods start beside all old ones. */
function checkRouting(service: ParsedService, add: AddFault): void {
  const { rollout, ingress } = service;
  for (const field of ["maxSurge", "maxUnavailable"] as const) {
    if (rollout?.[field] === undefined) continue;
    add(
      ["rollout", field],
      "a canary of a service with hosts starts its pods beside all old ones, as many as its weight asks for. Remove it",
    );
  }
  for (const [where, given] of Object.entries({ ingress: ingress?.annotations, service: service.serviceAnnotations })) {
    const path = where === "ingress" ? ["ingress", "annotations"] : ["serviceAnnotations"];
    for (const name of Object.keys(given ?? {}).filter((name) => name.startsWith(TRAEFIK))) {
      add(
        [...path, name],
        "with strategy: canary requests come by an IngressRoute, where Traefik does not read it. Remove it, or use the field for it: " +
          "ingress.sticky, ingress.middlewares",
      );
    }
  }
  const toMain = (ingress?.paths ?? ["/"]).some((path) => typeof path === "string" || (path.port ?? "http") === "http");
  if (!toMain) {
    add(
      ["ingress", "paths"],
      "no path leads to the main port, and only its requests are shared with the canary. Add one",
    );
  }
}
