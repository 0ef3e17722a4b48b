import { randomBytes } from "node:crypto";
import type { CheckArgs, Operation } from "./handler.ts";

/**
 * The name of a resource whose program gives none: its name in the program and a random ending, or the one that the
 * engine's own naming rules propose.
 *
 * @throws when autonaming is switched off.
 */
export function autoname(args: CheckArgs, op: Operation, property: string): string {
  if (args.namingDisabled) throw new Error(`autonaming is switched off: set ${property}`);
  return args.proposedName ?? `${op.name}-${randomBytes(4).toString("hex")}`;
}
