import { keysOfOtherPresets, presetNeedsPort, presetOf, presetsThatRead } from "../../probe-presets.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { isCalled } from "./ports.ts";

export function checkProbes(service: ParsedService, add: AddFault): void {
  const { port, hosts, probes } = service;
  const preset = presetOf(service);
  if (port === undefined) {
    if (hosts?.length) add(["hosts"], "a service without port cannot be reached. Set its port, or remove hosts");
    if (presetNeedsPort(preset) && probes?.port === undefined) {
      add(["probes", "preset"], "needs a port. Set the service's port or probes.port, or use exec or none");
    }
  }
  if (isCalled(service) && preset === "none") {
    add(
      ["probes", "preset"],
      "a service with a port needs a readiness probe, or it gets requests before it is ready. Use http, spring-actuator, tcp, grpc or exec",
    );
  }
  if (preset === "exec" && !probes?.command) add(["probes", "command"], "required by the preset exec. Add it");
  for (const key of keysOfOtherPresets(preset)) {
    if (probes?.[key as keyof typeof probes] === undefined) continue;
    const readers = presetsThatRead(key);
    const [first] = readers;
    const way =
      readers.length === 1 ? `the preset ${first}. Set probes.preset: ${first}` : `the presets ${readers.join(", ")}`;
    add(["probes", key], `only for ${way}, or remove it; the preset is ${preset}`);
  }
}
