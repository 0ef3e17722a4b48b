import { CHART_DEFAULTS } from "./defaults.ts";
import type { Path } from "./fault.ts";
import type { ParsedService } from "./schema/service/index.ts";

const MAIN_PORT = "http";

/** A path under the hosts of a service. */
export interface ServicePath {
  path: string;
  type: "Prefix" | "Exact";
  /** Name of the port that gets the requests. */
  port: string;
  /** Where the path is written, if it is one of several. */
  at?: Path;
}

/** The paths that lead to a service under each of its hosts. */
export function pathsOf({
  path = CHART_DEFAULTS.path,
  ingress,
}: Pick<ParsedService, "path" | "ingress">): ServicePath[] {
  if (!ingress?.paths?.length) return [{ path, type: "Prefix", port: MAIN_PORT }];
  return ingress.paths.map((given, index) => {
    const { path, type = "Prefix", port = MAIN_PORT } = typeof given === "string" ? { path: given } : given;
    return { path, type, port, at: ["ingress", "paths", index] };
  });
}

/**
 * A host and a path, in a form that is the same for what leads to the same place: `Prefix shop.example.com/api`. A prefix is compared
 * element by element, so a slash at its end makes no other path.
 */
export function addressOf(host: string, { path, type }: Pick<ServicePath, "path" | "type">): string {
  return `${type} ${host}${type === "Exact" ? path : path.replace(/\/$/, "")}`;
}

/** Everything that leads to a service: each host with each path. */
export function routesOf(service: Pick<ParsedService, "hosts" | "path" | "ingress">): string[] {
  return (service.hosts ?? []).flatMap((host) => pathsOf(service).map((path) => addressOf(host, path)));
}
