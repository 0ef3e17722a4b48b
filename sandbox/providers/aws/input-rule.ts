import type { Plain } from "../protocol/value.ts";

/** What a resource type answers: JSON in which any value may be undefined, which means missing. */
export type Output = Plain | undefined | readonly Output[] | Outputs;

export interface Outputs {
  readonly [key: string]: Output;
}

/** How the API names and writes a property. Names are paths, as `Matcher.HttpCode` or `Certificates[0].CertificateArn`. */
export interface Member {
  /**
   * Name in requests, and in answers unless `read` is given. Empty: the fields of this object are members of the one
   * around it.
   * @default the name of the property, in the case of the service
   */
  api?: string;
  /** Name in answers; `[]` takes a member of each item of a list. Empty: the whole answer. @default that in requests */
  read?: string;
  /** A list of one object here is a single object in the API. @default false */
  single?: true;
  /** Sent when it is an empty string, too. @default false */
  keepEmpty?: true;
  /** `later`: sent after the creation, by an update call. `never`: only in calls that name it. @default in the creation */
  sent?: "later" | "never";
  /** False: no answer contains it, so the known value stays. @default true */
  returned?: false;
  /** Writes the value of a request; gets undefined, too. @default the value, without empty strings and lists */
  write?(value: Plain | undefined): unknown;
  /** Reads the value of an answer. @default the value */
  parse?(value: unknown): Output;
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
