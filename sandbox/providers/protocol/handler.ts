import type { PropertyMap } from "./value.ts";

/** What an input lacks or has wrong; the engine shows it beside the resource. */
export interface CheckFailure {
  /** Path of the property; empty when it is the resource as a whole. */
  property: string;
  reason: string;
}

export type ChangeKind = "add" | "update" | "delete";

/** One changed property. */
export interface Change {
  kind: ChangeKind;
  /** The change cannot be made in place. */
  replace: boolean;
}

export interface DiffResult {
  /** Changed properties by path, as `metadata.labels["app.io/x"]`. Empty: no change. */
  changes: Map<string, Change>;
  /** The old object must be gone before the new one can be made, as with a fixed name. @default false */
  deleteBeforeReplace?: boolean;
}

/** Everything an operation may need to know of the resource it is for. */
export interface Operation {
  urn: string;
  /** The resource's name in the program: the last part of the URN. */
  name: string;
  /** Seconds given by `customTimeouts`; 0 when not given. */
  timeoutSeconds: number;
  /** Property paths whose changes are to be ignored. */
  ignoreChanges: string[];
  /** Aborted when the engine cancels. */
  signal: AbortSignal;
  log: Log;
}

/** Messages to the person at the terminal. */
export interface Log {
  /** Shown while the resource is worked on, then gone. */
  status(message: string): void;
  info(message: string): void;
  warning(message: string): void;
}

export interface CheckArgs {
  olds: PropertyMap;
  news: PropertyMap;
  /** A name the engine proposes (`pulumi:autonaming`), when it does. */
  proposedName?: string;
  /** Autonaming is switched off: a name must be given. */
  namingDisabled: boolean;
}

export interface ReadResult {
  /** Empty when the resource is gone. */
  id: string;
  properties: PropertyMap;
  inputs: PropertyMap;
}

/** The life of one resource type. Every method rejects with an error whose message is for the user. */
export interface ResourceHandler {
  check(args: CheckArgs, op: Operation): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  diff(args: { id: string; olds: PropertyMap; news: PropertyMap }, op: Operation): Promise<DiffResult>;
  create(
    args: { news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ id: string; properties: PropertyMap }>;
  read(args: { id: string; properties: PropertyMap; inputs: PropertyMap }, op: Operation): Promise<ReadResult>;
  update(
    args: { id: string; olds: PropertyMap; news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ properties: PropertyMap }>;
  delete(args: { id: string; properties: PropertyMap }, op: Operation): Promise<void>;
}

/**
 * The resource was made or changed but is not well: the engine records what there is, fails the update, and tries
 * again the next time.
 */
export class InitializationFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: PropertyMap,
    readonly inputs: PropertyMap,
  ) {
    super(message);
    this.name = "InitializationFailed";
  }
}

/** What a provider plugin is made of. */
export interface Plugin {
  version: string;
  /** Faults in the provider's own arguments. `news` has secrets opened and may hold unknowns. */
  checkConfig(news: PropertyMap): CheckFailure[] | Promise<CheckFailure[]>;
  /** Provider arguments whose change means another place: the resources in the old one are replaced. */
  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<DiffResult>;
  /** Called once before any resource; answers the handler of each type it serves. */
  configure(config: Map<string, string>): Promise<Map<string, ResourceHandler>>;
  /** The functions that it serves, by token, as `aws:ec2/getVpc:getVpc`. Called only after `configure`. @default none */
  functions?: ReadonlyMap<string, PluginFunction>;
}

/** A function of a plugin: looks something up. Rejects with an error whose message is for the user. */
export type PluginFunction = (args: PropertyMap) => Promise<PropertyMap>;
