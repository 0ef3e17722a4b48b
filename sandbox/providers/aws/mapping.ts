import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";
import type { InputRule, Output, Outputs } from "./resource.ts";

/** A request to AWS, an answer of it, or an object in one. */
export type Message = Readonly<Record<string, unknown>>;

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

/** Whether the members of a service begin with a capital, as in EC2, or not, as in EKS. */
export type MemberCase = "Pascal" | "camel";

type Rules = Readonly<Record<string, InputRule>>;

/** The members of a request that carry these properties. */
export function toRequest(rules: Rules, props: PlainMap, memberCase: MemberCase): Message {
  const request: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(rules)) {
    const value = rule.output ? undefined : written(rule, props[key], memberCase);
    if (value !== undefined) setValueAt(request, rule.api ?? memberName(key, memberCase), value);
  }
  return request;
}

function written(rule: InputRule, value: Plain | undefined, memberCase: MemberCase): unknown {
  if (rule.write) return rule.write(value);
  if (value === undefined || (value === "" && !rule.keepEmpty)) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => written({ ...rule, single: undefined }, item, memberCase));
    if (rule.single) return items[0];
    // Some services refuse empty lists.
    return items.length > 0 ? items : undefined;
  }
  return rule.fields && isPlainMap(value) ? toRequest(rule.fields, value, memberCase) : value;
}

/**
 * The properties that an answer contains.
 *
 * @param known where properties come from that no answer contains.
 */
export function fromAnswer(rules: Rules, answer: Message, known: PlainMap, memberCase: MemberCase): Outputs {
  return Object.fromEntries(
    Object.entries(rules).map(([key, rule]): [string, Output] => {
      const path = rule.read ?? rule.api ?? memberName(key, memberCase);
      const value = rule.returned === false ? known[key] : read(rule, valueAt(answer, path), known[key], memberCase);
      return [key, value ?? rule.default];
    }),
  );
}

function read(rule: InputRule, value: unknown, known: Plain | undefined, memberCase: MemberCase): Output {
  if (rule.parse) return rule.parse(value);
  if (rule.single && isMessage(value)) return [read({ ...rule, single: undefined }, value, undefined, memberCase)];
  if (!rule.fields) return value as Output;
  const { fields } = rule;
  if (Array.isArray(value)) return value.map((item: Message) => fromAnswer(fields, item, {}, memberCase));
  return isMessage(value) ? fromAnswer(fields, value, isPlainMap(known) ? known : {}, memberCase) : undefined;
}

/** What lies at a path of an answer: `State.Code`, `Subnets[0]`, `AvailabilityZones[].SubnetId`. */
export function valueAt(answer: unknown, path: string): unknown {
  const [step = "", ...rest] = path.split(".");
  if (step === "") return answer;
  const [, name = "", , index] = /^(\w+)(\[(\d*)\])?$/.exec(step) ?? [];
  const member = isMessage(answer) ? answer[name] : undefined;
  const below = rest.join(".");
  if (index === undefined) return valueAt(member, below);
  const items: unknown[] = Array.isArray(member) ? member : [];
  return index === "" ? items.map((item) => valueAt(item, below)) : valueAt(items[Number(index)], below);
}

function setValueAt(request: Record<string, unknown>, path: string, value: unknown): void {
  const [step = "", ...rest] = path.split(".");
  if (step === "") {
    Object.assign(request, value);
    return;
  }
  const name = step.replace("[0]", "");
  const below: Record<string, unknown> = {};
  if (rest.length > 0) setValueAt(below, rest.join("."), value);
  const inner = rest.length > 0 ? { ...(isMessage(request[name]) ? request[name] : {}), ...below } : value;
  request[name] = step === name ? inner : [inner];
}

function memberName(key: string, memberCase: MemberCase): string {
  return memberCase === "camel" ? key : key.charAt(0).toUpperCase() + key.slice(1);
}

export const isMessage = (value: unknown): value is Message =>
  typeof value === "object" && value !== null && !Array.isArray(value);
