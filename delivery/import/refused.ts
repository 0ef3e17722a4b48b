import { ConfigError, dotted, type Fault, mergeSources, type Path, valueAt } from "../../config/fault.ts";
import { ruleFaults } from "../../config/rules/index.ts";
import { type EnvironmentConfig, environmentSchema } from "../../config/schema/environment.ts";
import { schemaFaults } from "../../config/schema/schema-faults.ts";
import type { Draft } from "./draft.ts";
import type { Findings } from "./findings.ts";

/** Without these, there is no service. */
const NEEDED = ["resources", "image", "build", "kind", "cron"];
/** More than the fields of any service. */
const MOST_ROUNDS = 1000;

/** An environment around imported services. What the stack says of its cluster makes no difference to what they say. */
export function environmentAround(environment: object, services: object): Record<string, unknown> {
  return {
    cluster: { target: "existing", context: "imported" },
    images: { repository: "registry.example.com/imported" },
    namespace: "imported",
    ...environment,
    services,
  };
}

/**
 * Takes away what the schema and the rules refuse, and lists it with their words. So what is written in the end is a valid config.
 *
 * @throws ConfigError for what cannot be taken away
 */
export function dropRefused(drafts: readonly Draft[], environment: object, findings: Findings): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const services = Object.fromEntries(drafts.map(({ name, fields }) => [name, fields]));
    const whole = environmentAround(environment, services);
    const faults = faultsOf(whole);
    if (faults.length === 0) return;
    const isDropped = drafts.map((draft) => {
      const fault = faults.find(({ path }) => path[0] === "services" && path[1] === draft.name);
      return fault !== undefined && drop(draft, fault, whole, findings);
    });
    if (isDropped.includes(true)) continue;
    const lines = faults.map((fault) => `${dotted(fault.path)}: ${fault.message}.`);
    throw new ConfigError(
      lines,
      "What was imported is no valid config. Nothing was written. Change the manifests, or leave them out:",
    );
  }
}

function faultsOf(whole: Record<string, unknown>): Fault[] {
  const merged = mergeSources([{ file: "", value: whole, lineOf: () => undefined }]);
  const parsed = environmentSchema.safeParse(merged, { reportInput: true });
  if (!parsed.success) return schemaFaults(parsed.error, merged);
  return ruleFaults({
    environment: parsed.data,
    written: merged as EnvironmentConfig,
    stack: "imported",
    release: "imported",
  });
}

/** Takes away the field that a fault is about, or what holds it if the field itself is missing. */
function drop(draft: Draft, fault: Fault, whole: unknown, findings: Findings): boolean {
  const value = valueAt(whole, fault.path);
  for (let path: Path = fault.path.slice(2); path.length > 0; path = path.slice(0, -1)) {
    if (NEEDED.includes(String(path[0]))) return false;
    const place = draft.remove(path);
    if (place === undefined) continue;
    const isHidden = fault.hideValue || path.includes("config") || path.includes("files");
    findings.add("leftOut", place, `${dotted(fault.path)}: ${fault.message}`, isHidden ? undefined : value);
    return true;
  }
  return false;
}
