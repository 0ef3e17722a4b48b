import type { EngineEvent } from "../../../delivery/engine/run.ts";

type Inputs = Record<string, unknown>;

/** What an event says about a step. */
interface Step {
  old?: Inputs;
  new?: Inputs;
  /** Paths that the provider names. */
  diffs?: string[];
  /** Kinds of difference by path, as the provider gives them. */
  detailedDiff?: Record<string, { diffKind: string; inputDiff: boolean }>;
  retainOnDelete?: boolean;
}

/** A secret as the engine writes it. Its plaintext is there only under --show-secrets. */
export function secret(plaintext: string): object {
  return {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(plaintext),
  };
}

/** An unknown value as the engine writes it: `UnknownStringValue` of its SDK. */
export const UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** @param resource such as `slipway:index:Service$kubernetes:helm.sh/v3:Release::web`: the types of its parents, its own, its name */
function metadataOf(op: string, resource: string, step: Step): object {
  const urn = `urn:pulumi:local::slipway::${resource}`;
  const [types = ""] = resource.split("::");
  const type = types.split("$").at(-1);
  const retained = step.retainOnDelete ? { retainOnDelete: true } : {};
  const state = (inputs: Inputs | undefined) =>
    inputs && { type, urn, custom: true, id: "", parent: "", ...retained, inputs, outputs: { id: "id" }, provider: "" };
  const diffs = step.diffs && { diffs: step.diffs };
  const detailedDiff = step.detailedDiff ?? null;
  return {
    metadata: { op, urn, type, old: state(step.old), new: state(step.new), ...diffs, detailedDiff, provider: "" },
  };
}

let sequence = 0;

/** An event as a line of `--event-log` gives it. */
const event = (kind: object): EngineEvent =>
  JSON.parse(JSON.stringify({ sequence: sequence++, timestamp: 1795565021, ...kind })) as EngineEvent;

/** The first event of an update or preview. */
export function begun(): EngineEvent {
  return event({ preludeEvent: { config: {} } });
}

/** The last event of an update or preview, whether or not it succeeded. */
export function ended(): EngineEvent {
  return event({ cancelEvent: {} });
}

/** The start of a step; in a preview, a planned one. */
export function started(op: string, resource: string, step: Step = { old: {}, new: {} }): EngineEvent {
  return event({ resourcePreEvent: { ...metadataOf(op, resource, step), planning: true } });
}

/** The result of a step; of a refresh, the live resource. */
export function finished(op: string, resource: string, step: Step): EngineEvent {
  return event({ resOutputsEvent: { ...metadataOf(op, resource, step), planning: true } });
}

/** A message of the engine or of the program. */
export function diagnostic(severity: string, message: string, resource?: string, more: object = {}): EngineEvent {
  const urn = resource && { urn: `urn:pulumi:local::slipway::${resource}` };
  return event({ diagnosticEvent: { ...urn, prefix: `${severity}: `, message, color: "never", severity, ...more } });
}

export const releaseOf = (service: string) => `slipway:index:Service$kubernetes:helm.sh/v3:Release::${service}`;
export const imageOf = (service: string) => `slipway:index:Images$docker:index/image:Image::${service}`;

/**
 * Inputs of a service's Helm release as Check of the kubernetes plugin v4.25.0 returns them: every field of its Release struct that is
 * not a pointer or an empty map, with the zero values.
 *
 * @param values without an unknown one: the plugin drops it
 * @param version of the chart; empty if a value is unknown, because the plugin does not load the chart then
 */
export function releaseInputs(name: string, values: object, version = "0.1.0"): Inputs {
  const off = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, false]));
  return {
    ...off("allowNullValues", "createNamespace", "dependencyUpdate", "devel", "disableCRDHooks"),
    ...off("disableOpenapiValidation", "disableWebhooks", "forceUpdate", "lint", "recreatePods"),
    ...off("renderSubchartNotes", "replace", "resetValues", "reuseValues", "skipAwait", "skipCrds"),
    ...off("verify", "waitForJobs"),
    atomic: true,
    chart: "./charts/service",
    cleanupOnFail: true,
    description: "",
    keyring: "",
    maxHistory: 10,
    name,
    namespace: "shop",
    postrender: "",
    timeout: 320,
    values,
    version,
  };
}

/**
 * The events of a preview that builds the service's image: the docker plugin's Image, and the Helm release as the kubernetes plugin
 * v4.25.0 gives it. Diff reports the dropped value as deleted and the version as updated (helm_release.go, Diff).
 */
export function buildPreview(service: string, from: string, to: string): EngineEvent[] {
  const image = `127.0.0.1:5000/shop@sha256:${"a".repeat(64)}`;
  const tag = (release: string) => `127.0.0.1:5000/shop:${service}-${release}`;
  return [
    started("update", imageOf(service), {
      old: { build: { args: { RELEASE: from }, context: service }, imageName: tag(from) },
      new: { build: { args: { RELEASE: to }, context: service }, imageName: tag(to) },
      diffs: ["build.args.RELEASE", "imageName"],
      retainOnDelete: true,
    }),
    started("update", releaseOf(service), {
      old: releaseInputs(service, { port: 80, release: from, image }),
      new: releaseInputs(service, { port: 80, release: to }, ""),
      diffs: ["values", "version"],
      detailedDiff: {
        "values.image": { diffKind: "delete", inputDiff: true },
        "values.release": { diffKind: "update", inputDiff: false },
        version: { diffKind: "update", inputDiff: false },
      },
    }),
  ];
}
