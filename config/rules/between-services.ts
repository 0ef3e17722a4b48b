import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault } from "../fault.ts";
import type { ParsedService } from "../schema/service/index.ts";

/**
 * Faults between services.
 *
 * @param services those that the environment runs
 * @param known names of all services. Peers may be services that this environment does not run: shared config names them all.
 */
export function betweenServicesFaults(services: [string, ParsedService][], known: readonly string[]): Fault[] {
  return [...hostFaults(services), ...peerFaults(services, known)];
}

function hostFaults(services: [string, ParsedService][]): Fault[] {
  const owners = new Map<string, string>();
  return services.flatMap(([name, { hosts = [], path = CHART_DEFAULTS.path }]) =>
    hosts.flatMap((host, index) => {
      const owner = owners.get(host + path);
      owners.set(host + path, owner ?? name);
      if (owner === undefined) return [];
      const problem = owner === name ? "given twice" : `belongs to the service ${owner} already`;
      return [{ path: ["services", name, "hosts", index], message: `${problem}. Use another host or another path` }];
    }),
  );
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
