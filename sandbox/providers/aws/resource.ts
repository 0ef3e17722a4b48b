import type { Operation } from "../protocol/handler.ts";
import type { Plain, PlainMap } from "../protocol/value.ts";
import type { Member } from "./mapping.ts";

/** Inputs or outputs of a resource as plain JSON: secrets opened, nothing unknown, nothing null. See `props.ts`. */
export type Props = PlainMap;

/** What a resource type answers: JSON in which anything may be undefined, which counts as left out. */
export type Output = Plain | undefined | readonly Output[] | Outputs;

export interface Outputs {
  readonly [key: string]: Output;
}

/** The class of an SDK client, such as `EC2Client`. */
export type ClientClass<C> = new (config: ClientConfig) => C;

/** What core gives every SDK client. */
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
  /** A check failure when left out. */
  required?: true;
  /** Cannot be changed in place. Of a nested property: changing it replaces the resource too. */
  forcesNew?: true;
  /** Optional, and filled by AWS when left out: what AWS has is then no difference, and unknown while it is made. */
  computed?: true;
  /**
   * Of a nested property: not taken, only told by AWS, as the `clusterSecurityGroupId` in the `vpcConfig` of a cluster. (What
   * AWS tells at the top level needs no rule.)
   */
  output?: true;
  /** Filled into the inputs when left out. Of a nested property: when the object around it is given. */
  default?: Plain;
  /** The values that are taken; of a list, its items. @default any */
  allowed?: readonly Plain[];
  /** A list whose order does not count. */
  set?: true;
  /** A string that holds JSON: compared by content. */
  json?: true;
  /** Rules of the properties of this object, or of each object of this list; then others in it are refused. @default any */
  fields?: Record<string, InputRule>;
}

/** A property that must be given and cannot be changed in place. */
export const fixed = { required: true, forcesNew: true } as const satisfies InputRule;

/** An operation that makes something. */
export interface CreateOperation extends Operation {
  /**
   * To be called as soon as AWS has the resource, when waiting or further calls follow: what fails after that leaves the
   * resource in the state (to be updated or deleted next time) instead of forgetting it.
   */
  created(id: string): void;
}

/** What is tagged, as a service names it. */
export interface Tagged {
  id: string;
  /** Outputs of the last time. */
  old: Props;
  /** The tags that it is to have. */
  all: Record<string, string>;
}

/** How a service changes tags. */
export interface Tagging {
  /** Adds tags, or gives them another value. */
  add(to: Tagged, tags: Record<string, string>, aws: AwsContext): Promise<unknown>;
  remove(from: Tagged, keys: string[], aws: AwsContext): Promise<unknown>;
}

/**
 * One resource type, as a table row: which properties it takes and which calls make, read, change and end it. Core sees to
 * secrets, unknowns, previews, defaults, names, comparing, changes of tags and `region`. After a create or an update core calls
 * `read` for the outputs. Errors of the SDK are let through: core says which resource they are about.
 */
export interface AwsResource {
  /**
   * Every property that is taken, top level. Any other is refused. Core adds `region`, and `tags` and `tagsAll` where the type
   * has {@link tags}: leave them out.
   */
  inputs: Record<string, InputRule>;
  /** Outputs that an update may change, such as `latestVersion` (unknown in its preview); the others are kept. @default none */
  changing?: readonly string[];
  /**
   * Property that is named when left out: the resource's name, "-" and 7 hex digits. One that is given makes a replacement
   * delete the old resource first.
   * @default "name" where the inputs have it, as in the official plugin, else none
   */
  autoname?: string;
  /** Most characters of that name. @default 255 */
  autonameLimit?: number;
  /** That name is in lower case, as with buckets. @default false */
  autonameLowercase?: true;
  /** How its tags change. `create` is to give it those in `props.tagsAll`, the provider's defaults included. @default takes none */
  tags?: Tagging | undefined;
  /** Without a region, as all of IAM: no `region` among inputs and outputs. @default false */
  global?: true;
  /**
   * Old and new cannot be there at once, whatever the name. Core itself sees to a name that was given and stays.
   * @default false
   */
  deleteBeforeReplace?: true;
  /** Properties of which one must be given, and no more. @default none */
  oneOf?: readonly string[];
  /**
   * Makes it.
   * @param props inputs with defaults, and `tagsAll`.
   * @returns its id, as the official plugin has it.
   */
  create(props: Props, aws: AwsContext, op: CreateOperation): Promise<string>;
  /**
   * The inputs as AWS has them now, and the outputs that the program reads; undefined when gone. Tags go into `tags`: all that
   * AWS has, core makes `tags` and `tagsAll` of them. A property that AWS does not tell is taken from `known`.
   * @param known what is known: the inputs after a create or an update (with the old outputs below them), the state on a
   * refresh.
   */
  read(id: string, known: Props, aws: AwsContext): Promise<Outputs | undefined>;
  /**
   * Changes it in place. Absent: every change, but for that of tags, forces a new one.
   * @param old outputs of the last time.
   * @param changed names of top-level properties that differ, tags left out.
   */
  update?(
    id: string,
    props: Props,
    old: Props,
    changed: ReadonlySet<string>,
    aws: AwsContext,
    op: Operation,
  ): Promise<void>;
  /** Ends it; what is gone already is no error. @param props outputs of the last time. */
  delete(id: string, props: Props, aws: AwsContext, op: Operation): Promise<void>;
}

/** A function of the plugin, as `aws:ec2/getVpc:getVpc`. */
export interface AwsFunction {
  /** Every argument that is taken; any other is refused. `region` is core's. */
  arguments: Record<string, { required?: true }>;
  /** Without a region, as IAM. @default false */
  global?: true;
  /** @returns what the program reads of it. */
  invoke(args: Props, aws: AwsContext): Promise<Outputs>;
}
