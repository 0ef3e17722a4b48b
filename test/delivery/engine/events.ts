import type { EngineEvent } from "../../../delivery/engine/run.ts";

type Inputs = Record<string, unknown>;

/** What a step is told with, beside its resource. */
interface Step {
  old?: Inputs;
  new?: Inputs;
  /** Paths that the engine names. */
  diffs?: string[];
  retainOnDelete?: boolean;
}

/** How the engine marks a secret; what it writes beside the mark is in clear under --show-secrets. */
export function secret(plaintext: string): object {
  return {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(plaintext),
  };
}

/**
 * Events as `--event-log` has them, one JSON object a line, cut to what tells them apart.
 *
 * @param resource such as `slipway:index:Service$kubernetes:helm.sh/v3:Release::web`: the types of its parents, its own, its name
 */
function metadataOf(op: string, resource: string, step: Step): object {
  const urn = `urn:pulumi:local::slipway::${resource}`;
  const [types = ""] = resource.split("::");
  const type = types.split("$").at(-1);
  const retained = step.retainOnDelete ? { retainOnDelete: true } : {};
  const state = (inputs: Inputs | undefined) =>
    inputs && {
      type,
      urn,
      custom: true,
      id: "",
      parent: "",
      ...retained,
      inputs,
      outputs: { id: "of no matter" },
      provider: "",
    };
  const diffs = step.diffs && { diffs: step.diffs };
  return {
    metadata: { op, urn, type, old: state(step.old), new: state(step.new), ...diffs, detailedDiff: null, provider: "" },
  };
}

let sequence = 0;
const event = (kind: object): EngineEvent =>
  JSON.parse(JSON.stringify({ sequence: sequence++, timestamp: 1795565021, ...kind })) as EngineEvent;

/** A step that is begun, or would be. */
export function started(op: string, resource: string, step: Step = { old: {}, new: {} }): EngineEvent {
  return event({ resourcePreEvent: { ...metadataOf(op, resource, step), planning: true } });
}

/** What a step has come to: of a refresh, what is there. */
export function finished(op: string, resource: string, step: Step): EngineEvent {
  return event({ resOutputsEvent: { ...metadataOf(op, resource, step), planning: true } });
}

export function diagnostic(severity: string, message: string, resource?: string, more: object = {}): EngineEvent {
  const urn = resource && { urn: `urn:pulumi:local::slipway::${resource}` };
  return event({ diagnosticEvent: { ...urn, prefix: `${severity}: `, message, color: "never", severity, ...more } });
}

export const releaseOf = (service: string) => `slipway:index:Service$kubernetes:helm.sh/v3:Release::${service}`;
