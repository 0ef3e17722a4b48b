import type { NodeGroupConfig } from "../../../config/index.ts";

export interface ScalingThresholds {
  /** Average CPU of the group, in percent, above which a node is added. */
  scaleOut: number;
  /** Above which two are: half way from there to all. */
  scaleOutFar: number;
  /** Below which one is taken away. */
  scaleIn: number;
  /** Until a new node counts in the average. */
  warmupSeconds: number;
}

/** The thresholds of a config. */
export function scalingThresholds({ cpu }: Pick<NodeGroupConfig, "cpu">): ScalingThresholds {
  const { scaleOut, scaleIn, warmupSeconds } = cpu;
  return { scaleOut, scaleOutFar: scaleOut + Math.ceil((100 - scaleOut) / 2), scaleIn, warmupSeconds };
}
