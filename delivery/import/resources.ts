import { wholeUnits } from "../../config/quantity.ts";
import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";

const NAMES = ["cpu", "memory", "ephemeral-storage"] as const;
/** Written where nothing says how much a container needs. */
const CPU = "100m";
const MEMORY = "256Mi";

/**
 * Requests and limits. A request that is left out is the limit, as in Kubernetes. What is left out altogether gets a value, since Slipway
 * requires it, and is listed.
 */
export function resourcesOf(container: Fields, findings: Findings): Record<string, Record<string, string>> {
  const read = (kind: "requests" | "limits") =>
    Object.fromEntries(
      NAMES.flatMap((name) => {
        const value = container.text("resources", kind, name);
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Record<string, string>;
  const [requests, limits] = [read("requests"), read("limits")];
  for (const name of NAMES) if (limits[name] !== undefined) requests[name] ??= limits[name];
  const missing: string[] = [];
  const add = (map: Record<string, string>, kind: string, name: string, value: string) => {
    if (map[name] !== undefined) return;
    map[name] = value;
    missing.push(`${kind}.${name}: ${value}`);
  };
  add(requests, "requests", "cpu", CPU);
  add(requests, "requests", "memory", MEMORY);
  add(limits, "limits", "memory", doubled(requests.memory ?? MEMORY));
  if (missing.length > 0) {
    const advice = `required, so it was set to ${missing.join(", ")}. Above the memory limit a container is killed: measure it, and correct the value`;
    findings.check(container.place("resources"), advice);
  }
  return { requests: ordered(requests), limits: ordered(limits) };
}

function doubled(memory: string): string {
  try {
    return `${Math.ceil((2 * wholeUnits(memory)) / 1024 ** 2)}Mi`;
  } catch {
    return MEMORY;
  }
}

function ordered(amounts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(NAMES.flatMap((name) => (amounts[name] === undefined ? [] : [[name, amounts[name]]])));
}
