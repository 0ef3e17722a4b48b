import type { PropertyMap } from "./value.ts";

/** An error in an input; the engine shows it with the resource. */
export interface CheckFailure {
  /** Path of the property; empty for the resource as a whole. */
  property: string;
  reason: string;
}

/** One changed property. */
export interface Change {
  kind: "add" | "update" | "delete";
  /** The change cannot be made in place. */
  replace: boolean;
}

export interface DiffResult {
  /** Changed properties by path, as `metadata.labels["app.io/x"]`. Empty: no change. */
  changes: Map<string, Change>;
  /** The old resource must be deleted before the new one is created, as with a fixed name. @default false */
  deleteBeforeReplace?: boolean;
}

/** The context of an operation on a resource. */
export interface Operation {
  urn: string;
  /** The resource's name in the program: the last part of the URN. */
  name: string;
  /** Seconds given by `customTimeouts`; 0 when not given. */
  timeoutSeconds: number;
  /** Property paths whose changes are ignored. */
  ignoreChanges: string[];
  /** Aborted when the engine cancels. */
  signal: AbortSignal;
  log: Log;
}

/** Messages to the user. */
export interface Log {
  /** Shown until the operation ends. */
  status(message: string): void;
  info(message: string): void;
  warning(message: string): void;
}

export interface CheckArgs {
  olds: PropertyMap;
  news: PropertyMap;
  /** A name the engine proposes (`pulumi:autonaming`), when it does. */
  proposedName?: string;
  /** Autonaming is disabled: a name must be given. */
  namingDisabled: boolean;
}

export interface ReadResult {
  /** Empty when the resource is gone. */
  id: string;
  properties: PropertyMap;
  inputs: PropertyMap;
}

/** The operations of one resource type. Every method rejects with an error whose message is for the user. */
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
 * The resource was created or updated, but is not ready: the engine records it, fails the update, and tries again the next
 * time.
 */
export class InitializationFailed extends Error {
  readonly id: string;
  readonly properties: PropertyMap;
  readonly inputs: PropertyMap;

  constructor(message: string, id: string, properties: PropertyMap, inputs: PropertyMap) {
    super(message);
    this.id = id;
    this.properties = properties;
    this.inputs = inputs;
    this.name = "InitializationFailed";
  }
}

/** A provider plugin. */
export interface Plugin {
  version: string;
  /** Failures in the provider's own arguments. `news` contains no secrets, but may contain unknowns. */
  checkConfig(news: PropertyMap): CheckFailure[] | Promise<CheckFailure[]>;
  /** Changes of the provider's arguments. One that replaces the provider replaces its resources, too. */
  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<DiffResult>;
  /** Called once, before any resource. @returns the handler of each type */
  configure(config: Map<string, string>): Promise<Map<string, ResourceHandler>>;
  /** Its functions by token, as `aws:ec2/getVpc:getVpc`; called only after `configure`. @default none */
  functions?: ReadonlyMap<string, PluginFunction>;
}

/** A function of a plugin, which looks something up. Rejects with an error whose message is for the user. */
export type PluginFunction = (args: PropertyMap) => Promise<PropertyMap>;
