import type { Operation } from "../protocol/handler.ts";
import type { Absence } from "./errors.ts";
import type { MemberCase, Message } from "./mapping.ts";
import type { AwsContext, AwsResource, ClientClass, Output, Props, Tagging } from "./resource.ts";

/** The class of a call, as `CreateVpcCommand`. */
export type CommandClass = new (input: never) => object;

/** What the resources of one service have in common. */
export interface Service {
  client: ClientClass<unknown>;
  memberCase: MemberCase;
  /** Errors by which it says that a resource does not exist. @default those that the declaration names */
  gone?: readonly string[];
  /** Members by which a create call is given tags. @param type of the resource, as EC2 names it */
  tagMembers(tags: Record<string, string>, type: string): Message;
  tagging?: Tagging;
}

/** Which resource a call is about: the member that holds the id, or all members. */
export type Identity = string | ((id: string, props: Props) => Message);

/** A call that is more than its class. */
export interface Call {
  command: CommandClass;
  /** @default that of the resource */
  by?: Identity;
  /** Further members. */
  with?: Message | ((id: string, props: Props, aws: AwsContext) => Message);
  /** Further properties that are sent, each with the member that holds it in this call. */
  as?: Readonly<Record<string, string>>;
}

/** What an update is about. */
export interface Change {
  id: string;
  props: Props;
  /** Outputs of the last time. */
  old: Props;
  /** Names of the properties that differ. */
  changed: ReadonlySet<string>;
  aws: AwsContext;
  op: Operation;
}

/** A part of an update: a call, or those that `calls` creates. */
export interface UpdateStep extends Partial<Call> {
  /** It is made when one of these changes, and sends them. @default every property */
  on?: readonly string[];
  /** The calls, in order. @throws when AWS cannot make the change */
  calls?(change: Change): object[] | Promise<object[]>;
}

/** What a resource goes through until it can be used. */
export interface States {
  /** As `NAT gateway`, for messages. */
  noun: string;
  /** Where an answer contains the state. */
  at: string;
  /** The state in which it can be used. */
  ready: string;
  /** States that lead there; any other is a failure. @default all but "failed" */
  pending?: readonly string[];
  /** The reason for a failure. */
  reason(found: Message): string;
  /** Seconds to wait after each, unless the program sets `customTimeouts`. @default 0: no wait */
  seconds: { create?: number; update?: number; delete?: number };
  /** Milliseconds between looks. @default 1000 */
  everyMs?: number;
}

/** How a resource is found. */
export interface Read extends Call {
  /** Where the answer contains it, or a list of which one is it. Empty: the whole answer. */
  found: string;
  /** Which item of the list it is. @default the first */
  match?(item: Message, id: string, known: Props): boolean;
  /** Whether it counts as gone, though AWS still knows it. @default false */
  isGone?(found: Message, known: Props): boolean;
  /** Further calls, whose answers are merged into what was found. */
  more?(found: Message, id: string): object[];
  /** Brings what was found into the form of requests. @default it has that form */
  adapt?(found: Message): Message;
}

/** How a resource is deleted. */
export interface Deletion extends Call {
  /** Runs first. */
  before?(id: string, props: Props, aws: AwsContext, op: Operation): Promise<void>;
  /** Asks AWS first whether it exists. @default false */
  lookFirst?: true;
  /**
   * How long the call is repeated while AWS refuses it. @default the call is made once
   * `until` ends before the id: `nothing uses security group`. `codes` of the refusals: @default DependencyViolation
   */
  retry?: { until: string; seconds: number; codes?: readonly string[] };
  /** What to say instead of these errors of AWS. */
  explain?: Readonly<Record<string, string>>;
}

/** A resource type, declared over the calls of its service. */
export interface Declaration extends Omit<AwsResource, "create" | "read" | "update" | "delete" | "tags"> {
  /** It takes tags. Of EC2: the type of the resource that is tagged. @default false */
  tagged?: string | true;
  /** Which resource a call is about. */
  identity: Identity;
  /** Sends every property, but for those that are sent later or never. */
  create: CommandClass | Call;
  /** The id: where the answer of the creation contains it, or what it is made of. */
  id: string | ((props: Props) => string);
  /** The error when it exists already, for create calls that adopt what exists. @default AWS refuses it */
  exists?(props: Props): string;
  /** Errors of AWS that say that it does not exist. @default the service's */
  gone?: Absence;
  read: Read;
  /** Outputs that the program reads: where the answer contains each, or how it is made. */
  outputs?: Readonly<Record<string, string | ((found: Message, id: string) => Output)>>;
  /** In this order; those for properties that are sent later run after the creation, too. @default every change replaces */
  update?: readonly (CommandClass | UpdateStep)[];
  /** Called with the answer of each update call. @default nothing */
  settle?(answer: Message, change: Change): Promise<void>;
  /** @default it is left behind */
  delete?: CommandClass | Deletion;
  /** @default it can be used at once */
  states?: States;
}
