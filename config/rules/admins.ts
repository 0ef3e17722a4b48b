import type { Fault } from "../fault.ts";
import { repeatedFaults } from "./lists.ts";

/** EKS refuses a second access entry of one principal, and does so only after it has created the cluster. */
export function adminFaults(admins: readonly string[]): Fault[] {
  return repeatedFaults(["cluster", "admins"], admins);
}
