import { CHART_DEFAULTS } from "./defaults.ts";
import { dotted, mergeSources, type Path, type Source, valueAt } from "./fault.ts";
import { fieldsOfOtherKinds } from "./kind-fields.ts";
import type { Kind } from "./kinds.ts";
import { isMap, merge } from "./merge.ts";
import { isMetadataRange } from "./metadata-ranges.ts";
import { keysOfOtherPresets, type Preset, presetNeedsPort, presetOf } from "./probe-presets.ts";
import { BLUE_GREEN_FIELDS, CANARY_FIELDS, REQUEST_ANALYSIS_FIELDS } from "./rollout-strategy.ts";

type Fields = Record<string, unknown>;

/**
 * The sources with `defaults` applied: before them come sources that say of each service what `defaults` says. So a service's own
 * fields win, and a fault names the line under `defaults` that caused it.
 */
export function withServiceDefaults(sources: readonly Source[]): Source[] {
  const together = valueAt(mergeSources(sources), ["defaults"]);
  if (!isMap(together)) return [...sources];
  const services = serviceNames(sources).map((name) => {
    const parts = sources.map(({ value }) => valueAt(value, ["services", name]) ?? {});
    const own = parts.reduce<unknown>(merge, {}) as Fields;
    return [name, { own, whole: [together, ...parts].reduce<unknown>(merge, {}) as Fields }] as const;
  });
  const defaults = sources.flatMap((source) => {
    const given = valueAt(source.value, ["defaults"]);
    if (!isMap(given)) return [];
    const applied = services.map(([name, service]) => [name, applicable(given, service)]);
    return [defaultsSource(source, { services: Object.fromEntries(applied) })];
  });
  return [...defaults, ...sources];
}

/** Names of the services that any source says something about. */
export function serviceNames(sources: readonly Source[]): string[] {
  const merged = valueAt(mergeSources(sources), ["services"]);
  return isMap(merged) ? Object.keys(merged) : [];
}

function defaultsSource(source: Source, value: unknown): Source {
  const within = ([, , ...field]: Path): Path => ["defaults", ...field];
  return {
    file: source.file,
    value,
    lineOf: (path) => source.lineOf(within(path)),
    nameOf: (path) => `${dotted(within(path))}, for the service ${path[1]}`,
  };
}

interface Service {
  /** What the service says itself. */
  own: Fields;
  /** The same, over all of `defaults`. */
  whole: Fields;
}

/** Defaults without what such a service has no use for. It would be a fault if the service said it itself. */
function applicable(defaults: Fields, { own, whole: service }: Service): Fields {
  const probePort = valueAt(service, ["probes", "port"]);
  const hasPort = service.port !== undefined;
  const unused: Path[] = [];
  if (!hasPort) unused.push(["path"], ["ingressClass"], ["ingressNamespace"], ["ingress"], ["servicePort"]);
  if (!hasPort && service.ports === undefined) {
    unused.push(["network", "allowFrom"]);
    if (service.metrics === undefined) unused.push(["serviceAnnotations"]);
  }
  const kind = (service.kind ?? CHART_DEFAULTS.kind) as Kind;
  unused.push(...fieldsOfOtherKinds(kind));
  if (kind === "stateful") {
    unused.push(["rollout", "strategy"], ["rollout", "maxSurge"], ["rollout", "maxUnavailable"]);
    unused.push(...[...BLUE_GREEN_FIELDS, ...CANARY_FIELDS].map((field) => ["rollout", field]));
  } else {
    unused.push(["volume"], ["rollout", "canaryPods"], ["rollout", "canarySeconds"]);
    const strategy = valueAt(service, ["rollout", "strategy"]);
    const hasHosts = ((service.hosts ?? []) as unknown[]).length > 0;
    if (strategy === "recreate" || strategy === "blueGreen" || (strategy === "canary" && hasHosts))
      unused.push(["rollout", "maxSurge"], ["rollout", "maxUnavailable"]);
    if (strategy !== "canary") unused.push(...CANARY_FIELDS.map((field) => ["rollout", field]));
    else if (!hasHosts)
      unused.push(["rollout", "header"], ...REQUEST_ANALYSIS_FIELDS.map((field) => ["rollout", "analysis", field]));
    if (strategy !== "blueGreen") unused.push(...BLUE_GREEN_FIELDS.map((field) => ["rollout", field]));
  }
  unused.push(...EXCLUSIVE.flatMap(([one, other]) => (valueAt(own, one) === undefined ? [] : [other])));
  const given = valueAt(defaults, ["probes", "preset"]) as Preset | undefined;
  const drop = !hasPort && probePort === undefined && given !== undefined && presetNeedsPort(given);
  if (drop) unused.push(["probes", "preset"]);
  const written = valueAt(service, ["probes", "preset"]) as Preset | undefined;
  const probed = { ...service, probes: { preset: drop && written === given ? undefined : written, port: probePort } };
  const preset = presetOf(probed);
  unused.push(...keysOfOtherPresets(preset).map((key) => ["probes", key]));
  const used = unused.reduce(without, defaults);
  return valueAt(own, ["network", "egress", "internet"]) === true ? withOpenEgress(used) : used;
}

/** Fields of which a service has one: if it says the first itself, it has no use for the second. */
const EXCLUSIVE: readonly [Path, Path][] = [
  [["path"], ["ingress", "paths"]],
  [["ingress", "paths"], ["path"]],
  [["image"], ["build"]],
  [["build"], ["image"]],
];

/** Without what only a closed egress has a use for. The metadata service stays closed, so a range of it is of use. */
function withOpenEgress(defaults: Fields): Fields {
  const ranges = valueAt(defaults, ["network", "egress", "cidrs"]);
  const closed = without(without(defaults, ["network", "egress", "services"]), ["network", "egress", "cidrs"]);
  const kept = Array.isArray(ranges) ? ranges.filter((range) => isMetadataRange(rangeOf(range))) : [];
  return kept.length === 0 ? closed : (merge(closed, { network: { egress: { cidrs: kept } } }) as Fields);
}

function rangeOf(range: unknown): unknown {
  return valueAt(range, ["cidr"]) ?? range;
}

function without(fields: Fields, [key, ...rest]: Path): Fields {
  if (key === undefined || !Object.hasOwn(fields, key)) return fields;
  const { [key]: value, ...others } = fields;
  if (rest.length === 0) return others;
  return isMap(value) ? { ...others, [key]: without(value, rest) } : fields;
}
