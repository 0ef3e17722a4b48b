import type { Path } from "../../fault.ts";
import { nearest } from "../../nearest.ts";
import { keyedRefs } from "../../pod-settings.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import { CHART_VARIABLES, cycleFrom, namesIn } from "../../variables.ts";
import type { AddFault } from "./add-fault.ts";
import { OBJECT_BYTES, variableSizeFault } from "./variable-size.ts";

export function checkVariables(service: ParsedService, add: AddFault): void {
  const { config, secrets, port } = service;
  const reserved = "set by the chart itself. Use another name";
  for (const [name, value] of Object.entries(config)) {
    if (CHART_VARIABLES.includes(name)) add(["config", name], reserved);
    const size = variableSizeFault(name, Buffer.byteLength(value));
    if (size !== undefined) add(["config", name], size);
  }
  for (const [index, name] of secrets.entries()) {
    if (CHART_VARIABLES.includes(name)) add(["secrets", index], reserved);
    if (Object.hasOwn(config, name)) add(["secrets"], `${name} is also in config. Keep it in one of them`);
    if (secrets.indexOf(name) !== index) add(["secrets", index], "given twice. Remove one of them");
  }
  const bytes = Object.values(config).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  if (bytes > OBJECT_BYTES) {
    add(["config"], `${bytes} bytes together; a ConfigMap holds ${OBJECT_BYTES}. Keep what is large elsewhere`);
  }
  const known = [...secrets, ...Object.keys(keyedRefs(service))];
  checkReferences({ path: ["config"], own: config, config, secrets: known, hasPort: port !== undefined }, add);
}

interface References {
  /** Of the values that are checked. */
  path: Path;
  /** The values that are checked. */
  own: Record<string, string>;
  /** All values that they can name. */
  config: Record<string, string>;
  /** Names of the secrets that they can name. */
  secrets: readonly string[];
  /** Whether the variable PORT is set. */
  hasPort: boolean;
}

/** Kubernetes leaves $(NAME) as it is if there is no NAME, and the process reads it so. */
export function checkReferences({ path, own, config, secrets, hasPort }: References, add: AddFault): void {
  const chart = CHART_VARIABLES.filter((name) => name !== "PORT" || hasPort);
  const known = [...Object.keys(config), ...secrets, ...chart];
  for (const [variable, value] of Object.entries(own)) {
    const unknown = namesIn(value).find((name) => !known.includes(name));
    if (unknown !== undefined) add([...path, variable], unknownName(unknown, known));
    const cycle = cycleFrom(variable, config);
    if (cycle !== undefined) {
      add([...path, variable], `contains itself: ${cycle.join(" → ")}. Write one of them without $(…)`);
    }
  }
}

function unknownName(name: string, known: readonly string[]): string {
  if (name === "PORT") return "$(PORT) is set only with a port. Set the port, or write its number";
  const meant = nearest(name, known);
  return (
    `$(${name}) names no variable that is known here. ${meant ? `Did you mean $(${meant})? ` : ""}Add it to config or secrets, ` +
    `or write $$(${name}) for the text itself. Known: ${known.join(", ")}`
  );
}
