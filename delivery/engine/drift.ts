import { findDifferences } from "./differences.ts";
import type { EngineEvent } from "./event-log.ts";
import { isInternal, isStateful, nameOf, operationOf, type ResourceChange } from "./steps.ts";

/** The alarms change the number of nodes. */
const CHANGES_BY_ITSELF = /^scalingConfig\.desiredSize$/;

/**
 * Reads the events of `pulumi refresh --preview-only`: resources whose inputs differ from the live ones. Outputs, such as times and
 * counts, do not count.
 */
export function readDrift(events: readonly EngineEvent[]): ResourceChange[] {
  return events.flatMap(({ resOutputsEvent }) => {
    const metadata = resOutputsEvent?.metadata;
    const op = operationOf(metadata);
    if (!metadata || isInternal(metadata) || (op !== "update" && op !== "delete")) return [];
    const before = metadata.old?.inputs ?? {};
    const differences = (op === "delete" ? [] : findDifferences(before, metadata.new?.inputs ?? {})).filter(
      ({ path }) => !CHANGES_BY_ITSELF.test(path),
    );
    if (op === "update" && differences.length === 0) return [];
    const { type } = metadata;
    return [{ op, type, name: nameOf(metadata), stateful: isStateful(type, before), differences }];
  });
}
