import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { Account } from "../../providers/aws/account.ts";
import type { AwsContext, ClientClass } from "../../providers/aws/resource.ts";
import { AwsResourceHandler } from "../../providers/aws/resource-handler.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { resources } from "../../providers/aws/resources.ts";
import type { Operation, ResourceHandler } from "../../providers/protocol/handler.ts";
import type { PropertyMap } from "../../providers/protocol/value.ts";

// No account has these keys: only an emulator accepts them, wherever the environment points.
process.env.AWS_ENDPOINT_URL ??= "http://127.0.0.1:4566";
const ACCOUNT = "123456789012";
const REGION = "ap-northeast-2";
const account = new Account(REGION, ACCOUNT, "aws", async () => ({ accessKeyId: ACCOUNT, secretAccessKey: "none" }));

/** The account for the stand-in: the SDK drops members that a call does not have, so that a wrong name would not show. */
class StrictAccount extends Account {
  override in(region?: string): AwsContext {
    const context = super.in(region);
    return {
      ...context,
      client<C>(type: ClientClass<C>): C {
        const client = context.client(type) as { send(command: Command): Promise<unknown> };
        const send = (command: Command) => {
          expect(unknownMembers(command.input, command.schema[4]), command.constructor.name).toEqual([]);
          return client.send(command);
        };
        return new Proxy(client, { get: (target, name) => (name === "send" ? send : Reflect.get(target, name)) }) as C;
      },
    };
  }
}
const strictAccount = new StrictAccount(REGION, ACCOUNT, "aws", async () => ({
  accessKeyId: ACCOUNT,
  secretAccessKey: "none",
}));

interface Command {
  input: unknown;
  schema: { 4: Schema };
}

/** Of the SDK: kind (list 1, structure 3), namespace, name, traits, then the schema of items, or names and schemas of members. */
type Schema = (() => Schema) | Schema[] | string | number | undefined;

/** Paths of members that the schema does not have. */
function unknownMembers(value: unknown, schema: Schema, path = ""): string[] {
  const [kind, , , , first, second] = [typeof schema === "function" ? schema() : schema].flat() as Schema[];
  if (Array.isArray(value) && kind === 1) return value.flatMap((item) => unknownMembers(item, first, path));
  if (typeof value !== "object" || value === null || kind !== 3) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const index = (first as Schema[]).indexOf(name);
    const at = `${path}.${name}`;
    return index < 0 ? [at] : unknownMembers(member, (second as Schema[])[index], at);
  });
}

/** The emulated account, for changes that the stand-in does not know of. */
export const emulated: AwsContext = account.in();

/** Given to every resource that takes tags, as a provider's default tags. */
export const DEFAULT_TAGS = { project: "test" };

/** A name that no other run has. */
export const unique = (prefix: string): string => `${prefix}-${randomBytes(4).toString("hex")}`;

/** An IAM policy of one statement. */
export const policy = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });

/** The trust policy of a role that a service assumes. */
export const trust = (service: string): string =>
  policy({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });

const created: EmulatedResource[] = [];

/** Deletes what still exists, the newest first. */
export async function deleteAll(): Promise<void> {
  for (const resource of created.reverse()) await resource.delete().catch(() => undefined);
}

/** A resource in the emulated account, with the operations of the engine. */
export class EmulatedResource {
  private readonly handler: ResourceHandler;
  private readonly op: Operation;
  readonly id: string;
  /** Outputs, inputs included. */
  public state: PropertyMap;
  public inputs: PropertyMap;

  private constructor(handler: ResourceHandler, op: Operation, id: string, state: PropertyMap, inputs: PropertyMap) {
    this.handler = handler;
    this.op = op;
    this.id = id;
    this.state = state;
    this.inputs = inputs;
  }

  static async create(token: string, given: PropertyMap): Promise<EmulatedResource> {
    const { handler, op, inputs } = await checked(token, given);
    const { id, properties } = await handler.create({ news: inputs, preview: false }, op);
    const resource = new EmulatedResource(handler, op, id, properties, inputs);
    created.push(resource);
    expect(await resource.diff(given), `changes of ${token} right after it was created`).toEqual([]);
    return resource;
  }

  /** What would change, as `update description`; a change that replaces the resource ends in "!". */
  async diff(given: PropertyMap): Promise<string[]> {
    const { inputs, failures } = await this.#check(given);
    expect(failures).toEqual([]);
    const { changes } = await this.handler.diff({ id: this.id, olds: this.state, news: inputs }, this.op);
    return [...changes].map(([path, { kind, replace }]) => `${kind} ${path}${replace ? "!" : ""}`).sort();
  }

  /** Changes it in place, and expects it to be as given then, by its state and after a refresh. */
  async update(given: PropertyMap): Promise<void> {
    const changes = await this.diff(given);
    expect(changes).not.toEqual([]);
    expect(changes.filter((change) => change.endsWith("!"))).toEqual([]);
    const { inputs } = await this.#check(given);
    const news = { id: this.id, olds: this.state, news: inputs, preview: false };
    this.state = (await this.handler.update(news, this.op)).properties;
    this.inputs = inputs;
    expect(await this.diff(given)).toEqual([]);
    expect(await this.refresh()).toBe(true);
    expect(await this.diff(given)).toEqual([]);
  }

  /** @returns whether it still exists. */
  async refresh(): Promise<boolean> {
    const read = await this.handler.read({ id: this.id, properties: this.state, inputs: this.inputs }, this.op);
    if (read.id === "") return false;
    this.state = read.properties;
    this.inputs = read.inputs;
    return true;
  }

  /** Deletes it twice, and expects it to be gone. @param leaves whether AWS then has a default of its own */
  async delete(leaves = false): Promise<void> {
    await this.handler.delete({ id: this.id, properties: this.state }, this.op);
    expect(await this.refresh()).toBe(leaves);
    await this.handler.delete({ id: this.id, properties: this.state }, this.op);
  }

  #check(given: PropertyMap) {
    return this.handler.check({ olds: this.inputs, news: given, namingDisabled: false }, this.op);
  }
}

/** The check failures of these inputs, as `property: reason`. */
export async function faults(token: string, given: PropertyMap): Promise<string[]> {
  const { handler, op } = served(token);
  const { failures } = await handler.check({ olds: {}, news: given, namingDisabled: false }, op);
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

async function checked(token: string, given: PropertyMap) {
  const { handler, op } = served(token);
  const { inputs, failures } = await handler.check({ olds: {}, news: given, namingDisabled: false }, op);
  expect(failures).toEqual([]);
  return { handler, op, inputs };
}

function served(token: string): { handler: ResourceHandler; op: Operation } {
  const resource = resources[token];
  if (!resource) throw new Error(`no type "${token}" in the table`);
  const name = unique("test");
  const log = { status: () => undefined, info: () => undefined, warning: () => undefined };
  const op: Operation = {
    urn: `urn:pulumi:test::slipway::${token}::${name}`,
    name,
    timeoutSeconds: 30,
    ignoreChanges: [],
    signal: new AbortController().signal,
    log,
  };
  return { handler: new AwsResourceHandler(resourceType(token, resource), strictAccount, DEFAULT_TAGS), op };
}
