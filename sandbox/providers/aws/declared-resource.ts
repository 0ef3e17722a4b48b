import type { Operation } from "../protocol/handler.ts";
import type { Call, Change, CommandClass, Declaration, Service, States, UpdateStep } from "./declaration.ts";
import { isError, unlessGone } from "./errors.ts";
import { fromAnswer, type Message, toRequest, valueAt } from "./mapping.ts";
import { textMap } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Output, Props } from "./resource.ts";
import { tagMap } from "./tags.ts";
import { retryUntilAccepted, waitFor } from "./waiting.ts";

/** The resource type that a declaration describes. */
export function declared(service: Service, declaration: Declaration): AwsResource {
  const { inputs, read, states, gone = service.gone ?? [], ...rest } = declaration;
  const { memberCase } = service;
  const creation = callOf(declaration.create);
  const ending = declaration.delete && callOf(declaration.delete);
  const updates = declaration.update?.map((step): UpdateStep => callOf(step));
  const tags = declaration.tagged ? service.tagging : undefined;

  const commandOf = (call: Call, id: string, props: Props, aws: AwsContext): object => {
    const by = call.by ?? declaration.identity;
    const which = typeof by === "string" ? toRequest({ id: { api: by } }, { id }, memberCase) : by(id, props);
    const sent = toRequest(rulesAs(inputs, call.as ?? {}), props, memberCase);
    return new call.command({ ...which, ...sent, ...furtherMembers(call, id, props, aws) } as never);
  };

  const find = async (id: string, known: Props, aws: AwsContext): Promise<Message | undefined> => {
    const answer = await unlessGone(send(aws, service, commandOf(read, id, known, aws)), gone);
    const there = answer && valueAt(answer, read.found);
    const items = (Array.isArray(there) ? there : [there]).filter((item): item is Message => item !== undefined);
    const found = read.match ? items.find((item) => read.match?.(item, id, known)) : items[0];
    return found && !read.isGone?.(found, known) ? found : undefined;
  };

  const isReady = async (after: "create" | "update", { id, props, aws, op }: Omit<Change, "old" | "changed">) => {
    const seconds = states?.seconds[after];
    if (states && seconds) await untilReady(states, seconds, id, op, () => find(id, props, aws));
  };

  const runSteps = async (change: Change, wanted: (step: UpdateStep) => boolean): Promise<void> => {
    const { id, props, aws } = change;
    for (const step of updates?.filter(wanted) ?? []) {
      const { command, on = Object.keys(inputs), calls } = step;
      const own = command && {
        ...step,
        command,
        as: { ...Object.fromEntries(on.map((name) => [name, ""])), ...step.as },
      };
      const commands = calls ? await calls(change) : own ? [commandOf(own, id, props, aws)] : [];
      for (const each of commands) {
        const answer = await send(aws, service, each);
        await declaration.settle?.(answer, change);
      }
    }
  };

  return {
    ...rest,
    inputs,
    tags,

    async create(props, aws, op) {
      const ownId = typeof declaration.id === "string" ? undefined : declaration.id(props);
      if (declaration.exists && (await find(ownId ?? "", props, aws))) throw new Error(declaration.exists(props));
      const atOnce = Object.fromEntries(Object.entries(inputs).filter(([, { sent }]) => sent === undefined));
      const request = {
        ...toRequest(atOnce, props, memberCase),
        ...(tags && service.tagMembers(textMap(props, "tagsAll"), String(declaration.tagged))),
        ...furtherMembers(creation, "", props, aws),
      };
      const answer = await send(aws, service, new creation.command(request as never));
      const id = ownId ?? String(valueAt(answer, String(declaration.id)) ?? "");
      op.created(id);
      await isReady("create", { id, props, aws, op });
      const later = new Set(Object.keys(props).filter((name) => inputs[name]?.sent === "later"));
      await runSteps({ id, props, old: {}, changed: later, aws, op }, ({ on = [] }) =>
        on.some((name) => later.has(name)),
      );
      return id;
    },

    async read(id, known, aws) {
      let found = await find(id, known, aws);
      if (!found) return undefined;
      for (const command of read.more?.(found, id) ?? []) {
        found = { ...found, ...(await unlessGone(send(aws, service, command), gone)) };
      }
      const adapted = read.adapt?.(found) ?? found;
      const outputs = Object.entries(declaration.outputs ?? {}).map(([name, output]): [string, Output] => [
        name,
        typeof output === "string" ? (valueAt(adapted, output) as Output) : output(adapted, id),
      ]);
      return {
        ...fromAnswer(inputs, adapted, known, memberCase),
        ...Object.fromEntries(outputs),
        ...(tags && { tags: tagMap(adapted.Tags ?? adapted.tags) }),
      };
    },

    update:
      updates &&
      (async (id, props, old, changed, aws, op) => {
        await runSteps({ id, props, old, changed, aws, op }, ({ on }) => !on || on.some((name) => changed.has(name)));
        await isReady("update", { id, props, aws, op });
      }),

    async delete(id, props, aws, op) {
      if (!ending || ("lookFirst" in ending && !(await find(id, props, aws)))) return;
      const { before, retry, explain = {} } = ending as Exclude<Declaration["delete"], CommandClass | undefined>;
      await before?.(id, props, aws, op);
      const call = () => send(aws, service, commandOf(ending, id, props, aws));
      if (retry) {
        const { until, seconds, codes } = retry;
        await retryUntilAccepted(
          op,
          { until: `${until} ${id}`, timeoutSeconds: seconds, again: codes, done: gone },
          call,
        );
      } else {
        await unlessGone(call(), gone).catch((error: unknown) => {
          const hint = Object.entries(explain).find(([code]) => isError(error, code))?.[1];
          throw hint === undefined ? error : new Error(hint, { cause: error });
        });
      }
      if (states?.seconds.delete) await untilGone(states, states.seconds.delete, id, op, () => find(id, props, aws));
    },
  };
}

/** Makes a call. @throws the error of AWS, also where AWS answers a success with items that failed. */
export async function send(aws: AwsContext, service: Service, command: object): Promise<Message> {
  const client = aws.client(service.client) as { send(command: object): Promise<Message> };
  const answer = await client.send(command);
  const fault = valueAt(answer, "Unsuccessful[0].Error") as Record<string, string> | undefined;
  if (fault) throw Object.assign(new Error(`${fault.Code}: ${fault.Message}`), { name: fault.Code });
  return answer;
}

function callOf<C extends object>(call: CommandClass | C): C | { command: CommandClass } {
  return typeof call === "function" ? { command: call as CommandClass } : call;
}

function furtherMembers(call: Call, id: string, props: Props, aws: AwsContext): Message {
  return typeof call.with === "function" ? call.with(id, props, aws) : (call.with ?? {});
}

/** The rules of these properties, each with its member. Empty: the member of the creation. */
function rulesAs(
  inputs: Record<string, InputRule>,
  members: Readonly<Record<string, string>>,
): Record<string, InputRule> {
  return Object.fromEntries(
    Object.entries(members).map(([name, api]) => [name, api === "" ? (inputs[name] ?? {}) : { ...inputs[name], api }]),
  );
}

type Look = () => Promise<Message | undefined>;

async function untilReady(
  states: States,
  timeoutSeconds: number,
  id: string,
  op: Operation,
  look: Look,
): Promise<void> {
  const { noun, ready, pending, everyMs } = states;
  const what = `${noun} "${id}"`;
  await waitFor(op, { until: `${what} is ${ready.toLowerCase()}`, timeoutSeconds, everyMs }, async () => {
    const found = (await look()) ?? {};
    const state = String(valueAt(found, states.at) ?? "gone");
    if (state.toLowerCase() === ready.toLowerCase()) return true;
    if (pending ? pending.includes(state) : state !== "failed") return undefined;
    throw new Error(`${what} ended as ${state}: ${states.reason(found)}`);
  });
}

async function untilGone(states: States, timeoutSeconds: number, id: string, op: Operation, look: Look): Promise<void> {
  const what = `${states.noun} "${id}"`;
  await waitFor(op, { until: `${what} is gone`, timeoutSeconds, everyMs: states.everyMs }, async () => {
    const found = await look();
    if (!found) return true;
    if (valueAt(found, states.at) !== "DELETE_FAILED") return undefined;
    throw new Error(`${what} cannot be deleted: ${states.reason(found)}`);
  });
}
