import type { V1Ingress } from "@kubernetes/client-node";
import type { Environment, Fault, Service } from "../config/index.ts";
import { pathsOf } from "../config/routes.ts";
import { TWO_DEPLOYS } from "../config/rules/renames.ts";
import { priorityBehind, ROUTER_PRIORITY, type Route } from "../config/traefik-priority.ts";
import type { Rollout } from "./cluster/rollouts.ts";
import { type LiveWorkloads, ofRelease } from "./rollout/immutable-fields.ts";

export interface LiveServices extends Omit<LiveWorkloads, "claims"> {
  ingresses: readonly V1Ingress[];
  rollouts: readonly Rollout[];
}

export interface RenamePlan {
  /** As this update deploys them: `renamedFrom` is left only where the old name still runs. */
  services: Service[];
  faults: Fault[];
  /** A line for each service that replaces one that runs. */
  notices: string[];
}

/**
 * What renamed services need while the old name still runs. Both have the same hosts until Pulumi deletes the old release, which it does
 * after everything else, and not at all in an update that has failed. So the old Ingress keeps all requests, by Traefik's priority,
 * and callers may reach both names. Nothing of this is in the pods: the next update takes it away and rolls none.
 */
export function planRenames(
  { services, addons }: Pick<Environment, "services" | "addons">,
  live: LiveServices,
): RenamePlan {
  const running = services.map((service) => ({ ...service, renamedFrom: stillRunning(service, live) }));
  const oldNames = new Map(
    running.flatMap(({ name, renamedFrom: from }) => (from === undefined ? [] : [[name, from]])),
  );
  const faults: Fault[] = [];
  const notices: string[] = [];
  const planned = running.map((service): Service => {
    const { name, renamedFrom: from } = service;
    const chartFields = { ...service.chartFields, ...networkFields(service, oldNames) };
    if (from === undefined) return { ...service, chartFields };
    const fault = (message: string) => faults.push({ path: ["services", name, "renamedFrom"], message });
    if (ofRelease(live.statefulSets, from)) {
      fault(`${from} runs as a StatefulSet, and its data is in volumes of that name. Keep the name, or ${TWO_DEPLOYS}`);
    }
    if (ofRelease(live.rollouts, from)?.spec.strategy.canary) {
      fault(
        `${from} is rolled out by canary, and the new name could not wait behind it. Give ${from} another strategy first`,
      );
    }
    const ingress = waitingIngress(service, running, live, addons.traefik.enabled ? [true] : [true, false]);
    if ("reason" in ingress)
      fault(`${from} must serve until ${name} is ready, but ${ingress.reason}. Instead, ${TWO_DEPLOYS}`);
    const replicas = liveReplicas(service, live);
    notices.push(
      `${name} replaces ${from}: it starts with ${replicas.min} ${replicas.min === 1 ? "pod" : "pods"}, and ${from} is removed once they are ready.`,
    );
    const scaled = { ...chartFields, replicas: { ...chartFields.replicas, min: replicas.min } };
    return { ...service, replicas, chartFields: { ...scaled, ...("fields" in ingress && ingress.fields) } };
  });
  return { services: planned, faults, notices };
}

/** The old name, if anything of it is still in the cluster. Not by the last update's outputs: an update that fails may leave both. */
function stillRunning({ renamedFrom: from }: Service, live: LiveServices): string | undefined {
  if (from === undefined) return undefined;
  const isThere =
    ofRelease(live.deployments, from) ??
    ofRelease(live.statefulSets, from) ??
    ofRelease(live.rollouts, from) ??
    ofRelease(live.ingresses, from);
  return isThere && from;
}

/** As many pods as the old name has: the next one to be busy is this one, and an autoscaler sees no load before. */
function liveReplicas(
  { renamedFrom: from = "", replicas: { min, max } }: Service,
  live: LiveServices,
): Service["replicas"] {
  const pods = (ofRelease(live.deployments, from) ?? ofRelease(live.rollouts, from))?.spec?.replicas ?? 0;
  return { min: Math.max(min, Math.min(pods, max)), max };
}

/** Who may call whom, by both names: a policy changes at the start of a rollout, and the old pods still run. */
function networkFields({ chartFields: { network } }: Service, oldNames: ReadonlyMap<string, string>) {
  const both = <Peer>(peers: readonly Peer[]): (Peer | string)[] =>
    peers.flatMap((peer) => {
      const old = typeof peer === "string" ? oldNames.get(peer) : undefined;
      return old === undefined ? [peer] : [peer, old];
    });
  if (network === undefined || oldNames.size === 0) return {};
  const { allowFrom, egress } = network;
  return {
    network: {
      ...network,
      ...(allowFrom && { allowFrom: both(allowFrom) }),
      ...(egress && { egress: { ...egress, ...(egress.services && { services: both(egress.services) }) } }),
    },
  };
}

type WaitingIngress = { fields: Pick<Service["chartFields"], "ingress"> } | { reason: string } | Record<never, never>;

/** The Ingress of a renamed service, which gets no request that the old one's may get. */
function waitingIngress(
  service: Service,
  services: readonly Service[],
  { ingresses }: LiveServices,
  strict: readonly boolean[],
): WaitingIngress {
  const old = ofRelease(ingresses, service.renamedFrom ?? "");
  if (old === undefined) return {};
  const given = old.metadata?.annotations?.[ROUTER_PRIORITY];
  const others = services.filter((other) => other !== service);
  const answer = priorityBehind({
    own: routesOf(service),
    first: { routes: routesIn(old), ...(given !== undefined && { priority: Number(given) }) },
    others: others.flatMap((other) => routesOf(other).map((route) => ({ ...route, service: other.name }))),
    strict,
  });
  const { ingress } = service.chartFields;
  if (answer === "none" || "reason" in answer) return answer === "none" ? {} : answer;
  if (ingress?.annotations?.[ROUTER_PRIORITY] !== undefined)
    return { reason: `it has the annotation ${ROUTER_PRIORITY}` };
  const annotations = { ...ingress?.annotations, [ROUTER_PRIORITY]: String(answer.priority) };
  return { fields: { ingress: { ...ingress, annotations } } };
}

function routesOf({ hosts, chartFields }: Service): Route[] {
  return hosts.flatMap((host) => pathsOf(chartFields).map(({ path, type, port }) => ({ host, path, type, port })));
}

function routesIn({ spec }: V1Ingress): Route[] {
  return (spec?.rules ?? []).flatMap(({ host = "", http }) =>
    (http?.paths ?? []).map(({ path = "/", pathType }) => ({
      host,
      path,
      type: pathType === "Exact" ? "Exact" : "Prefix",
    })),
  );
}
