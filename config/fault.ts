import { merge } from "./merge.ts";

export type Path = readonly (string | number)[];

/** Something wrong with the config. */
export interface Fault {
  /** Where it is in the environment, such as `["services", "api", "port"]`. */
  path: Path;
  /** What is allowed and what to do. Starts in lower case and has no full stop at its end. */
  message: string;
  /**
   * Key of the stack's config that says it, such as slipway:release.
   *
   * @default - the environment
   */
  key?: string;
  /**
   * Whether to leave out the value that was given: it is secret, or the fault is not about it.
   *
   * @default false
   */
  hideValue?: boolean;
}

/** A part of the config: what it says, and where a person finds that. */
export interface Source {
  /** Relative to the project, such as stacks/services.yaml. */
  file: string;
  value: unknown;
  /** Line of a value, or of its nearest parent. Undefined if it is not known. */
  lineOf(path: Path): number | undefined;
  /**
   * How people know a path of it.
   *
   * @default - by the path itself
   */
  nameOf?(path: Path): string;
  /**
   * Whether a merge key (`<<`) gives a value for the path as well, which the value there replaces.
   *
   * @default - it is not known
   */
  replacesMerged?(path: Path): boolean;
}

/** Every fault of a config, one on each line. The message is for people: show it without a stack trace. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[], intro = "The config has errors. Nothing was changed.") {
    super([intro, ...faults.map((fault) => `  - ${fault}`)].join("\n"));
    this.faults = faults;
    this.name = "ConfigError";
  }
}

/** All that an environment is read from. */
export interface Sources {
  /** The environment's parts: each is merged over the ones before it. */
  environment: readonly Source[];
  /** The config of the stack, by key. */
  stackConfig: Source;
}

/** A fault with the file and line that say it, the value given there, and the fault's message. */
export function describeFault({ key, path, message, hideValue }: Fault, sources: Sources): string {
  const at = key === undefined ? path : [key];
  const parts = key === undefined ? sources.environment : [sources.stackConfig];
  const source = findSource(at, parts);
  const line = source?.lineOf(at);
  const where = `${source?.file}${line === undefined ? "" : `:${line}`}: ${source?.nameOf?.(at) ?? dotted(at)}`;
  const sentence = message.endsWith("?") ? message : `${message}.`;
  if (hideValue) return `${where}: ${sentence}`;
  const given = valueAt(mergeSources(parts), at);
  if (given !== undefined) return `${where}: ${shorten(given)} given; ${sentence}`;
  const isTakenAway = source !== undefined && valueAt(source.value, at) === null;
  return `${where}: ${isTakenAway ? "null given, which takes it away" : "nothing given"}; ${sentence}`;
}

/** What the sources say together. */
export function mergeSources(sources: readonly Source[]): unknown {
  return sources.map(({ value }) => value ?? {}).reduce<unknown>(merge, {});
}

/** The last source that says anything about the path, or else about its nearest parent: people fix it there. */
function findSource(path: Path, sources: readonly Source[]): Source | undefined {
  const latestFirst = [...sources].reverse();
  for (let length = path.length; length >= 0; length--) {
    for (const source of latestFirst) {
      if (valueAt(source.value, path.slice(0, length)) !== undefined) return source;
      // A list or scalar replaces what the earlier sources say below it.
      if (path.slice(0, length).some((_, end) => isLeaf(valueAt(source.value, path.slice(0, end))))) break;
    }
  }
  return latestFirst[0];
}

function isLeaf(value: unknown): boolean {
  return value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value));
}

/** The value at a path; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** A path as people write it, such as services.api.hosts[0]. */
export function dotted(path: Path): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index ? "." : ""}${shownKey(key)}`))
    .join("");
}

/** With quotes if it is empty or has spaces. */
function shownKey(key: string): string {
  return /^\S+$/.test(key) && key.length <= 253 ? key : shorten(key);
}

function shorten(value: unknown): string {
  // JSON has no words for infinity and what is no number.
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
