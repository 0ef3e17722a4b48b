import type { NodeGroupConfig } from "../../../config/index.ts";

export interface ScalingThresholds {
  /** Average CPU of the group, in percent, above which one node is added. */
  scaleOut: number;
  /** Above which two nodes are added: half way from `scaleOut` to 100. */
  scaleOutByTwo: number;
  /** Below which one node is removed. */
  scaleIn: number;
  /** Seconds until a new node counts in the average. */
  warmupSeconds: number;
}

export function scalingThresholds({ cpu }: Pick<NodeGroupConfig, "cpu">): ScalingThresholds {
  const { scaleOut, scaleIn, warmupSeconds } = cpu;
  return { scaleOut, scaleOutByTwo: scaleOut + Math.ceil((100 - scaleOut) / 2), scaleIn, warmupSeconds };
}
