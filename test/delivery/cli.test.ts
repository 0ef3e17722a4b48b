import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { artifacts } from "../../delivery/commands/artifacts.ts";
import { deploy } from "../../delivery/commands/deploy.ts";
import { drift } from "../../delivery/commands/drift.ts";
import { history } from "../../delivery/commands/history.ts";
import { notify } from "../../delivery/commands/notify.ts";
import { preview } from "../../delivery/commands/preview.ts";
import { release } from "../../delivery/commands/release.ts";
import { restart } from "../../delivery/commands/restart.ts";
import { rollback } from "../../delivery/commands/rollback.ts";
import { status } from "../../delivery/commands/status.ts";
import { tag } from "../../delivery/commands/tag.ts";
import { version } from "../../delivery/commands/version.ts";
import { Failure } from "../../delivery/failure.ts";
import { writeRun } from "../../delivery/run-folder.ts";
import { registryOf, serve } from "../components/images/registry-server.ts";
import { FakeGitHub, FakeSlack } from "../e2e/github-and-slack.ts";
import { projectRoot } from "../project-root.ts";
import { begun, releaseOf, said } from "./engine/events.ts";
import { FakePulumi } from "./fake-pulumi.ts";
import { listen, plainMachine } from "./machine.ts";
import { projectFiles, stackText } from "./project.ts";
import { type Clone, linesOf, Remote } from "./repositories.ts";

const TOKEN = "a-token-that-no-output-may-show";
const digest = `sha256:${"a".repeat(64)}`;
const COMMANDS = "artifacts deploy drift history notify preview release restart rollback status tag version".split(" ");

interface Run {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** `npm run slipway -- <arguments>`, in an environment of its own. */
async function slipway(args: readonly string[], environment: NodeJS.ProcessEnv = {}, root = projectRoot): Promise<Run> {
  const { PATH, HOME } = process.env;
  const { exitCode, stdout, stderr } = await execa("node", ["--import", "tsx", "delivery/cli.ts", ...args], {
    cwd: root,
    reject: false,
    extendEnv: false,
    env: { PATH, HOME, ...environment },
  });
  return { exitCode, stdout, stderr };
}

describe("--help", () => {
  it("names every command, and each of them tells of --dry-run and --json", async () => {
    const { exitCode, stdout } = await slipway(["--help"]);
    const named = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
    expect([exitCode, named.sort()]).toEqual([0, COMMANDS]);
    const helps = await Promise.all(COMMANDS.map((name) => slipway([name, "--help"])));
    for (const [index, help] of helps.entries()) {
      expect(help.exitCode).toBe(0);
      expect(help.stdout).toContain(`Usage: npm run slipway -- ${COMMANDS[index]} [options]`);
      expect(help.stdout).toMatch(/^ {2}--dry-run .*^ {2}--json /ms);
    }
  }, 60_000);
});

describe.concurrent("a command line that says what there is not", () => {
  it.each([
    ["an unknown command", ["deploi", "--stack", "dev"], "unknown command 'deploi'"],
    ["an unknown option", ["deploy", "--stack", "dev", "--relase", "v1"], "unknown option '--relase'"],
    ["no stack", ["deploy", "--release", "v1"], "required option '--stack <name>' not specified"],
    ["a stack without a file", ["release", "v1", "--stack", "nowhere"], "stacks/Pulumi.nowhere.yaml does not exist"],
    ["no number", ["history", "--stack", "dev", "--limit", "0"], "a whole number above 0 is wanted"],
    ["no status of a job", ["notify", "--stack", "dev", "--status", "great"], "Allowed choices are success, failure"],
  ])("is refused with exit code 1 and no stack trace: %s", async (_, args, fault) => {
    const { exitCode, stdout, stderr } = await slipway(args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(fault);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it("is told of in JSON as well, to whoever reads that, and with a stack trace to whoever mends this", async () => {
    const args = ["release", "v1", "--stack", "nowhere", "--json"];
    const { exitCode, stdout, stderr } = await slipway(args, { DEBUG: "1" });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toContain("stacks/Pulumi.nowhere.yaml does not exist");
    expect(stderr).toMatch(/^ {4}at /m);
  });
});

it.each([
  ["of the environment", ["notify", "--stack", "dev", "--reason", `the token ${TOKEN}`], 5],
  ["in the form of one", ["notify", "--stack=dev", "--reason=xoxb-123456789012-abcdefghijkl"], 3],
])("refuses a secret %s on the command line, and shows it to nobody", async (_, args, position) => {
  const { exitCode, stdout, stderr } = await slipway([...args, "--json"], { GITHUB_TOKEN: TOKEN });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Argument ${position} is a secret; nothing was done.`);
  expect(stdout + stderr).not.toMatch(/a-token-that|xoxb/);
});

describe("in a project", () => {
  let remote: Remote;
  let clone: Clone;
  let pulumi: FakePulumi;
  const github = new FakeGitHub(TOKEN);
  const slack = new FakeSlack("/services/T000/B000/a-webhook-that-no-output-may-show");
  /** What runs, by service. */
  let running: Record<string, { release: string; digest: string }>;
  let asked: string[];
  let environment: NodeJS.ProcessEnv;
  const closers: (() => Promise<void>)[] = [];

  async function start(answer: Parameters<typeof serve>[0]): Promise<string> {
    const { address, close } = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
    closers.push(close);
    return address;
  }

  beforeEach(async () => {
    asked = [];
    running = { api: { release: "v1.0.0", digest }, web: { release: "v1.0.0", digest } };
    const images = ["api", "web"].flatMap((name) => ["v0.9.0", "v1.0.0"].map((tag) => `shop:${name}-${tag}`));
    const registry = await start(registryOf(Object.fromEntries(images.map((image) => [image, digest]))));
    const kubernetes = await start((request, response) => {
      const deployment = ([name, { release, digest }]: [string, { release: string; digest: string }]) => ({
        metadata: { name },
        spec: {
          replicas: 1,
          template: {
            metadata: { labels: { "app.kubernetes.io/version": release } },
            spec: { containers: [{ image: `shop@${digest}` }] },
          },
        },
        status: { readyReplicas: 1 },
      });
      const items = request.url?.includes("/deployments") ? Object.entries(running).map(deployment) : [];
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ items }));
    });
    const aws = await start((_, response) => response.end());
    await Promise.all([github.server.start(), slack.server.start()]);
    for (const server of [github.server, slack.server]) closers.push(() => server.cut());
    github.sent.length = slack.sent.length = 0;

    remote = await Remote.create();
    clone = await remote.clone();
    const kubeconfig = join(clone.root, ".slipway/kubeconfig");
    const text = stackText(`${registry}/shop`);
    await clone.commit("feat: begin", { ...projectFiles({ dev: text }), ".gitignore": ".slipway/\n" });
    await clone.push();
    const commit = await clone.head();
    const story = {
      release: "v1.0.0",
      previous: "v0.9.0",
      services: [],
      images: {},
      actor: "ada",
      seconds: 31,
      commit,
    };
    const startedAt = "2026-01-31T12:00:00.000Z";
    writeRun(clone.root, { ...story, stack: "dev", action: "deploy", startedAt, status: "succeeded" }, "", []);
    mkdirSync(join(clone.root, ".slipway"), { recursive: true });
    writeFileSync(
      kubeconfig,
      stringify({
        clusters: [{ name: "here", cluster: { server: `http://${kubernetes}`, "insecure-skip-tls-verify": true } }],
        users: [{ name: "here", user: {} }],
        contexts: [{ name: "here", context: { cluster: "here", user: "here" } }],
      }),
    );

    pulumi = new FakePulumi();
    const update = (version: number, release: string) => ({
      kind: "update",
      startTime: "2026-01-31T12:00:00Z",
      endTime: "2026-01-31T12:00:31Z",
      message: `deploy ${release} by ada`,
      environment: {},
      config: { "slipway:release": { value: release } },
      result: "succeeded",
      version,
    });
    pulumi.answer("stack history", { stdout: JSON.stringify([update(2, "v1.0.0"), update(1, "v0.9.0")]) });
    const services = { api: { release: "v1.0.0", image: `shop@${digest}` } };
    pulumi.answer("stack output", { stdout: JSON.stringify({ services }) });
    pulumi.answer("preview", { events: [begun("update", releaseOf("api"))] });
    pulumi.answer("refresh", {});
    environment = {
      PATH: pulumi.path,
      HOME: clone.root,
      KUBECONFIG: kubeconfig,
      AWS_ENDPOINT_URL: `http://${aws}`,
      AWS_REGION: "ap-northeast-2",
      AWS_ACCESS_KEY_ID: "123456789012",
      AWS_SECRET_ACCESS_KEY: "a-key-that-no-output-may-show",
      GITHUB_TOKEN: TOKEN,
      GITHUB_API_URL: github.server.url,
      GITHUB_REPOSITORY: "example/shop",
      SLACK_WEBHOOK_URL: slack.url,
    };
  });
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  /** The command line, in the project with the code in it. */
  async function inProject(...args: string[]): Promise<Run> {
    for (const folder of ["delivery", "config", "stacks", "components"])
      cpSync(join(projectRoot, folder), join(clone.root, folder), { recursive: true, force: false });
    cpSync(join(projectRoot, "package.json"), join(clone.root, "package.json"));
    symlinkSync(join(projectRoot, "node_modules"), join(clone.root, "node_modules"));
    return slipway(args, environment, clone.root);
  }

  /** A command's function, which is what the command line calls; starting a process for each would take long. */
  async function called(work: (root: string) => Promise<void>): Promise<Run & { fault?: string }> {
    plainMachine(environment as Record<string, string>);
    const heard = listen();
    const fault = await work(clone.root).catch((error: Error) => error);
    const { exitCode } = process;
    process.exitCode = undefined;
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    if (fault instanceof Failure) return { ...heard, exitCode: fault.exitCode, fault: fault.message };
    if (fault) throw fault;
    return { ...heard, exitCode: Number(exitCode ?? 0) };
  }

  it("changes nothing in a dry run, whatever the command, and says in one JSON object what it would do", async () => {
    const files = () =>
      readdirSync(clone.root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !join(entry.parentPath, "/").includes("/.git/"))
        .map(({ parentPath, name }) => `${parentPath}/${name}: ${readFileSync(join(parentPath, name), "utf8")}`);
    const look = async () => [files(), await clone.git("for-each-ref"), await remote.git("for-each-ref")];
    const before = await look();
    const options = { stack: "dev", dryRun: true, json: true };
    const commands: Record<string, (root: string) => Promise<void>> = {
      version: (root) => version({ ...options, push: true }, root),
      release: (root) => release("v1.1.0", { ...options, push: true }, root),
      deploy: (root) => deploy({ ...options, release: "v1.1.0", push: true, breakLock: true }, root),
      rollback: (root) => rollback({ ...options, push: true }, root),
      restart: (root) => restart({ ...options, push: true }, root),
      status: (root) => status(options, root),
      history: (root) => history(options, root),
      preview: (root) => preview({ ...options, release: "v1.1.0", comment: true, pullRequest: 7 }, root),
      artifacts: (root) => artifacts({ ...options, bucket: "shop-artifacts" }, root),
      tag: (root) => tag(options, root),
      notify: (root) => notify(options, root),
      drift: (root) => drift({ ...options, notify: true }, root),
    };
    expect(Object.keys(commands).sort()).toEqual(COMMANDS);
    for (const [name, work] of Object.entries(commands)) {
      const { exitCode, stdout, stderr, fault } = await called(work);
      expect([name, exitCode, fault], stderr).toEqual([name, 0, undefined]);
      expect([name, linesOf(stdout).map(isObject)]).toEqual([name, [true]]);
    }
    expect(await look()).toEqual(before);
    expect([github.sent, slack.sent]).toEqual([[], []]);
    expect(asked.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
    const reading = /^(stack history|stack output|preview|refresh --preview-only) /;
    expect(pulumi.calls.filter((call) => !reading.test(call))).toEqual([]);
  });

  it("takes --dry-run from the command line", async () => {
    const { exitCode, stdout, stderr } = await inProject("release", "v1.1.0", "--stack", "dev", "--push", "--dry-run");
    expect([exitCode, stdout]).toEqual([0, ""]);
    expect(stderr).toBe("Would record in stacks/Pulumi.dev.yaml: Release v1.1.0 to dev");
    expect(await clone.git("status", "--porcelain", "--untracked-files=no")).toBe("");
  });

  it("refuses services that the stack does not run, whatever is to be done to them", async () => {
    const options = { stack: "dev", dryRun: true, service: ["apii"] };
    const commands: Record<string, (root: string) => Promise<void>> = {
      "release v1.1.0": (root) => release("v1.1.0", options, root),
      release: (root) => release(undefined, options, root),
      "deploy --release v1.1.0": (root) => deploy({ ...options, release: "v1.1.0" }, root),
      deploy: (root) => deploy(options, root),
      rollback: (root) => rollback(options, root),
      restart: (root) => restart(options, root),
      preview: (root) => preview(options, root),
      "preview --release v1.1.0": (root) => preview({ ...options, release: "v1.1.0" }, root),
    };
    const faults: Record<string, string | undefined> = {};
    for (const [name, work] of Object.entries(commands)) faults[name] = (await called(work)).fault;
    const refusal = "--service apii: dev does not run it. It runs api, web.";
    expect(faults).toEqual(Object.fromEntries(Object.keys(commands).map((name) => [name, refusal])));
  });

  it("ends a look for drift with 0 where there is none, with 2 for drift, and with 1 where it could not look", async () => {
    const look = (json = false) => called((root) => drift({ stack: "dev", notify: true, json }, root));
    expect(await look()).toMatchObject({ exitCode: 0, stdout: "dev: no drift.\n" });
    running.api = { release: "v1.0.0", digest: `sha256:${"b".repeat(64)}` };
    const drifted = await look();
    expect(drifted.exitCode).toBe(2);
    expect(drifted.stdout).toContain("npm run slipway -- restart --stack dev --service api");
    expect(slack.last).toContain("dev has drifted");
    expect((await inProject("drift", "--stack", "dev")).exitCode).toBe(2);
    pulumi.answer("refresh", { stderr: "error: no credentials\n", exitCode: 255 });
    const fault = "drift: dev could not be looked at. error: no credentials";
    expect(await look(true)).toMatchObject({ exitCode: 1, stdout: "", fault });
  });

  it("ends a status with 1 where not all runs as the stack's file has it", async () => {
    const look = () => called((root) => status({ stack: "dev" }, root));
    expect((await look()).exitCode).toBe(0);
    running.web = { release: "v0.9.0", digest };
    const { exitCode, stdout } = await look();
    expect(exitCode).toBe(1);
    expect(stdout).toContain("✖ web: runs v0.9.0, the file says v1.0.0");
  });

  it("tells a cluster that is away from a fault of its own", async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
    const { exitCode, fault } = await called((root) => status({ stack: "dev" }, root));
    expect(exitCode).toBe(1);
    expect(fault).toContain("ECONNREFUSED");
  });

  it("prints one JSON object for a preview that fails, too", async () => {
    pulumi.answer("preview", { events: [said("error", "services.api: no such key")], exitCode: 255 });
    const { exitCode, stdout } = await inProject("preview", "--stack", "dev", "--json");
    expect(exitCode).toBe(1);
    expect(linesOf(stdout).map(isObject)).toEqual([true]);
    expect(stdout).toContain("services.api: no such key");
  });

  it("prints the version alone, for CI to take", async () => {
    const { exitCode, stdout, stderr } = await inProject("version", "--push");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^v0\.1\.0-[0-9a-f]{7}$/);
    expect(stderr).toContain(`as ${stdout}.`);
  });

  it("ends a notification with 0, come what may", async () => {
    await slack.server.cut();
    const { exitCode, stderr } = await inProject("notify", "--stack", "prod", "--run", "nowhere");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Slack was not told: ECONNREFUSED");
  });

  it("ends with 1 for what nobody has thought of, and says how to see where it was", async () => {
    pulumi.answer("stack history", { stdout: "no JSON" });
    const { exitCode, stderr } = await inProject("history", "--stack", "dev");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Unexpected: .+\nDEBUG=1 shows where\.$/);
  });

  it("shows no secret, wherever it comes from", async () => {
    await clone.commit(`Add ${TOKEN}`);
    const { exitCode, stdout, stderr } = await inProject("version", "--json");
    expect(exitCode).toBe(1);
    for (const printed of [stdout, stderr]) {
      expect(printed).toContain("Add ***");
      expect(printed).not.toContain("a-token-that");
    }
  });
});

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
