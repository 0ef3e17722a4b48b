import type { AwsContext, ClientClass, ClientConfig } from "./resource.ts";

/** Attempts of a call, the first included: a throttled call or a broken connection is retried within seconds. */
const ATTEMPTS = 3;

/** An AWS account, with credentials. */
export class Account {
  readonly #regions = new Map<string, AwsContext>();

  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  private readonly credentials: ClientConfig["credentials"];

  /** @param region the provider's: that of resources that name no other. */
  constructor(region: string, accountId: string, partition: string, credentials: ClientConfig["credentials"]) {
    this.region = region;
    this.accountId = accountId;
    this.partition = partition;
    this.credentials = credentials;
  }

  /** The account in a region. @param region @default the provider's */
  in(region: string = this.region): AwsContext {
    const known = this.#regions.get(region) ?? this.#open(region);
    this.#regions.set(region, known);
    return known;
  }

  #open(region: string): AwsContext {
    const config: ClientConfig = { region, credentials: this.credentials, maxAttempts: ATTEMPTS };
    // Clients keep their connections open: one of each is enough.
    const clients = new Map<unknown, unknown>();
    return {
      region,
      accountId: this.accountId,
      partition: this.partition,
      client<C>(type: ClientClass<C>): C {
        const client = (clients.get(type) as C | undefined) ?? new type(config);
        clients.set(type, client);
        return client;
      },
    };
  }
}
