import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { isCalled } from "./ports.ts";
import { presetOf } from "./probe-target.ts";

export function checkProbes(service: ParsedService, add: AddFault): void {
  const { port, hosts, probes } = service;
  const preset = probes?.preset;
  if (port === undefined) {
    if (hosts?.length) add(["hosts"], "a service without port cannot be reached. Set its port, or remove hosts");
    if (preset && preset !== "exec" && preset !== "none" && probes?.port === undefined) {
      add(["probes", "preset"], "needs a port. Set the service's port or probes.port, or use exec or none");
    }
  }
  if (isCalled(service) && presetOf(service) === "none") {
    add(
      ["probes", "preset"],
      "a service with a port needs a readiness probe, or it gets requests before it is ready. Use http, spring-actuator, tcp, grpc or exec",
    );
  }
  if (preset === "exec" && !probes?.command) add(["probes", "command"], "required by the preset exec. Add it");
  if (preset !== "exec" && probes?.command)
    add(["probes", "command"], "only for the preset exec. Set probes.preset: exec");
}
