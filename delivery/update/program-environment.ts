import type { PlannedRecord } from "./record.ts";

/**
 * What the program has to know of the command that runs it: see components/migrations/plan.ts and
 * components/refuse-deletions.ts. It is no config, so it is not in the stack's file.
 */
export function programEnvironment(
  { action }: Pick<PlannedRecord, "action">,
  { acrossContract = false, allowDelete = [] }: { acrossContract?: boolean; allowDelete?: readonly string[] },
): Record<string, string> {
  return {
    SLIPWAY_ACTION: action,
    ...(acrossContract && { SLIPWAY_ACROSS_CONTRACT: "true" }),
    ...(allowDelete.length > 0 && { SLIPWAY_ALLOW_DELETE: allowDelete.join(",") }),
  };
}
