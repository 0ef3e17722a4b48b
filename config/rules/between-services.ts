import type { Fault } from "../fault.ts";
import type { ParsedService } from "../schema/service/index.ts";
import { hostFaults } from "./hosts.ts";

/**
 * Faults between services.
 *
 * @param services those that the environment runs
 * @param known names of all services. Peers may be services that this environment does not run: shared config names them all.
 */
export function betweenServicesFaults(services: [string, ParsedService][], known: readonly string[]): Fault[] {
  return [...hostFaults(services), ...peerFaults(services, known)];
}

function peerFaults(services: [string, ParsedService][], known: readonly string[]): Fault[] {
  const message = `not a service of this environment. It has ${known.join(", ")}`;
  return services.flatMap(([name, { network }]) =>
    (network?.allowFrom ?? []).flatMap((peer, index) =>
      typeof peer !== "string" || known.includes(peer)
        ? []
        : [{ path: ["services", name, "network", "allowFrom", index], message }],
    ),
  );
}
