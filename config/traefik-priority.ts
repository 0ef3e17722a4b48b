import type { ServicePath } from "./routes.ts";

/** A path under one host. */
export type Route = Pick<ServicePath, "path" | "type"> & { host: string; port?: string };

/** Annotation of an Ingress that replaces the priority that Traefik gives to each of its routes. */
export const ROUTER_PRIORITY = "traefik.ingress.kubernetes.io/router.priority";

/**
 * Traefik's rule for a path of an Ingress. The route with the longest rule gets a request, unless a priority says otherwise.
 * https://github.com/traefik/traefik/blob/v3.6.7/pkg/provider/kubernetes/ingress/kubernetes.go (loadRouter),
 * https://github.com/traefik/traefik/blob/v3.6.7/pkg/muxer/http/mux.go (GetRulePriority)
 *
 * @param isStrict Traefik's option strictPrefixMatching, which the add-on sets
 */
export function routerRule({ host, path, type }: Route, isStrict: boolean): string {
  return `${hostRule(host)} && ${type === "Exact" ? `Path(\`${path}\`)` : prefixRule(path, isStrict)}`;
}

function hostRule(host: string): string {
  if (!host.startsWith("*.")) return `Host(\`${host}\`)`;
  return `HostRegexp(\`^[a-zA-Z0-9-]+${host.slice(1).replaceAll(".", String.raw`\.`)}$\`)`;
}

function prefixRule(path: string, isStrict: boolean): string {
  if (!isStrict || path === "/") return `PathPrefix(\`${path}\`)`;
  const bare = path.replace(/\/$/, "");
  return `(Path(\`${bare}\`) || PathPrefix(\`${bare}/\`))`;
}

/** What decides whether a service's routes can be ranked behind those of another one. */
export interface Ranks {
  /** Routes of the service that waits. */
  own: readonly Route[];
  /** Routes that go first, and their priority if it is not Traefik's own. */
  first: { routes: readonly Route[]; priority?: number };
  /** Routes of all other services, whose order with its own must stay. */
  others: readonly (Route & { service: string })[];
  /** As which values of strictPrefixMatching Traefik may run: both if it is not the add-on. */
  strict: readonly boolean[];
}

/**
 * One priority for all routes of a service, with which it gets no request that another service's routes get now, and with which the order
 * with all other services stays.
 *
 * @returns the priority, "none" if Traefik's own does, or why there is no such priority
 */
export function priorityBehind(ranks: Ranks): { priority: number } | { reason: string } | "none" {
  const { own, first } = ranks;
  const meetings = meetingsOf(ranks);
  const firsts = meetings.flatMap(({ priority, other }) =>
    "service" in other ? [] : [{ priority, first: first.priority ?? other.priority }],
  );
  if (firsts.every(({ priority, first }) => priority < first)) return "none";
  const split = own.find((route) => own.some((other) => other.port !== route.port && overlap(route, other)));
  if (split) return { reason: `${split.host}${split.path} and another path of it lead to different ports` };

  const others = meetings.flatMap(({ priority, other }) =>
    "service" in other ? [{ ...other, isAbove: other.priority > priority }] : [],
  );
  const above = others.filter(({ isAbove }) => isAbove).map(({ priority }) => priority);
  const priority = Math.min(...firsts.map(({ first }) => first), ...above) - 1;
  const blocking = others.find((other) => !other.isAbove && other.priority >= priority);
  if (blocking) {
    const { host, path, service } = blocking;
    return { reason: `no priority is left above that of ${host}${path} of the service ${service}` };
  }
  return priority > 0 ? { priority } : { reason: "no priority is left below that of its Ingress" };
}

type Ranked = Route & { priority: number };

/** Where a route of the service and one of another service may both match a request, each with Traefik's own priority. */
function meetingsOf({ own, first, others, strict }: Ranks) {
  return strict.flatMap((isStrict) => {
    const ranked = <R extends Route>(route: R): R & Ranked => ({
      ...route,
      priority: routerRule(route, isStrict).length,
    });
    const rest = [...first.routes.map(ranked), ...others.map(ranked)];
    return own.flatMap((route) =>
      rest.filter((other) => overlap(route, other)).map((other) => ({ ...ranked(route), other })),
    );
  });
}

/** Whether a request may match both. Without strictPrefixMatching, /api also matches /apis. */
function overlap(a: Route, b: Route): boolean {
  if (!hostsOverlap(a.host, b.host)) return false;
  return covers(a, b) || covers(b, a);
}

function covers(a: Route, b: Route): boolean {
  return a.type === "Exact"
    ? b.type === "Exact" && a.path === b.path
    : b.path.startsWith(a.path.replace(/(.)\/$/, "$1"));
}

function hostsOverlap(a: string, b: string): boolean {
  const isWithin = (host: string, wildcard: string) =>
    wildcard.startsWith("*.") && host.slice(host.indexOf(".")) === wildcard.slice(1);
  return a === b || isWithin(a, b) || isWithin(b, a);
}
