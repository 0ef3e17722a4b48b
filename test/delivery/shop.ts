import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { stringify } from "yaml";
import { writeRun } from "../../delivery/run-folder.ts";
import { runProgram } from "../../delivery/run-program.ts";
import { registryOf, serve } from "../components/images/registry-server.ts";
import { FakeGitHub, FakeSlack } from "../e2e/github-and-slack.ts";
import { releaseOf, started } from "./engine/events.ts";
import { FakePulumi } from "./fake-pulumi.ts";
import { captureOutputOf, stubMachine } from "./machine.ts";
import { deployRun, projectFiles, stackText } from "./project.ts";
import { type Clone, type Remote, useRepositories } from "./repositories.ts";

export const DIGEST = `sha256:${"a".repeat(64)}`;
export const TOKEN = "a-token-that-no-output-may-show";

/** The result of a command. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line in this process: starting one for each takes seconds. */
export async function runCommand(
  args: readonly string[],
  root: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  stubMachine(environment);
  process.exitCode = undefined;
  try {
    const { result, ...output } = await captureOutputOf(() => runProgram(args, root));
    return { exitCode: result, ...output };
  } finally {
    process.exitCode = undefined;
    vi.unstubAllEnvs();
  }
}

/** A project at v1.0.0 with its repository, and every server that the commands talk to. New for each test. */
export class Shop {
  remote!: Remote;
  clone!: Clone;
  pulumi!: FakePulumi;
  readonly github = new FakeGitHub(TOKEN);
  readonly slack = new FakeSlack("/services/T000/B000/a-webhook-that-no-output-may-show");
  /** Services that the cluster runs. */
  running: Record<string, { release: string; digest: string }> = {};
  /** Images in the registry, as `shop:<tag>`. */
  images: Record<string, string> = {};
  /** Requests to the registry, Kubernetes and AWS. */
  readonly requests: string[] = [];
  private servers: { address: string; close: () => Promise<void> }[] = [];

  get environment(): NodeJS.ProcessEnv {
    return {
      PATH: this.pulumi.path,
      HOME: this.clone.root,
      KUBECONFIG: join(this.clone.root, ".slipway/kubeconfig"),
      AWS_ENDPOINT_URL: `http://${this.servers[2]?.address}`,
      AWS_REGION: "ap-northeast-2",
      AWS_ACCESS_KEY_ID: "123456789012",
      AWS_SECRET_ACCESS_KEY: "a-key-that-no-output-may-show",
      GITHUB_TOKEN: TOKEN,
      GITHUB_API_URL: this.github.server.url,
      GITHUB_REPOSITORY: "example/shop",
      SLACK_WEBHOOK_URL: this.slack.url,
    };
  }

  /** Runs a command for the stack dev. */
  run(...args: string[]): Promise<CommandResult> {
    return runCommand(args, this.clone.root, this.environment);
  }

  /** Runs a command with further variables. */
  runWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<CommandResult> {
    return runCommand(args, this.clone.root, { ...this.environment, ...environment });
  }

  /** The stack's file. */
  get stackFile(): string {
    return this.clone.read("stacks/Pulumi.dev.yaml");
  }

  async startServers(): Promise<void> {
    const start = async (answer: Parameters<typeof serve>[0]) =>
      serve((request, response) => {
        this.requests.push(`${request.method} ${request.url}`);
        answer(request, response);
      });
    this.servers = [
      await start((request, response) => registryOf(this.images)(request, response)),
      await start((request, response) => {
        const url = request.url ?? "";
        const [, kind, name = ""] = /\/(deployments|statefulsets|cronjobs|rollouts)\/([^/?]+)/.exec(url) ?? [];
        const running = kind === "deployments" ? this.running[name] : undefined;
        if (kind) {
          const one = running ? deployment([name, running]) : {};
          return void response
            .writeHead(running ? 200 : 404, { "content-type": "application/json" })
            .end(JSON.stringify(one));
        }
        const items = url.includes("/deployments") ? Object.entries(this.running).map(deployment) : [];
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ items }));
      }),
      await start((_, response) => void response.end()),
    ];
    await Promise.all([this.github.server.start(), this.slack.server.start()]);
  }

  async stopServers(): Promise<void> {
    await Promise.all([...this.servers.map(({ close }) => close()), this.github.server.cut(), this.slack.server.cut()]);
  }

  /** Text of the stack's file at v1.0.0. */
  get initialStack(): string {
    return stackText(`${this.servers[0]?.address}/shop`);
  }

  /** Resets everything to what runs after a deploy of v1.0.0. */
  async reset(repositories: { remote: Remote; clone: Clone }): Promise<void> {
    Object.assign(this, repositories);
    this.running = { api: { release: "v1.0.0", digest: DIGEST }, web: { release: "v1.0.0", digest: DIGEST } };
    const tags = ["api", "web"].flatMap((name) => ["v0.9.0", "v1.0.0"].map((tag) => `shop:${name}-${tag}`));
    this.images = Object.fromEntries(tags.map((tag) => [tag, DIGEST]));
    this.requests.length = this.github.sent.length = this.slack.sent.length = 0;
    const { root } = this.clone;
    mkdirSync(join(root, ".slipway"), { recursive: true });
    writeFileSync(join(root, ".slipway/kubeconfig"), kubeconfig(this.servers[1]?.address ?? ""));
    const commit = await this.clone.head();
    writeRun(root, deployRun({ release: "v1.0.0", previous: "v0.9.0", services: [], commit }), "", []);

    this.pulumi = new FakePulumi();
    this.pulumi.answer("stack history", { stdout: JSON.stringify([update(2, "v1.0.0"), update(1, "v0.9.0")]) });
    const services = { api: { release: "v1.0.0", image: `shop@${DIGEST}` } };
    this.pulumi.answer("stack output", { stdout: JSON.stringify({ services }) });
    this.pulumi.answer("preview", { events: [started("update", releaseOf("api"))] });
    this.pulumi.answer("refresh", {});
    this.pulumi.answer("up", { events: [started("update", releaseOf("api"))] });
  }
}

/** A shop for the tests of a file; its servers run for as long. */
export function useShop(): Shop {
  const shop = new Shop();
  beforeAll(() => shop.startServers());
  const copy = useRepositories(() => ({ ...projectFiles({ dev: shop.initialStack }), ".gitignore": ".slipway/\n" }));
  beforeEach(() => shop.reset(copy()));
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  afterAll(() => shop.stopServers());
  return shop;
}

function update(version: number, release: string): object {
  return {
    kind: "update",
    startTime: "2026-01-31T12:00:00Z",
    endTime: "2026-01-31T12:00:31Z",
    message: `deploy ${release} by ada`,
    environment: {},
    config: { "slipway:release": { value: release } },
    result: "succeeded",
    version,
  };
}

function deployment([name, { release, digest }]: [string, { release: string; digest: string }]): object {
  return {
    metadata: { name, labels: { "app.kubernetes.io/version": release } },
    spec: {
      replicas: 1,
      template: {
        spec: { containers: [{ image: `shop@${digest}` }] },
      },
    },
    status: { readyReplicas: 1 },
  };
}

function kubeconfig(address: string): string {
  return stringify({
    clusters: [{ name: "here", cluster: { server: `http://${address}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "here", user: {} }],
    contexts: [{ name: "here", context: { cluster: "here", user: "here" } }],
  });
}
