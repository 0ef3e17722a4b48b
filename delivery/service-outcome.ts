import type { Changes } from "./engine/changes.ts";
import type { StackService } from "./environment.ts";
import type { ServiceStatus } from "./running-services.ts";

/** What became of a service in an update. */
export interface ServiceOutcome {
  name: string;
  /** Undefined for a new service. */
  from?: string;
  /** Undefined for a service that is removed. */
  to?: string;
  /** The update failed, and the service was not updated. @default false */
  failed?: boolean;
  /** What the cluster runs after a failure, if it says so. */
  runs?: string;
  /** The new version has started, and gets the traffic when somebody promotes it. @default false */
  waits?: boolean;
}

/**
 * What became of each service that an update changed.
 *
 * @param succeeded whether the update did
 * @param planned the services with their releases after the update
 * @param running services in the cluster, undefined if it does not answer: Helm rolls a failed service back, so only the cluster
 * knows what serves
 */
export function readOutcomes(
  { services }: Changes,
  succeeded: boolean,
  planned: readonly StackService[],
  running: Record<string, ServiceStatus> | undefined,
): ServiceOutcome[] {
  const begun = services.map(({ name, from, to, failed = false }) => {
    const change = { name, ...(from && { from }), ...(to && { to }) };
    if (succeeded) return { ...change, ...(running?.[name]?.next?.isWaiting && { waits: true }) };
    const runs = running?.[name]?.release;
    const isFailed = failed || (running !== undefined && runs !== to);
    return { ...change, ...(isFailed && { failed: true }), ...(isFailed && runs && { runs }) };
  });
  if (succeeded || !running) return begun;
  const others = planned.flatMap(({ name, release }) => {
    const runs = running[name]?.release;
    if (runs === release || services.some((service) => service.name === name)) return [];
    return [{ name, ...(runs && { from: runs, runs }), to: release, failed: true }];
  });
  return [...begun, ...others];
}

/** `api: v2.0.0 → v3.0.0`, `api: still v2.0.0, not v3.0.0` */
export function formatOutcome({ name, from, to, failed, runs, waits }: ServiceOutcome): string {
  if (failed) {
    if (to === undefined) return `${name}: not removed`;
    if (runs === to) return `${name}: ${to} failed`;
    return runs ? `${name}: still ${runs}, not ${to}` : `${name}: ${to} failed`;
  }
  if (to === undefined) return `${name}: removed`;
  if (waits) return `${name}: ${to} waits to be promoted, ${from ?? "nothing"} serves`;
  return from === to ? `${name}: ${to}, config changed` : `${name}: ${from ? `${from} → ` : ""}${to}`;
}
