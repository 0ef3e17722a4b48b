import { LOAD_BALANCER, TRAEFIK_DEFAULTS } from "../defaults.ts";
import { secondsOf } from "../duration.ts";
import type { Fault } from "../fault.ts";
import type { Checked } from "./checked.ts";

const MOST_HOURS = 24;

export function traefikFaults({ environment: { addons, cluster } }: Checked): Fault[] {
  const { enabled, timeouts = {} } = addons.traefik;
  if (!enabled) return [];
  const path = ["addons", "traefik", "timeouts"];
  const long = Object.entries(timeouts)
    .filter(([, given]) => secondsOf(given) > MOST_HOURS * 3600)
    .map(([key]) => ({ path: [...path, key], message: `must be ${MOST_HOURS}h or less. Use 0s for no limit` }));
  const idle = secondsOf(timeouts.idle ?? TRAEFIK_DEFAULTS.timeouts.idle);
  if (cluster.target !== "eks" || idle === 0 || idle > LOAD_BALANCER.idleSeconds) return long;
  const message =
    `the load balancer keeps idle connections for ${LOAD_BALANCER.idleSeconds} s and would send requests over connections that ` +
    `Traefik is closing. Use more than ${LOAD_BALANCER.idleSeconds}s, or 0s`;
  return [...long, { path: [...path, "idle"], message }];
}
