import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll } from "vitest";
import { parse } from "yaml";
import { emulatorUrl } from "../../sandbox/aws/emulator.ts";
import { paths } from "../../sandbox/paths.ts";
import { account } from "../../sandbox/test/emulated-account.ts";
import { FakeGitHub, FakeSlack } from "./github-and-slack.ts";
import { ShopRepository } from "./shop-repository.ts";
import { ask, type Run } from "./workspace.ts";

export const TOKEN = "a-token-that-no-output-may-show";
const quick = { rollout: { minReadySeconds: 1, timeoutSeconds: 30 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };

/** A stack that is deployed from a repository by commands in CI, with fakes of GitHub and Slack, and a bucket. */
export class DeliveryShop {
  readonly github = new FakeGitHub(TOKEN);
  readonly slack = new FakeSlack("/services/T000/B000/a-webhook-that-no-output-may-show");
  readonly stack: string;
  readonly host: string;
  private readonly bucket: string;
  /** The output of every command. */
  readonly printed: string[] = [];
  repository!: ShopRepository;

  constructor(stack: string) {
    this.stack = stack;
    this.host = `api.${stack}.localhost`;
    this.bucket = `${stack}-artifacts`;
  }

  async begin(): Promise<void> {
    const off = { enabled: false };
    this.repository = new ShopRepository(this.stack, {
      services: {
        web: off,
        orders: off,
        worker: quick,
        api: { ...quick, replicas: { min: 2, max: 2 }, probes: { startupSeconds: 10 } },
      },
    });
    await this.repository.workspace.begin();
    // An earlier run that was killed leaves its bucket.
    await this.emptyBucket();
    await account.s3.send(new CreateBucketCommand({ Bucket: this.bucket }));
    await this.startServers();
    await this.repository.begin();
  }

  async end(): Promise<void> {
    await this.stopServers();
    await this.repository.remove();
    await this.emptyBucket();
  }

  async startServers(): Promise<void> {
    await Promise.all([this.github.server.start(), this.slack.server.start()]);
  }

  async stopServers(): Promise<void> {
    await Promise.all([this.github.server.cut(), this.slack.server.cut()]);
  }

  /** Runs a command with the environment of a GitHub Actions job. */
  async ci(...args: string[]): Promise<Run & { stdout: string }> {
    const run = await this.repository.slipway(args, await this.jobEnvironment());
    this.printed.push(run.output);
    return run;
  }

  async jobEnvironment(over: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
    return {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: "example/shop",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_API_URL: this.github.server.url,
      GITHUB_RUN_ID: "4711",
      GITHUB_REF: "refs/heads/main",
      GITHUB_EVENT_NAME: "push",
      GITHUB_EVENT_PATH: "",
      GITHUB_SHA: await this.repository.git("rev-parse", "HEAD"),
      GITHUB_TRIGGERING_ACTOR: "ada",
      GITHUB_TOKEN: TOKEN,
      SLACK_WEBHOOK_URL: this.slack.url,
      SLIPWAY_ARTIFACTS_BUCKET: this.bucket,
      AWS_ENDPOINT_URL: emulatorUrl,
      AWS_REGION: "ap-northeast-2",
      AWS_ACCESS_KEY_ID: "123456789012",
      AWS_SECRET_ACCESS_KEY: "a-key-that-no-output-may-show",
      ...over,
    };
  }

  /** The release that api answers with. */
  async runningRelease(): Promise<string> {
    return JSON.parse((await ask(this.host, "/version")).body).release;
  }

  /** Text of the stack's file on the remote's main. */
  record(): Promise<string> {
    return this.repository.inRemote("show", `main:stacks/Pulumi.${this.stack}.yaml`);
  }

  async recordedRelease(): Promise<string> {
    return parse(await this.record()).config["slipway:release"];
  }

  /** The engine's state. */
  state(): string {
    return readFileSync(join(paths.stackStates, ".pulumi/stacks/slipway", `${this.stack}.json`), "utf8");
  }

  /** Whether an update holds the stack's lock. */
  isLocked(): boolean {
    return this.repository.workspace.isLocked();
  }

  /** Keys in the bucket. */
  async keys(): Promise<string[]> {
    const { Contents = [] } = await account.s3.send(new ListObjectsV2Command({ Bucket: this.bucket }));
    return Contents.map(({ Key }) => Key ?? "");
  }

  /** The newest artifact whose key ends so. */
  async artifact(end: string): Promise<string> {
    const key = (await this.keys()).filter((known) => known.endsWith(end)).at(-1);
    const { Body } = await account.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    return (await Body?.transformToString()) ?? "";
  }

  private async emptyBucket(): Promise<void> {
    try {
      for (const Key of await this.keys()) await account.s3.send(new DeleteObjectCommand({ Bucket: this.bucket, Key }));
      await account.s3.send(new DeleteBucketCommand({ Bucket: this.bucket }));
    } catch (error) {
      if (!(error instanceof Error && error.name === "NoSuchBucket")) throw error;
    }
  }
}

/** The shop for the tests of a file. @param stack of its own, and its namespace */
export function useDeliveryShop(stack: string): DeliveryShop {
  const shop = new DeliveryShop(stack);
  beforeAll(() => shop.begin());
  afterAll(() => shop.end());
  return shop;
}
