import { autoscalerVersionFault } from "../cluster-autoscaler-versions.ts";
import type { NodeGroupConfig } from "../environment.ts";
import type { Fault } from "../fault.ts";

/** Percentage points between scaling out and in: otherwise a node that was just added is removed again. */
const LEAST_HYSTERESIS = 10;

const NODE_GROUP = ["cluster", "nodeGroup"];

export function nodeGroupFaults({ version, nodeGroup }: { version: string; nodeGroup: NodeGroupConfig }): Fault[] {
  const { min, max, cpu, autoscaler, headroom } = nodeGroup;
  const faults: Fault[] = [];
  const fault = (key: string[], message: string) => faults.push({ path: [...NODE_GROUP, ...key], message });
  if (max < min) fault(["max"], `below min, which is ${min}. Raise max or lower min`);
  if (min < 2 && headroom === "node") {
    fault(["min"], "if one node fails, nothing runs. Use 2 or more, or accept it: headroom: none");
  }
  const { scaleOut, scaleIn } = cpu;
  if (scaleIn > scaleOut - LEAST_HYSTERESIS) {
    fault(
      ["cpu", "scaleIn"],
      `must be at least ${LEAST_HYSTERESIS} points below scaleOut, which is ${scaleOut}. Otherwise a node that was just added ` +
        `is removed again. Use ${Math.max(scaleOut - LEAST_HYSTERESIS, 1)} or less`,
    );
  }
  if (autoscaler === "none" && max !== min) {
    fault(["max"], `nothing ever adds a node with autoscaler: none. Use ${min}, or an autoscaler`);
  }
  const unknown = autoscaler === "cluster-autoscaler" ? autoscalerVersionFault(version) : undefined;
  if (unknown !== undefined) fault(["autoscaler"], unknown);
  return faults;
}
