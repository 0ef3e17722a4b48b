/** What the probes of a pod ask: see charts/service/templates/_probes.tpl. */
export const PRESETS = ["http", "spring-actuator", "tcp", "grpc", "exec", "none"] as const;
export type Preset = (typeof PRESETS)[number];

const HTTP = ["path", "livenessPath"] as const;
const EXEC = ["command", "livenessCommand"] as const;
/** How often a probe asks. */
const PACE = ["periodSeconds", "timeoutSeconds", "failureThreshold"] as const;

/** Keys of `probes` that only some presets read. */
const KEYS = [...HTTP, ...EXEC, ...PACE];

const READS: Readonly<Record<Preset, readonly string[]>> = {
  http: [...HTTP, ...PACE],
  "spring-actuator": [...HTTP, ...PACE],
  tcp: PACE,
  grpc: PACE,
  exec: [...EXEC, ...PACE],
  none: [],
};

/** The preset of a service: its own, else http with a port and none without. */
export function presetOf({ preset, hasPort }: { preset: Preset | undefined; hasPort: boolean }): Preset {
  return preset ?? (hasPort ? "http" : "none");
}

/** Keys of `probes` that do nothing with this preset. */
export function keysOfOtherPresets(preset: Preset): string[] {
  const reads = READS[preset] ?? KEYS;
  return KEYS.filter((key) => !reads.includes(key));
}

/** The presets that read a key of `probes`. */
export function presetsThatRead(key: string): Preset[] {
  return PRESETS.filter((preset) => READS[preset].includes(key));
}

export function presetNeedsPort(preset: Preset): boolean {
  return preset !== "exec" && preset !== "none";
}
