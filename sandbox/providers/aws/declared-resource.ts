import type { Operation } from "../protocol/handler.ts";
import { type Absence, isError, unlessGone } from "./errors.ts";
import { at, fromAnswer, type MemberCase, type Message, toRequest } from "./mapping.ts";
import { textMap } from "./props.ts";
import type { AwsContext, AwsResource, ClientClass, Output, Props, Tagging } from "./resource.ts";
import { tagMap } from "./tags.ts";
import { untilTaken, waitFor } from "./waiting.ts";

/** The class of a call, as `CreateVpcCommand`. */
export type CommandClass = new (input: never) => object;

/** What the resources of one service have in common. */
export interface Service {
  client: ClientClass<unknown>;
  memberCase: MemberCase;
  /** Members by which a create call is given tags. @param type of the resource, as EC2 names it. */
  tagMembers(tags: Record<string, string>, type: string): Message;
  tagging?: Tagging;
}

/** Which resource a call is about: the member that holds the id, or all members. */
export type Identity = string | ((id: string, props: Props) => Message);

/** One call. */
export interface Call {
  command: CommandClass;
  /** @default that of the resource */
  by?: Identity;
  /** Further members. */
  with?: Message | ((id: string, props: Props, aws: AwsContext) => Message);
  /** Properties that are sent, or sent under another name than in the creation, with that name. */
  as?: Readonly<Record<string, string>>;
}

/** What an update is about. */
export interface Change {
  id: string;
  props: Props;
  old: Props;
  changed: ReadonlySet<string>;
  aws: AwsContext;
  op: Operation;
}

/** A part of an update: a call, or those that `calls` makes. */
export interface UpdateStep extends Partial<Call> {
  /** Properties whose change it makes, and that it sends. @default every property */
  on?: readonly string[];
  /** The calls, in order. @throws when AWS cannot make the change. */
  calls?(change: Change): object[] | Promise<object[]>;
}

/** What a resource goes through until it can be used. */
export interface States {
  /** As `NAT gateway`, for messages. */
  noun: string;
  /** Where an answer tells the state. */
  at: string;
  /** The state in which it can be used. */
  ready: string;
  /** States that lead there; any other is a failure. @default all but "failed" */
  pending?: readonly string[];
  /** What AWS says of a failure. */
  reason(found: Message): string;
  /** Seconds to wait after each, unless the program says otherwise. @default 0: no wait */
  seconds: { create?: number; update?: number; delete?: number };
  /** Milliseconds between looks. @default 1000 */
  everyMs?: number;
}

/** A resource type as a declaration over the calls of its service. */
export interface Declaration extends Omit<AwsResource, "create" | "read" | "update" | "delete" | "tags"> {
  service: Service;
  /** Type of the resource where its service tags it; its name where the service asks for one. @default takes no tags */
  tagged?: string;
  identity: Identity;
  create: Call;
  /** The id: a path in the answer of the creation, or made from the properties. */
  id: string | ((props: Props) => string);
  /** An error that says that it is there already, as the create call itself takes over what exists. @default none */
  exists?(props: Props): string;
  /** Errors of AWS that say that it is not there. */
  gone: Absence;
  read: Call & {
    /** Where the answer contains it. Of a list: each item is offered to `match`. */
    found: string;
    /** @default the first */
    match?(item: Message, id: string, known: Props): boolean;
    /** Whether it counts as gone, though AWS still knows it. @default false */
    isGone?(found: Message, known: Props): boolean;
    /** Further calls, whose answers are added to what was found. */
    more?(found: Message, id: string): object[];
    /** Rewrites what was found into the form of requests. */
    adapt?(found: Message): Message;
  };
  /** Outputs that the program reads: where the answer contains them, or how they are made of it. */
  outputs?: Readonly<Record<string, string | ((found: Message, id: string, aws: AwsContext) => Output)>>;
  /** In this order. @default every change forces a new resource */
  update?: readonly UpdateStep[];
  /** Called with the answer of each update call. @default nothing */
  settle?(answer: Message, change: Change): Promise<void>;
  /** @default nothing: it is left behind */
  delete?: Call & {
    /** Runs first. */
    before?(id: string, props: Props, aws: AwsContext, op: Operation): Promise<void>;
    /** Asks AWS first whether it is there. @default false */
    lookFirst?: true;
    /** How long to repeat the call while AWS refuses it with one of these codes. @default the call is made once */
    retry?: { until: string; seconds: number; codes?: readonly string[] };
    /** Errors of AWS with what to say instead. */
    explain?: Readonly<Record<string, string>>;
  };
  states?: States;
}

/** The resource type that a declaration describes. */
export function declared(declaration: Declaration): AwsResource {
  const { service, inputs, gone, read, update, states } = declaration;
  const { memberCase } = service;
  const tagged = declaration.tagged === undefined ? undefined : service.tagging;

  const find = async (id: string, known: Props, aws: AwsContext): Promise<Message | undefined> => {
    const command = commandOf(read, declaration, id, known, aws);
    const answer = await unlessGone(send(aws, service, command), gone);
    const there = answer && at(answer, read.found);
    const items = (Array.isArray(there) ? there : [there]).filter((item): item is Message => item !== undefined);
    const found = read.match ? items.find((item) => read.match?.(item, id, known)) : items[0];
    return found && !read.isGone?.(found, known) ? found : undefined;
  };

  const runSteps = async (change: Change, wanted: (step: UpdateStep) => boolean): Promise<void> => {
    for (const step of update?.filter(wanted) ?? []) {
      for (const command of await commandsOf(step, declaration, change)) {
        const answer = await send(change.aws, service, command);
        await declaration.settle?.(answer, change);
      }
    }
  };

  return {
    ...declaration,
    tags: tagged,

    async create(props, aws, op) {
      const ownId = typeof declaration.id === "string" ? undefined : declaration.id(props);
      if (declaration.exists && (await find(ownId ?? "", props, aws))) throw new Error(declaration.exists(props));
      const tags = tagged && service.tagMembers(textMap(props, "tagsAll"), declaration.tagged ?? "");
      const atOnce = Object.fromEntries(Object.entries(inputs).filter(([, { sent }]) => sent === undefined));
      const more = membersOf(declaration.create, "", props, aws);
      const request = { ...toRequest(atOnce, props, memberCase), ...tags, ...more };
      const answer = await send(aws, service, new declaration.create.command(request as never));
      const id = ownId ?? String(at(answer, declaration.id as string) ?? "");
      op.made(id);
      const timeout = states?.seconds.create;
      if (states && timeout) await becomesReady(states, timeout, id, op, () => find(id, props, aws));
      const later = new Set(Object.keys(props).filter((name) => inputs[name]?.sent === "later"));
      const change = { id, props, old: {}, changed: later, aws, op };
      await runSteps(change, ({ on = [] }) => on.some((name) => later.has(name)));
      return id;
    },

    async read(id, known, aws) {
      const first = await find(id, known, aws);
      if (!first) return undefined;
      let found = first;
      for (const command of read.more?.(first, id) ?? []) {
        const answer = await unlessGone(send(aws, service, command), gone);
        found = { ...found, ...answer };
      }
      if (read.adapt) found = read.adapt(found);
      const outputs = Object.entries(declaration.outputs ?? {}).map(([name, output]): [string, Output] => [
        name,
        typeof output === "string" ? (at(found, output) as Output) : output(found, id, aws),
      ]);
      return {
        ...fromAnswer(inputs, found, known, memberCase),
        ...Object.fromEntries(outputs),
        ...(tagged ? { tags: tagMap(found.Tags ?? found.tags) } : {}),
      };
    },

    update:
      update &&
      (async (id, props, old, changed, aws, op) => {
        const change = { id, props, old, changed, aws, op };
        await runSteps(change, ({ on }) => !on || on.some((name) => changed.has(name)));
        const timeout = states?.seconds.update;
        if (states && timeout) await becomesReady(states, timeout, id, op, () => find(id, props, aws));
      }),

    async delete(id, props, aws, op) {
      const ending = declaration.delete;
      if (!ending || (ending.lookFirst && !(await find(id, props, aws)))) return;
      await ending.before?.(id, props, aws, op);
      const call = () => send(aws, service, commandOf(ending, declaration, id, props, aws));
      if (ending.retry) {
        const { until, seconds, codes } = ending.retry;
        await untilTaken(op, { until: `${until} ${id}`, timeoutSeconds: seconds, again: codes, done: gone }, call);
      } else {
        await unlessGone(call(), gone).catch((error: unknown) => {
          const hint = Object.entries(ending.explain ?? {}).find(([code]) => isError(error, code))?.[1];
          throw hint === undefined ? error : new Error(hint, { cause: error });
        });
      }
      if (states?.seconds.delete) await becomesGone(states, id, op, () => find(id, props, aws));
    },
  };
}

/** Makes a call. @throws what AWS says, also where it answers a success with items that failed. */
export async function send(aws: AwsContext, service: Service, command: object): Promise<Message> {
  const client = aws.client(service.client) as { send(command: object): Promise<Message> };
  const answer = await client.send(command);
  const fault = at(answer, "Unsuccessful[0].Error") as Record<string, string> | undefined;
  if (fault) throw Object.assign(new Error(`${fault.Code}: ${fault.Message}`), { name: fault.Code });
  return answer;
}

function commandOf(call: Call, declaration: Declaration, id: string, props: Props, aws: AwsContext): object {
  const { inputs, service, identity } = declaration;
  const by = call.by ?? identity;
  const which = typeof by === "string" ? toRequest({ id: { api: by } }, { id }, "Pascal") : by(id, props);
  const sent = toRequest(renamed(inputs, Object.keys(call.as ?? {}), call.as), props, service.memberCase);
  return new call.command({ ...which, ...sent, ...membersOf(call, id, props, aws) } as never);
}

function membersOf(call: Call, id: string, props: Props, aws: AwsContext): Message {
  return typeof call.with === "function" ? call.with(id, props, aws) : (call.with ?? {});
}

/** The rules of these properties, each with its name in this call. */
function renamed(inputs: Declaration["inputs"], names: readonly string[], as: Call["as"]): Declaration["inputs"] {
  return Object.fromEntries(
    names.map((name) => [name, { ...inputs[name], ...(as?.[name] === undefined ? {} : { api: as[name] }) }]),
  );
}

async function commandsOf(step: UpdateStep, declaration: Declaration, change: Change): Promise<object[]> {
  if (step.calls) return step.calls(change);
  if (!step.command) throw new Error("an update step is without a call");
  const names = step.on ?? Object.keys(declaration.inputs);
  const as = { ...Object.fromEntries(names.map((name) => [name, undefined])), ...step.as };
  return [
    commandOf(
      { ...step, command: step.command, as: as as Record<string, string> },
      declaration,
      change.id,
      change.props,
      change.aws,
    ),
  ];
}

async function becomesReady(
  states: States,
  timeoutSeconds: number,
  id: string,
  op: Operation,
  look: () => Promise<Message | undefined>,
): Promise<void> {
  const { noun, ready, pending, everyMs, reason } = states;
  const what = `${noun} "${id}"`;
  await waitFor(op, { until: `${what} is ${ready.toLowerCase()}`, timeoutSeconds, everyMs }, async () => {
    const found = (await look()) ?? {};
    const state = String(at(found, states.at) ?? "gone");
    if (state.toLowerCase() === ready.toLowerCase()) return true;
    if (pending ? pending.includes(state) : state !== "failed") return undefined;
    throw new Error(`${what} ended as ${state}: ${reason(found)}`);
  });
}

async function becomesGone(
  states: States,
  id: string,
  op: Operation,
  look: () => Promise<Message | undefined>,
): Promise<void> {
  const { noun, seconds, everyMs, reason } = states;
  const what = `${noun} "${id}"`;
  await waitFor(op, { until: `${what} is gone`, timeoutSeconds: seconds.delete ?? 0, everyMs }, async () => {
    const found = await look();
    if (!found) return true;
    if (at(found, states.at) !== "DELETE_FAILED") return undefined;
    throw new Error(`${what} cannot be deleted: ${reason(found)}`);
  });
}
