import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import { HELM_RELEASE } from "../../config/naming.ts";
import type { Difference } from "./differences.ts";
import type { EngineEvent } from "./event-log.ts";

/** What the engine does, or would do, to a resource. */
export type Operation = "create" | "update" | "replace" | "delete";

/** The change of one resource. */
export interface ResourceChange {
  op: Operation;
  /** Such as `kubernetes:helm.sh/v3:Release`. */
  type: string;
  name: string;
  /** It holds data, or other resources that do: deleting or replacing it loses data. */
  stateful: boolean;
  /** Inputs that differ, with their old and new values. Secrets are hidden. */
  differences: Difference[];
}

/** Resource types that this code treats specially. */
export const IMAGE = "docker:index/image:Image";

/** Resource types that hold data, or whose deletion deletes data. Those of this program, and some that a team may add. */
const STATEFUL = [
  /^aws:s3\/bucket:/,
  /^aws:ecr\/repository:/,
  /^aws:kms\/key:/,
  /^aws:eks\/cluster:/,
  /^aws:eks\/nodeGroup:/,
  /^aws:ec2\/vpc:/,
  /^aws:cloudwatch\/logGroup:/,
  /^aws:(rds|dynamodb|efs|elasticache|opensearch|sqs|ebs)\//,
  /^kubernetes:core\/v1:(Namespace|PersistentVolumeClaim|PersistentVolume)$/,
  /^kubernetes:apps\/v1:StatefulSet$/,
];

const OPERATIONS: Record<string, Operation> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  import: "create",
};

/** Steps that change nothing. Every other step does, those of a replacement included. */
const UNCHANGED = new Set<string>(["same", "read", "refresh"]);

/** The operation of a step, undefined if the step changes nothing by itself. */
export function operationOf(metadata: StepEventMetadata | undefined): Operation | undefined {
  return OPERATIONS[metadata?.op ?? ""];
}

/** The name of the step's resource. */
export function nameOf({ urn }: StepEventMetadata): string {
  return urn.split("::").at(-1) ?? "";
}

/** Whether the resource belongs to the engine, such as the stack itself or a provider. */
export function isInternal({ type }: StepEventMetadata): boolean {
  return type.startsWith("pulumi:");
}

/** Whether a resource with these inputs holds data. */
export function isStateful(type: string, inputs: Record<string, unknown>): boolean {
  if (STATEFUL.some((known) => known.test(type))) return true;
  return type === HELM_RELEASE && (inputs.values as { kind?: string } | undefined)?.kind === "stateful";
}

/** Whether a step that changes something was started. If not, the update changed nothing. */
export function hasStartedChange(events: readonly EngineEvent[]): boolean {
  return events.some(({ resourcePreEvent }) => resourcePreEvent && !UNCHANGED.has(resourcePreEvent.metadata.op));
}
