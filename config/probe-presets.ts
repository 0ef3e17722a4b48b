/** What the probes of a pod ask: see charts/service/templates/_probes.tpl. */
export const PRESETS = ["http", "spring-actuator", "tcp", "grpc", "exec", "none"] as const;
export type Preset = (typeof PRESETS)[number];

const HTTP = ["path", "livenessPath"] as const;
/** Where and how the check asks. */
const TARGET = ["port", "scheme", "headers", "service"] as const;
const EXEC = ["command", "livenessCommand"] as const;
/** How often a probe asks. */
const PACE = ["periodSeconds", "timeoutSeconds", "failureThreshold"] as const;

/** Keys of `probes` that only some presets read. */
const KEYS = [...HTTP, ...TARGET, ...EXEC, ...PACE];

const READS: Readonly<Record<Preset, readonly string[]>> = {
  http: [...HTTP, ...PACE, "port", "scheme", "headers"],
  "spring-actuator": [...HTTP, ...PACE, "port", "scheme", "headers"],
  tcp: [...PACE, "port"],
  grpc: [...PACE, "port", "service"],
  exec: [...EXEC, ...PACE],
  none: [],
};

/** The preset of a service: its own, else http with a port to check and none without. */
export function presetOf({ port, probes }: Probed): Preset {
  return probes?.preset ?? ((port ?? probes?.port) === undefined ? "none" : "http");
}

interface Probed {
  port?: unknown;
  probes?: { preset?: Preset | undefined; port?: unknown } | undefined;
}

/** Keys of `probes` that do nothing with this preset. None of a preset that does not exist. */
export function keysOfOtherPresets(preset: Preset): string[] {
  const reads = Object.hasOwn(READS, preset) ? READS[preset] : KEYS;
  return KEYS.filter((key) => !reads.includes(key));
}

/** The presets that read a key of `probes`. */
export function presetsThatRead(key: string): Preset[] {
  return PRESETS.filter((preset) => READS[preset].includes(key));
}

export function presetNeedsPort(preset: Preset): boolean {
  return preset !== "exec" && preset !== "none";
}
