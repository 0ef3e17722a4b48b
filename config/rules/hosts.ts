import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault } from "../fault.ts";
import type { ParsedService } from "../schema/service/index.ts";

/** A host and path belong to one service. @param services those that the environment runs */
export function hostFaults(services: [string, ParsedService][]): Fault[] {
  const owners = new Map<string, string>();
  return services.flatMap(([name, { hosts = [], path = CHART_DEFAULTS.path }]) =>
    hosts.flatMap((host, index) => {
      // A prefix is compared element by element, so a slash at its end makes no other path.
      const address = host + path.replace(/\/$/, "");
      const owner = owners.get(address);
      owners.set(address, owner ?? name);
      if (owner === undefined) return [];
      const problem = owner === name ? "given twice" : `belongs to the service ${owner} already`;
      return [{ path: ["services", name, "hosts", index], message: `${problem}. Use another host or another path` }];
    }),
  );
}
