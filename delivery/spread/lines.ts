import { whatMovesPods } from "../rebalance/movable.ts";
import type { ServiceStatus } from "../running-services.ts";
import { formatSpread, formatUneven } from "./format.ts";
import type { Spread } from "./spread.ts";

type Services = Record<string, Pick<ServiceStatus, "spread">>;

/** Where a service runs. None if nothing is known of its pods. */
export function spreadLines(name: string, status: Services[string] | undefined, before?: Spread): string[] {
  return status?.spread ? [formatSpread(name, status.spread, before)] : [];
}

/** Of each service with a node or zone that runs too many of its pods: which, and what moves them. */
export function unevenLines(config: Parameters<typeof whatMovesPods>[0], services: Services): string[] {
  return Object.entries(services).flatMap(([name, { spread }]) =>
    spread?.uneven ? [`${formatUneven(name, spread.uneven)}. ${whatMovesPods(config, name)}`] : [],
  );
}
