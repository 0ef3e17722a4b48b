import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault, Path } from "../fault.ts";
import { nearest } from "../nearest.ts";
import type { ParsedService } from "../schema/service/index.ts";
import { repeatedFaults } from "./lists.ts";
import { isCalled } from "./service/ports.ts";

/**
 * Faults of who may call whom. A service may name itself: its pods then reach each other. It may name a service that this environment
 * does not run, because shared config names them all.
 *
 * @param services those that the environment runs
 * @param known all services, by name
 */
export function peerFaults(
  services: [string, ParsedService][],
  known: Readonly<Record<string, ParsedService>>,
): Fault[] {
  return services.flatMap(([name, service]) => [
    ...callerFaults(name, service, known),
    ...egressFaults(name, service, known),
  ]);
}

function callerFaults(name: string, service: ParsedService, known: Readonly<Record<string, ParsedService>>): Fault[] {
  const { allowFrom = [] } = service.network ?? {};
  const path = ["services", name, "network", "allowFrom"];
  if (allowFrom.length > 0 && !isCalled(service)) {
    return [{ path, message: "a service without port cannot be called. Set its port, or remove allowFrom" }];
  }
  const callers = allowFrom.map((caller) => (typeof caller === "string" ? caller : JSON.stringify(caller)));
  return [...unknownFaults(path, allowFrom, Object.keys(known)), ...repeatedFaults(path, callers)];
}

function egressFaults(name: string, service: ParsedService, known: Readonly<Record<string, ParsedService>>): Fault[] {
  const { internet = CHART_DEFAULTS.network.egress.internet, services } = service.network?.egress ?? {};
  if (services === undefined) return [];
  const path = ["services", name, "network", "egress"];
  if (internet) {
    const message =
      "does nothing while egress.internet is true, the default: every address is open, those of pods too. Set internet: false, or remove it";
    return [{ path: [...path, "services"], message }];
  }
  return [
    ...unknownFaults([...path, "services"], services, Object.keys(known)),
    ...repeatedFaults([...path, "services"], services),
    ...services.flatMap((peer, index) => {
      const other = Object.hasOwn(known, peer) ? known[peer] : undefined;
      if (other === undefined || isCalled(other) || other.kind === "stateful") return [];
      return [{ path: [...path, "services", index], message: "a service without port cannot be called. Remove it" }];
    }),
  ];
}

function unknownFaults(path: Path, peers: readonly unknown[], known: readonly string[]): Fault[] {
  return peers.flatMap((peer, index) => {
    // A map names what is outside of this environment.
    if (typeof peer !== "string" || known.includes(peer)) return [];
    const meant = nearest(peer, known);
    const message = `not a service of this environment. ${meant ? `Did you mean ${meant}? ` : ""}It has ${known.join(", ")}`;
    return [{ path: [...path, index], message }];
  });
}
