import { keysOfOtherPresets, presetNeedsPort, presetOf, presetsThatRead } from "../../probe-presets.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkProbes({ port, hosts, probes }: ParsedService, add: AddFault): void {
  const preset = presetOf({ preset: probes?.preset, hasPort: port !== undefined });
  if (port === undefined) {
    if (hosts?.length) add(["hosts"], "a service without port cannot be reached. Set its port, or remove hosts");
    if (presetNeedsPort(preset)) {
      add(["probes", "preset"], "needs a port. Set the service's port, or use exec or none");
    }
  } else if (preset === "none") {
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
