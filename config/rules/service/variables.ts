import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { OBJECT_BYTES, variableSizeFault } from "./variable-size.ts";

/** Environment variables that the chart sets in every container. */
const RESERVED_VARIABLES = ["PORT", "RELEASE", "POD_NAME", "NODE_NAME"];

export function checkVariables({ config, secrets }: ParsedService, add: AddFault): void {
  const reserved = "set by the chart itself. Use another name";
  for (const [name, value] of Object.entries(config)) {
    if (RESERVED_VARIABLES.includes(name)) add(["config", name], reserved);
    const size = variableSizeFault(name, Buffer.byteLength(value));
    if (size !== undefined) add(["config", name], size);
  }
  for (const [index, name] of secrets.entries()) {
    if (RESERVED_VARIABLES.includes(name)) add(["secrets", index], reserved);
    if (Object.hasOwn(config, name)) add(["secrets"], `${name} is also in config. Keep it in one of them`);
    if (secrets.indexOf(name) !== index) add(["secrets", index], "given twice. Remove one of them");
  }
  const bytes = Object.values(config).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  if (bytes > OBJECT_BYTES) {
    add(["config"], `${bytes} bytes together; a ConfigMap holds ${OBJECT_BYTES}. Keep what is large elsewhere`);
  }
}
