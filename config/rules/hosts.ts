import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault, Path } from "../fault.ts";
import type { ParsedService } from "../schema/service/index.ts";

/** A host and path belong to one service. @param services those that the environment runs */
export function hostFaults(services: [string, ParsedService][]): Fault[] {
  const owners = new Map<string, string>();
  return services.flatMap(([name, service]) =>
    (service.hosts ?? []).flatMap((host, index) =>
      routesOf(service).flatMap(({ path, type, at }) => {
        // A prefix is compared element by element, so a slash at its end makes no other path.
        const address = `${type} ${host}${type === "Exact" ? path : path.replace(/\/$/, "")}`;
        const owner = owners.get(address);
        owners.set(address, owner ?? name);
        if (owner === undefined) return [];
        const problem =
          owner === name ? "given twice" : `belongs to the service ${owner} already${at ? ` on ${host}` : ""}`;
        return [
          {
            path: ["services", name, ...(at ?? ["hosts", index])],
            message: `${problem}. Use another host or another path`,
          },
        ];
      }),
    ),
  );
}

interface Route {
  path: string;
  type: "Prefix" | "Exact";
  /** Where the path is written, if it is one of several. */
  at?: Path;
}

function routesOf({ path = CHART_DEFAULTS.path, ingress }: ParsedService): Route[] {
  if (!ingress?.paths?.length) return [{ path, type: "Prefix" }];
  return ingress.paths.map((given, index) => {
    const { path, type = "Prefix" } = typeof given === "string" ? { path: given } : given;
    return { path, type, at: ["ingress", "paths", index] };
  });
}
