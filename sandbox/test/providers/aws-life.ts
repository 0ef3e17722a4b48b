import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { Account } from "../../providers/aws/account.ts";
import type { AwsContext } from "../../providers/aws/resource.ts";
import { AwsResourceHandler } from "../../providers/aws/resource-handler.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { resources } from "../../providers/aws/resources.ts";
import type { Operation, ResourceHandler } from "../../providers/protocol/handler.ts";
import type { PropertyMap } from "../../providers/protocol/value.ts";

// Keys that no account has: nothing but an emulator takes them, wherever the environment points.
process.env.AWS_ENDPOINT_URL ??= "http://127.0.0.1:4566";
const ACCOUNT = "123456789012";
const REGION = "ap-northeast-2";
const account = new Account(REGION, ACCOUNT, "aws", async () => ({ accessKeyId: ACCOUNT, secretAccessKey: "none" }));

/** The emulated account, for what is changed behind the stand-in's back. */
export const emulated: AwsContext = account.in();

/** Given to every resource that takes tags, as a provider's default tags. */
export const DEFAULT_TAGS = { project: "life" };

/** A name that no other run has. */
export const unique = (prefix: string): string => `${prefix}-${randomBytes(4).toString("hex")}`;

/** An IAM policy of one statement. */
export const policy = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });

/** The trust policy of a role that a service takes. */
export const trust = (service: string): string =>
  policy({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });

const living: Life[] = [];

/** Ends what is still there, the youngest first. */
export async function endAll(): Promise<void> {
  for (const life of living.reverse()) await life.end().catch(() => undefined);
}

/** A resource of the table of types, led through its life as the engine would. */
export class Life {
  private constructor(
    private readonly handler: ResourceHandler,
    private readonly op: Operation,
    readonly id: string,
    /** Outputs, inputs included. */
    public state: PropertyMap,
    public inputs: PropertyMap,
  ) {}

  static async begin(token: string, given: PropertyMap): Promise<Life> {
    const { handler, op, inputs } = await checked(token, given);
    const { id, properties } = await handler.create({ news: inputs, preview: false }, op);
    const life = new Life(handler, op, id, properties, inputs);
    living.push(life);
    expect(await life.plan(given), `changes of ${token} right after it was made`).toEqual([]);
    return life;
  }

  /** What would change, as `update description`; what forces a new one ends in "!". */
  async plan(given: PropertyMap): Promise<string[]> {
    const { inputs, failures } = await this.#check(given);
    expect(failures).toEqual([]);
    const { changes } = await this.handler.diff({ id: this.id, olds: this.state, news: inputs }, this.op);
    return [...changes].map(([path, { kind, replace }]) => `${kind} ${path}${replace ? "!" : ""}`).sort();
  }

  /** Changes it in place, after which it is as it was to be, by its state and by a look at it. */
  async change(given: PropertyMap): Promise<void> {
    const plan = await this.plan(given);
    expect(plan).not.toEqual([]);
    expect(plan.filter((change) => change.endsWith("!"))).toEqual([]);
    const { inputs } = await this.#check(given);
    const news = { id: this.id, olds: this.state, news: inputs, preview: false };
    this.state = (await this.handler.update(news, this.op)).properties;
    this.inputs = inputs;
    expect(await this.plan(given)).toEqual([]);
    expect(await this.refresh()).toBe(true);
    expect(await this.plan(given)).toEqual([]);
  }

  /** @returns whether it is still there. */
  async refresh(): Promise<boolean> {
    const read = await this.handler.read({ id: this.id, properties: this.state, inputs: this.inputs }, this.op);
    if (read.id === "") return false;
    this.state = read.properties;
    this.inputs = read.inputs;
    return true;
  }

  /** Deletes it, after which it is gone; a second time is no error. @param leaves whether AWS then has a default of its own */
  async end(leaves = false): Promise<void> {
    await this.handler.delete({ id: this.id, properties: this.state }, this.op);
    expect(await this.refresh()).toBe(leaves);
    await this.handler.delete({ id: this.id, properties: this.state }, this.op);
  }

  #check(given: PropertyMap) {
    return this.handler.check({ olds: this.inputs, news: given, namingDisabled: false }, this.op);
  }
}

/** What check finds wrong with these inputs, as `property: reason`. */
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
  const name = unique("life");
  const log = { status: () => undefined, info: () => undefined, warning: () => undefined };
  const op: Operation = {
    urn: `urn:pulumi:test::slipway::${token}::${name}`,
    name,
    timeoutSeconds: 30,
    ignoreChanges: [],
    signal: new AbortController().signal,
    log,
  };
  return { handler: new AwsResourceHandler(resourceType(token, resource), account, DEFAULT_TAGS), op };
}
