import { SIDECAR_STARTUP_SECONDS } from "./defaults.ts";
import type { ParsedService } from "./schema/service/index.ts";

/**
 * Seconds until all sidecars have started, at the slowest. They start one after another, and one with a port holds up what follows until
 * it answers: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function sidecarStart({ sidecars = {} }: Pick<ParsedService, "sidecars">): number {
  const probed = Object.values(sidecars).filter(({ port }) => port !== undefined);
  return probed.reduce((sum, { probe }) => sum + (probe?.startupSeconds ?? SIDECAR_STARTUP_SECONDS), 0);
}
