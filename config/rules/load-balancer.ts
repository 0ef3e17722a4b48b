import { TRAEFIK_DEFAULTS } from "../defaults.ts";
import type { LoadBalancerConfig } from "../environment.ts";
import type { Fault } from "../fault.ts";
import { rangeListFaults } from "./lists.ts";

export function loadBalancerFaults(config: LoadBalancerConfig, traefik: { enabled: boolean }): Fault[] {
  // Without Traefik there is no load balancer.
  if (!traefik.enabled) return [];
  return [...rangeListFaults(["loadBalancer", "allowCidrs"], config.allowCidrs), ...deregistrationFaults(config)];
}

/**
 * The load balancer sends no new requests to a node that leaves, and cuts those that take longer than its delay. Traefik
 * gives requests as long when its own pod stops: neither may cut what the other lets finish.
 *
 * @param shutdown of the pods behind the load balancer, in seconds.
 */
export function deregistrationFaults(
  { deregistrationSeconds }: Pick<LoadBalancerConfig, "deregistrationSeconds">,
  shutdown: { acceptSeconds: number; drainSeconds: number } = TRAEFIK_DEFAULTS.shutdown,
): Fault[] {
  const stopping = shutdown.acceptSeconds + shutdown.drainSeconds;
  if (deregistrationSeconds >= stopping) return [];
  const message =
    `shorter than the ${stopping} s that Traefik takes to stop (shutdown.acceptSeconds + shutdown.drainSeconds of its ` +
    `chart): requests that it still serves would be cut. Use ${stopping} or more`;
  return [{ path: ["loadBalancer", "deregistrationSeconds"], message }];
}
