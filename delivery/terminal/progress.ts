import { HELM_RELEASE } from "../../config/naming.ts";
import type { EngineEvent } from "../engine/run.ts";
import { isInternal, nameOf, type Operation, operationOf } from "../engine/steps.ts";
import type { Readiness } from "../rollout-readiness.ts";

/** A resource that an update changes, or has changed. */
export interface Change {
  urn: string;
  /** `api v1.4.0` for a service, `shop (kubernetes:core/v1:Namespace)` for anything else. */
  label: string;
  /** Name of the service that this rolls out. */
  service?: string;
  op: Operation;
  /** Milliseconds since the epoch. */
  since: number;
  result: "running" | "done" | "failed";
  /** Seconds that it took, or has taken. */
  seconds: number;
}

/** Follows the engine's events: what is changing, what is done, and what failed. */
export class Progress {
  private readonly changes = new Map<string, Change>();

  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** @returns the change that began, ended or failed by this event */
  take({ resourcePreEvent, resOutputsEvent, resOpFailedEvent }: EngineEvent): Change | undefined {
    const metadata = (resourcePreEvent ?? resOutputsEvent ?? resOpFailedEvent)?.metadata;
    const op = operationOf(metadata);
    if (metadata === undefined || op === undefined || isInternal(metadata)) return undefined;
    const known = this.changes.get(metadata.urn);
    const since = known?.since ?? this.now();
    const isService = metadata.type === HELM_RELEASE && metadata.urn.includes("slipway:index:Service$");
    const name = nameOf(metadata);
    const release = (metadata.new?.inputs?.values as { release?: unknown } | undefined)?.release;
    const change: Change = {
      urn: metadata.urn,
      label: isService
        ? [name, release ?? known?.label.slice(name.length + 1)].filter(Boolean).join(" ")
        : `${name} (${metadata.type})`,
      ...(isService && { service: name }),
      op,
      since,
      result: resourcePreEvent ? "running" : resOpFailedEvent ? "failed" : "done",
      seconds: (this.now() - since) / 1000,
    };
    this.changes.set(metadata.urn, change);
    return change;
  }

  /** What is changing now, services first. */
  get running(): Change[] {
    const running = [...this.changes.values()].filter(({ result }) => result === "running");
    const current = running.map((change) => ({ ...change, seconds: (this.now() - change.since) / 1000 }));
    return [...current.filter(({ service }) => service), ...current.filter(({ service }) => !service)];
  }
}

const WORDS: Record<Operation, { running: string; done: string }> = {
  create: { running: "creating", done: "created" },
  update: { running: "updating", done: "updated" },
  replace: { running: "replacing", done: "replaced" },
  delete: { running: "deleting", done: "deleted" },
};

/** `api v1.4.0: 2 of 3 ready, 41 s`. @param readiness of the change's service, if the cluster tells */
export function describeChange({ label, service, op, result, seconds }: Change, readiness?: Readiness): string {
  const took = `${Math.round(seconds)} s`;
  if (result === "failed") return `${label}: failed after ${took}`;
  if (result === "done") return `${label}: ${service && op !== "delete" ? "ready" : WORDS[op].done}, ${took}`;
  const doing = service && readiness ? `${readiness.ready} of ${readiness.desired} ready` : WORDS[op].running;
  return `${label}: ${doing}, ${took}`;
}
