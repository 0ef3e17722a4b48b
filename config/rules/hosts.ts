import type { Fault } from "../fault.ts";
import { addressOf, pathsOf } from "../routes.ts";
import type { ParsedService } from "../schema/service/index.ts";

/** A host and path belong to one service. @param services those that the environment runs */
export function hostFaults(services: [string, ParsedService][]): Fault[] {
  const owners = new Map<string, string>();
  return services.flatMap(([name, service]) =>
    (service.hosts ?? []).flatMap((host, index) =>
      pathsOf(service).flatMap((path) => {
        const { at } = path;
        const address = addressOf(host, path);
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
