import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import { HELM_RELEASE } from "../../config/naming.ts";
import { type Difference, findDifferences } from "./differences.ts";
import type { EngineEvent } from "./event-log.ts";
import { correctUnknownValues, IMAGE_VALUE } from "./helm-preview.ts";
import { readMigrations, readProblems } from "./problems.ts";
import { IMAGE, isInternal, isStateful, nameOf, type Operation, operationOf, type ResourceChange } from "./steps.ts";

/** The change of a service's Helm release. */
export interface ServiceChange {
  name: string;
  op: Operation;
  /** Release tags before and after; equal if only the config changes. */
  from?: string;
  to?: string;
  /** The registry does not have the image: the update builds and pushes it. @default false */
  buildsImage?: boolean;
  /** The update tried to change it and failed. @default false */
  failed?: boolean;
}

/** What an update changes, or would change. */
export interface Changes {
  services: ServiceChange[];
  /** Every resource that changes, the services' Helm releases included. */
  resources: ResourceChange[];
  unchanged: number;
  /** What a preview says of each migration that the update runs: see components/migrations/plan.ts. */
  migrations: string[];
  /** Error messages, those with a reason first. */
  problems: string[];
}

const MOST_DIFFERENCES = 40;

/** Reads the engine's events: of a preview the planned changes, of an update those that were started. */
export function readChanges(events: readonly EngineEvent[]): Changes {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const built = new Set(steps.filter(isBuild).map(nameOf));
  const failed = new Set(events.flatMap(({ resOpFailedEvent }) => resOpFailedEvent?.metadata.urn ?? []));
  const byUrn = new Map<string, ResourceChange>();
  let unchanged = 0;
  for (const step of steps) {
    if (isInternal(step)) continue;
    const op = operationOf(step);
    if (op === undefined || isForgotten(step)) {
      if (step.op === "same") unchanged++;
      continue;
    }
    // A replacement is two or three steps of one resource.
    if (byUrn.get(step.urn)?.op === "replace") continue;
    byUrn.set(step.urn, toChange(step, op, built));
  }
  const resources = [...byUrn.values()];
  return {
    services: readServices(steps, built, failed),
    resources,
    unchanged,
    migrations: readMigrations(events),
    problems: readProblems(events),
  };
}

function toChange(step: StepEventMetadata, op: Operation, built: ReadonlySet<string>): ResourceChange {
  const { type } = step;
  const name = nameOf(step);
  const before = step.old?.inputs ?? {};
  const after = op === "delete" ? {} : (step.new?.inputs ?? {});
  const differences = op === "update" || op === "replace" ? differencesOf(step, before, after) : [];
  return {
    op,
    type,
    name,
    stateful: isStateful(type, before) || isStateful(type, after),
    differences: isService(step) && built.has(name) ? differences.map(nameBuild) : differences,
  };
}

/** Whether a step builds an image: an Image is declared only for what this stack builds. */
function isBuild(step: StepEventMetadata): boolean {
  const op = operationOf(step);
  return step.type === IMAGE && op !== undefined && op !== "delete";
}

/** Whether only the state loses the resource. An image that is no longer declared stays in the registry. */
function isForgotten({ op, old }: StepEventMetadata): boolean {
  return op === "delete" && old?.retainOnDelete === true;
}

/** Differences between the inputs, and those that the engine names without showing: a secret looks the same before and after. */
function differencesOf(step: StepEventMetadata, before: object, after: object): Difference[] {
  const found = findDifferences(before, after);
  const hidden = (step.diffs ?? []).filter(
    (path) => !found.some((difference) => isWithin(difference.path, path) || isWithin(path, difference.path)),
  );
  const known = step.type === HELM_RELEASE ? correctUnknownValues(found, after) : found;
  return [...known, ...hidden.map((path) => ({ path, from: "[hidden]", to: "[hidden]" }))].slice(0, MOST_DIFFERENCES);
}

/** The digest of an image is unknown until it is pushed. */
function nameBuild(difference: Difference): Difference {
  return difference.path === IMAGE_VALUE ? { ...difference, to: "[known after the image is built]" } : difference;
}

/** Whether a path is the same as another or below it: `a.b` and `a[0]` are below `a`, `ab` is not. */
function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`) || path.startsWith(`${other}[`);
}

/** Whether the step is of a service's Helm release. Add-ons are Helm releases below another component. */
function isService({ type, urn }: StepEventMetadata): boolean {
  return type === HELM_RELEASE && urn.includes("slipway:index:Service$");
}

function readServices(
  steps: readonly StepEventMetadata[],
  built: ReadonlySet<string>,
  failed: ReadonlySet<string>,
): ServiceChange[] {
  const services = new Map<string, ServiceChange>();
  for (const step of steps) {
    const op = operationOf(step);
    if (op === undefined || !isService(step)) continue;
    const name = nameOf(step);
    const from = releaseIn(step.old?.inputs);
    const to = op === "delete" ? undefined : releaseIn(step.new?.inputs);
    const buildsImage = to !== undefined && built.has(name);
    services.set(name, {
      ...{ name, op, ...(from && { from }), ...(to && { to }), ...(buildsImage && { buildsImage }) },
      ...(failed.has(step.urn) && { failed: true }),
    });
  }
  return [...services.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function releaseIn(inputs: Record<string, unknown> | undefined): string | undefined {
  const release = (inputs?.values as { release?: unknown } | undefined)?.release;
  return release === undefined ? undefined : String(release);
}
