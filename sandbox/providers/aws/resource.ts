import type { Operation } from "../protocol/handler.ts";
import type { Plain, PlainMap } from "../protocol/value.ts";
import type { Member } from "./mapping.ts";

/** Inputs or outputs of a resource as plain JSON: secrets opened, nothing unknown, nothing null. See `props.ts`. */
export type Props = PlainMap;

/** What a resource type answers: JSON in which any value may be undefined, which means missing. */
export type Output = Plain | undefined | readonly Output[] | Outputs;

export interface Outputs {
  readonly [key: string]: Output;
}

/** The class of an SDK client, such as `EC2Client`. */
export type ClientClass<C> = new (config: ClientConfig) => C;

/** The configuration of every SDK client. */
export interface ClientConfig {
  region: string;
  credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>;
  maxAttempts: number;
}

/** The account in the region of the resource, or of the provider. */
export interface AwsContext {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** The client of a service, one for the whole plugin: `aws.client(EC2Client)`. */
  client<C>(type: ClientClass<C>): C;
}

/**
 * How one property is checked, compared and changed, all as in the official plugin's schema, and how the API names it (of a
 * type that is declared).
 */
export interface InputRule extends Member {
  /** It is an error to leave it out. */
  required?: true;
  /** Cannot be changed in place. Of a nested property: changing it replaces the resource too. */
  forcesNew?: true;
  /** Filled in by AWS when it is left out. The value of AWS is then no difference, and unknown in the preview of a create. */
  computed?: true;
  /** Of a nested property: only an output, as `clusterSecurityGroupId` in the `vpcConfig` of a cluster. */
  output?: true;
  /** The value when it is left out; of a nested property, when the object around it is given. */
  default?: Plain;
  /** The accepted values; of a list, of its items. @default any */
  allowed?: readonly Plain[];
  /** A list whose order has no meaning. */
  set?: true;
  /** A string that contains JSON, which is compared by content. */
  json?: true;
  /** Rules for the properties of this object, or of each object in this list; others are refused. @default any */
  fields?: Record<string, InputRule>;
}

/** A property that must be given and cannot be changed in place. */
export const fixed = { required: true, forcesNew: true } as const satisfies InputRule;

/** A create operation. */
export interface CreateOperation extends Operation {
  /**
   * To be called as soon as the resource exists, before waits and further calls: a failure after that keeps the resource in
   * the state, to be updated or deleted the next time.
   */
  created(id: string): void;
}

/** A resource that is tagged. */
export interface Tagged {
  id: string;
  /** Outputs of the last time. */
  old: Props;
  /** All tags that it shall have. */
  all: Record<string, string>;
}

/** How a service changes tags. */
export interface Tagging {
  /** Adds tags, or changes their values. */
  add(to: Tagged, tags: Record<string, string>, aws: AwsContext): Promise<unknown>;
  remove(from: Tagged, keys: string[], aws: AwsContext): Promise<unknown>;
}

/**
 * One resource type: its properties, and the calls that create, read, update and delete it. Core handles secrets, unknowns,
 * previews, defaults, names, comparisons, changes of tags, and `region`. After a create or an update core calls `read` for
 * the outputs. Errors of the SDK pass through; core adds the resource to the message.
 */
export interface AwsResource {
  /**
   * The accepted properties; others are refused. Core adds `region`, and `tags` and `tagsAll` for types with {@link tags}.
   */
  inputs: Record<string, InputRule>;
  /** Outputs that an update may change, such as `latestVersion`; unknown in its preview. @default none */
  changing?: readonly string[];
  /**
   * Property whose default is a generated name: the resource's name, "-" and 7 hex digits. If the program gives the name, a
   * replacement deletes the old resource first.
   * @default "name" where the inputs have it, as in the official plugin, else none
   */
  autoname?: string;
  /** Maximum length of that name. @default 255 */
  autonameLimit?: number;
  /** That name is in lower case, as with buckets. @default false */
  autonameLowercase?: true;
  /** How its tags change. `create` sets those in `props.tagsAll`. @default it has no tags */
  tags?: Tagging | undefined;
  /** It has no region, as all of IAM: no `region` in inputs and outputs. @default false */
  global?: true;
  /**
   * Old and new resource cannot exist at the same time, even under different names.
   * @default false
   */
  deleteBeforeReplace?: true;
  /** Properties of which exactly one must be given. @default none */
  oneOf?: readonly string[];
  /**
   * @param props inputs with defaults, and `tagsAll`.
   * @returns its id, as in the official plugin.
   */
  create(props: Props, aws: AwsContext, op: CreateOperation): Promise<string>;
  /**
   * The current inputs in AWS, and the outputs that the program reads; undefined when it does not exist. `tags` holds all
   * tags in AWS; core splits them into `tags` and `tagsAll`. A property that AWS does not return comes from `known`.
   * @param known after a create or an update, the inputs over the old outputs; on a refresh, the state.
   */
  read(id: string, known: Props, aws: AwsContext): Promise<Outputs | undefined>;
  /**
   * Changes it in place. @default every change, except of tags, replaces it
   * @param old outputs of the last time.
   * @param changed names of the top-level properties that differ, without tags.
   */
  update?(
    id: string,
    props: Props,
    old: Props,
    changed: ReadonlySet<string>,
    aws: AwsContext,
    op: Operation,
  ): Promise<void>;
  /** Deletes it, without an error if it does not exist. @param props outputs of the last time */
  delete(id: string, props: Props, aws: AwsContext, op: Operation): Promise<void>;
}

/** A function of the plugin, as `aws:ec2/getVpc:getVpc`. */
export interface AwsFunction {
  /** The accepted arguments; others are refused. Core adds `region`. */
  arguments: Record<string, { required?: true }>;
  /** It has no region, as IAM. @default false */
  global?: true;
  /** @returns the results that the program reads. */
  invoke(args: Props, aws: AwsContext): Promise<Outputs>;
}
