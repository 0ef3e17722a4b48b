import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Account } from "../../providers/aws/account.ts";
import type { Outputs } from "../../providers/aws/input-rule.ts";
import { textMap } from "../../providers/aws/props.ts";
import type { AwsContext, AwsResource, Props } from "../../providers/aws/resource.ts";
import type { Operation } from "../../providers/protocol/handler.ts";

export const REGION = "ap-northeast-2";

/** An account that is never asked, or whose clients answer each command, by its name, as given. */
export class FakeAccount extends Account {
  readonly asked: { command: string; input: unknown; region: string }[] = [];

  private readonly answers: Record<string, (input: never) => unknown>;

  constructor(answers: Record<string, (input: never) => unknown> = {}) {
    super(REGION, "123456789012", "aws", async () => ({ accessKeyId: "id", secretAccessKey: "key" }));
    this.answers = answers;
  }

  override in(region: string = REGION): AwsContext {
    const send = async (command: { input: unknown; constructor: { name: string } }): Promise<unknown> => {
      const name = command.constructor.name.replace(/Command$/, "");
      this.asked.push({ command: name, input: command.input, region });
      const answer = this.answers[name];
      if (!answer) throw new Error(`nobody expected ${name}`);
      return answer(command.input as never);
    };
    return { region, accountId: this.accountId, partition: this.partition, client: <C>() => ({ send }) as C };
  }
}

/** An operation on the resource `web`. */
export function operation(ignoreChanges: string[] = []): Operation {
  const quiet = (): void => undefined;
  return {
    urn: "urn:pulumi:test::slipway::aws:test/thing:Thing::web",
    name: "web",
    timeoutSeconds: 0,
    ignoreChanges,
    signal: new AbortController().signal,
    log: { status: quiet, info: quiet, warning: quiet },
  };
}

/** A resource type that keeps its things in a map, as AWS would. */
export function thingType(over: Partial<AwsResource> = {}): { resource: AwsResource; things: Map<string, Props> } {
  const things = new Map<string, Props>();
  const told = (props: Props): Outputs => ({
    arn: `arn:aws:test:::${props.name}`,
    size: 1,
    ...props,
    tags: props.tagsAll ?? {},
  });
  const retag = (id: string, change: (all: Record<string, string>) => Record<string, string>): void => {
    const props = things.get(id) ?? {};
    things.set(id, { ...props, tagsAll: change(textMap(props, "tagsAll")) });
  };
  const resource: AwsResource = {
    inputs: {
      name: { forcesNew: true },
      size: { computed: true },
      description: { default: "Managed by Pulumi" },
      zones: { set: true },
      policy: { json: true },
      secret: {},
      network: {
        fields: {
          subnetIds: { required: true, set: true },
          vpcId: { output: true },
          family: { computed: true, forcesNew: true },
        },
      },
    },
    tags: {
      add: async ({ id }, tags) => retag(id, (all) => ({ ...all, ...tags })),
      remove: async ({ id }, keys) =>
        retag(id, (all) => Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key)))),
    },
    async create(props) {
      things.set(`t-${props.name}`, props);
      return `t-${props.name}`;
    },
    async read(id) {
      const props = things.get(id);
      return props && told(props);
    },
    async update(id, props) {
      things.set(id, { ...props, tagsAll: things.get(id)?.tagsAll ?? {} });
    },
    async delete(id) {
      things.delete(id);
    },
    ...over,
  };
  return { resource, things };
}

/** A server that answers sts:GetCallerIdentity. */
export class FakeSts {
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  /** @param answer of each request: the account, or the error code and message of a refusal. */
  static async start(answer: () => string | [code: string, message: string]): Promise<FakeSts> {
    const server = createServer((request, response) => {
      request.resume();
      const now = answer();
      const isRefusal = typeof now !== "string";
      response.writeHead(isRefusal ? 403 : 200, { "content-type": "text/xml" });
      response.end(isRefusal ? refusal(...now) : identity(now));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakeSts(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

const identity = (account: string): string =>
  `<GetCallerIdentityResponse ${NAMESPACE}><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/anna</Arn>` +
  `<UserId>AIDA</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

const refusal = (code: string, message: string): string =>
  `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
