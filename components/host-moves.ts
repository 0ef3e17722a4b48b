import type { ServiceSettings } from "../config/environment.ts";
import { lastOutput } from "./last-update.ts";

/** What leads to each service: the stack's output `routes`, see config/routes.ts. */
export type Routes = Record<string, string[]>;

/**
 * Services that must wait for others, because a host moves from them to the others in this update. A service gives a host up only
 * when the one that takes it has been rolled out. Otherwise nobody would answer in between. A service that is removed needs no order:
 * the engine deletes it after everything else.
 *
 * @param previous what the last update left
 * @returns for each service that gives up a host, those that take it
 */
export function hostMoves(
  previous: Routes,
  services: readonly Pick<ServiceSettings, "name" | "routes">[],
): Map<string, string[]> {
  const takers = new Map(services.flatMap((service) => service.routes.map((route) => [route, service.name])));
  const moves = services.map(({ name }): [string, string[]] => {
    const before = Object.hasOwn(previous, name) ? (previous[name] ?? []) : [];
    const given = before.flatMap((route) => takers.get(route) ?? []);
    return [name, [...new Set(given)].filter((taker) => taker !== name)];
  });
  return new Map(moves.filter(([, others]) => others.length > 0));
}

/**
 * Services that call a renamed one. They call it by its new name once they are rolled out, so it must be there before them. Who may
 * call a service is in its own config.
 *
 * @returns for each caller, the renamed services
 */
export function callersOfRenamed(
  services: readonly (Pick<ServiceSettings, "name" | "renamedFrom"> & {
    chartFields: Pick<ServiceSettings["chartFields"], "network">;
  })[],
): Map<string, string[]> {
  const calls = services.flatMap(({ name, renamedFrom, chartFields }) =>
    renamedFrom === undefined ? [] : (chartFields.network?.allowFrom ?? []).map((caller) => ({ caller, name })),
  );
  const callers = services.map(({ name }): [string, string[]] => [
    name,
    calls.filter((call) => call.caller === name && call.name !== name).map((call) => call.name),
  ]);
  return new Map(callers.filter(([, renamed]) => renamed.length > 0));
}

/**
 * Services that are new and take a host from another one. Their Ingress is there before their first pod is ready, and the ingress
 * controller may choose it. A renamed service waits behind the one that it replaces.
 *
 * @returns for each, the services that have the hosts now
 */
export function takenByNewServices(
  previous: Routes,
  services: readonly Pick<ServiceSettings, "name" | "renamedFrom" | "routes">[],
): Map<string, string[]> {
  const owners = new Map(Object.entries(previous).flatMap(([name, routes]) => routes.map((route) => [route, name])));
  const taken = services.flatMap(({ name, renamedFrom, routes }): [string, string[]][] => {
    if (Object.hasOwn(previous, name)) return [];
    const owned = new Set(routes.flatMap((route) => owners.get(route) ?? []));
    const from = [...owned].filter((owner) => owner !== renamedFrom);
    return from.length > 0 ? [[name, from]] : [];
  });
  return new Map(taken);
}

/** What leads to each service since the last update. */
export async function previousRoutes(): Promise<Routes> {
  return (await lastOutput<Routes>("routes")) ?? {};
}

/** Services in an order in which each comes after those that it waits for. Those that wait for each other cannot be ordered. */
export function inOrder(
  names: readonly string[],
  waitsFor: ReadonlyMap<string, readonly string[]>,
): { order: string[]; circular: string[] } {
  const order: string[] = [];
  let rest = [...names];
  for (;;) {
    const next = rest.filter((name) => (waitsFor.get(name) ?? []).every((other) => !rest.includes(other)));
    if (next.length === 0) return { order, circular: rest };
    order.push(...next);
    rest = rest.filter((name) => !next.includes(name));
  }
}
