import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Environment variables that the chart sets in every container. */
const RESERVED_VARIABLES = ["PORT", "RELEASE", "POD_NAME", "NODE_NAME"];

export function checkVariables({ config, secrets }: ParsedService, add: AddFault): void {
  const reserved = "set by the chart itself. Use another name";
  for (const name of Object.keys(config)) if (RESERVED_VARIABLES.includes(name)) add(["config", name], reserved);
  for (const [index, name] of secrets.entries()) {
    if (RESERVED_VARIABLES.includes(name)) add(["secrets", index], reserved);
    if (name in config) add(["secrets"], `${name} is also in config. Keep it in one of them`);
  }
}
