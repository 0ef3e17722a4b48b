import { stripVTControlCharacters } from "node:util";
import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import { type Difference, findDifferences } from "./differences.ts";
import type { EngineEvent } from "./run.ts";

/** What the engine does, or would do, to one resource. */
export interface ResourceChange {
  op: "create" | "update" | "replace" | "delete";
  /** Such as `kubernetes:helm.sh/v3:Release`. */
  type: string;
  name: string;
  /** It holds data, or others' resources that do: its loss is no small thing. */
  stateful: boolean;
  /** Inputs that differ, by path, with what they were and are; secrets are hidden by the engine. */
  differences: Difference[];
}

/** A service whose Helm release changes. */
export interface ServiceChange {
  name: string;
  op: ResourceChange["op"];
  /** Release tag before and after; the same where only its config changes. */
  from?: string;
  to?: string;
}

export interface Changes {
  services: ServiceChange[];
  /** All that is not as it was, services' Helm releases included. */
  resources: ResourceChange[];
  unchanged: number;
  /** What went wrong, in the engine's and the program's words, the telling ones first. */
  problems: string[];
}

/** Types that hold data, or that data dies with. Of every kind that this program declares, and some that a team may add. */
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

const OPS: Record<string, ResourceChange["op"]> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  import: "create",
};

const RELEASE = "kubernetes:helm.sh/v3:Release";
const MOST_DIFFERENCES = 40;
/** The number of nodes is the alarms' to set. */
const MOVING = /^scalingConfig\.desiredSize$/;

/** Reads the engine's events: of a preview what would change, of an update what was begun. */
export function readChanges(events: readonly EngineEvent[]): Changes {
  const byUrn = new Map<string, ResourceChange>();
  let unchanged = 0;
  for (const { resourcePreEvent } of events) {
    const metadata = resourcePreEvent?.metadata;
    if (!metadata || metadata.type.startsWith("pulumi:")) continue;
    const op = OPS[metadata.op];
    if (op === undefined || isForgotten(metadata)) {
      if (metadata.op === "same") unchanged++;
      continue;
    }
    // A replacement comes as two or three steps of one resource.
    if (byUrn.get(metadata.urn)?.op === "replace") continue;
    const before = metadata.old?.inputs ?? {};
    const after = op === "delete" ? {} : (metadata.new?.inputs ?? {});
    byUrn.set(metadata.urn, {
      op,
      type: metadata.type,
      name: metadata.urn.split("::").at(-1) ?? "",
      stateful: isStateful(metadata.type, before) || isStateful(metadata.type, after),
      differences: op === "update" || op === "replace" ? differencesOf(metadata.diffs ?? [], before, after) : [],
    });
  }
  const resources = [...byUrn.values()];
  return { services: servicesIn(events), resources, unchanged, problems: problemsIn(events) };
}

/** An image that is no longer declared leaves the state and stays in the registry: nothing is deleted. */
function isForgotten({ op, old }: StepEventMetadata): boolean {
  return op === "delete" && old?.retainOnDelete === true;
}

/**
 * Reads the events of a refresh that changed nothing: what is there other than it was declared. What a provider reports beside
 * that, such as times and counts, is no drift.
 */
export function readDrift(events: readonly EngineEvent[]): ResourceChange[] {
  return events.flatMap(({ resOutputsEvent }) => {
    const metadata = resOutputsEvent?.metadata;
    const op = OPS[metadata?.op ?? ""];
    if (!metadata || metadata.type.startsWith("pulumi:") || (op !== "update" && op !== "delete")) return [];
    const found = op === "delete" ? [] : findDifferences(metadata.old?.inputs ?? {}, metadata.new?.inputs ?? {});
    const drifted = found.filter(({ path }) => !MOVING.test(path));
    if (op === "update" && drifted.length === 0) return [];
    const name = metadata.urn.split("::").at(-1) ?? "";
    return [
      {
        op,
        type: metadata.type,
        name,
        stateful: isStateful(metadata.type, metadata.old?.inputs ?? {}),
        differences: drifted,
      },
    ];
  });
}

/** The engine's word counts too: a secret that changed looks the same before and after. */
function differencesOf(named: readonly string[], before: object, after: object): Difference[] {
  const found = findDifferences(before, after);
  const hidden = named.filter(
    (path) => !found.some((difference) => isWithin(difference.path, path) || isWithin(path, difference.path)),
  );
  return [...found, ...hidden.map((path) => ({ path, from: "[hidden]", to: "[hidden]" }))].slice(0, MOST_DIFFERENCES);
}

/** Whether a path lies at another, or below it: `a.b` and `a[0]` lie below `a`, and `ab` does not. */
function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`) || path.startsWith(`${other}[`);
}

function isStateful(type: string, inputs: Record<string, unknown>): boolean {
  if (STATEFUL.some((known) => known.test(type))) return true;
  return type === RELEASE && (inputs.values as { kind?: string } | undefined)?.kind === "stateful";
}

/** Services are components of this program; add-ons are Helm releases of another parent. */
function servicesIn(events: readonly EngineEvent[]): ServiceChange[] {
  const services = new Map<string, ServiceChange>();
  for (const { resourcePreEvent } of events) {
    const metadata = resourcePreEvent?.metadata;
    const op = OPS[metadata?.op ?? ""];
    if (!metadata || op === undefined || metadata.type !== RELEASE || !metadata.urn.includes("slipway:index:Service$"))
      continue;
    const name = metadata.urn.split("::").at(-1) ?? "";
    const from = tagIn(metadata.old?.inputs);
    const to = op === "delete" ? undefined : tagIn(metadata.new?.inputs);
    services.set(name, { name, op, ...(from && { from }), ...(to && { to }) });
  }
  return [...services.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function tagIn(inputs: Record<string, unknown> | undefined): string | undefined {
  const release = (inputs?.values as { release?: unknown } | undefined)?.release;
  return release === undefined ? undefined : String(release);
}

/** What the engine says at the end of whatever failed; what was said before it says why. */
const SUMMING_UP = /^(update|preview|refresh) failed$/i;

function problemsIn(events: readonly EngineEvent[]): string[] {
  const said = events.flatMap(({ diagnosticEvent }) => {
    if (!diagnosticEvent || diagnosticEvent.ephemeral) return [];
    const { severity, urn = "" } = diagnosticEvent;
    const message = plain(diagnosticEvent.message);
    // Pods in trouble are told of by warnings of the service: see rollout-watch.ts.
    const isPod = severity === "warning" && /::slipway:index:Service::/.test(urn) && /: pod /.test(message);
    if ((severity !== "error" && !isPod) || message === "" || SUMMING_UP.test(message)) return [];
    return [{ message, isPod }];
  });
  const ordered = [...said.filter(({ isPod }) => isPod), ...said.filter(({ isPod }) => !isPod)].map(
    ({ message }) => message,
  );
  return [...new Set(ordered)];
}

/** Events carry the engine's markup for colours: `<{%fg 1%}>`. */
function plain(text: string): string {
  return stripVTControlCharacters(text.replaceAll(/<\{%[^%]*%\}>/g, "")).trim();
}

/** Whether any step was begun that changes something; if not, nothing was touched. */
export function hasStartedChange(events: readonly EngineEvent[]): boolean {
  return events.some(({ resourcePreEvent }) => resourcePreEvent && !LOOKING.has(resourcePreEvent.metadata.op));
}

/** Steps that change nothing; every other one, those of a replacement among them, does. */
const LOOKING = new Set<string>(["same", "read", "refresh"]);
