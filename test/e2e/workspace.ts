import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { deepmergeCustom } from "deepmerge-ts";
import { execa } from "execa";
import { request } from "undici";
import { parse, stringify } from "yaml";
import { engineEnvironment, shellEnvironment } from "../../sandbox/engine/environment.ts";
import { paths } from "../../sandbox/paths.ts";
import { type ServiceStatus, serviceStatuses } from "../../sandbox/platform/services.ts";
import { toolPath } from "../../sandbox/toolchain.ts";
import { projectRoot } from "../project-root.ts";
import { killTree } from "./process-tree.ts";

export interface Run {
  exitCode: number;
  /** Both streams as they came. */
  output: string;
}

const merge = deepmergeCustom({ mergeArrays: false });
/** What a person who has read the preview adds to a command. */
const FLAGS = {
  up: ["--yes", "--skip-preview"],
  preview: ["--diff"],
  refresh: ["--yes", "--skip-preview"],
  destroy: ["--yes", "--skip-preview"],
};
/** Commands are those of a person, also where the tests run in CI. A test of a job of CI says so. */
const NOT_CI = { CI: "", GITHUB_ACTIONS: "", GITLAB_CI: "", JENKINS_URL: "", BITBUCKET_BUILD_NUMBER: "" };
const LEFT_OUT = new Set([".git", "node_modules"]);

/**
 * A copy of the project with a stack of its own, so that a test can change any file as a person would: source, chart,
 * config. Commands are run as a person runs them.
 */
export class Workspace {
  readonly root: string;
  private environment: object;

  /** Of this run alone: what the registry holds is never built again. */
  readonly repository: string;

  readonly stack: string;

  /** @param stack the stack's name and its namespace */
  constructor(stack: string, environment: object = {}) {
    this.stack = stack;
    this.root = mkdtempSync(join(tmpdir(), `slipway-${stack}-`));
    cpSync(projectRoot, this.root, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    symlinkSync(join(projectRoot, "node_modules"), join(this.root, "node_modules"));
    this.repository = `${stack}-${Date.now().toString(36)}`;
    const local = this.localConfig();
    this.environment = merge(local.config["slipway:environment"], {
      namespace: stack,
      images: { repository: `127.0.0.1:5000/${this.repository}` },
      // The ingress controller and metrics-server are once per cluster: those of the local stack serve all.
      addons: { traefik: { enabled: false }, metricsServer: { enabled: false } },
      ingress: { class: "traefik", namespace: "ingress" },
      services: {
        web: { hosts: [`${stack}.localhost`] },
        api: { hosts: [`api.${stack}.localhost`] },
      },
    });
    this.configure("v1", environment);
  }

  /** Writes the stack file: the release, and what is merged over what was there. */
  configure(release: string, environment: object = {}): void {
    this.environment = merge(this.environment, environment);
    const local = this.localConfig();
    const config = { ...local.config, "slipway:release": release, "slipway:environment": this.environment };
    writeFileSync(this.path(`stacks/Pulumi.${this.stack}.yaml`), stringify({ ...local, config }));
  }

  path(file: string): string {
    return join(this.root, file);
  }

  /** Creates an empty stack. An earlier run that was killed leaves its resources, its history and its lock, which are removed first. */
  async begin(): Promise<void> {
    const state = join(paths.stackStates, ".pulumi/stacks/slipway", `${this.stack}.json`);
    const steps = [
      ...(existsSync(state)
        ? [() => this.start("destroy").ended, () => this.pulumi("stack", "rm", "--yes", "--preserve-config")]
        : []),
      () => this.pulumi("stack", "select", "--create"),
    ];
    for (const step of steps) {
      const { exitCode, output } = await step();
      if (exitCode !== 0) throw new Error(output);
    }
  }

  /** `pulumi <command>` for this stack. The platform must be up. */
  run(command: keyof typeof FLAGS, ...args: string[]): Promise<Run> {
    return this.pulumi(command, ...FLAGS[command], ...args);
  }

  /** `npm run sandbox -- up` for this stack. It also removes the lock of a killed engine, and prints what runs afterwards. */
  async sandboxUp(): Promise<Run> {
    return this.start("up").ended;
  }

  /** The plain Pulumi CLI in the project's folder. */
  async pulumi(...args: string[]): Promise<Run> {
    const { exitCode, all } = await execa(toolPath("pulumi"), [...args, "--stack", this.stack, "--non-interactive"], {
      cwd: this.root,
      all: true,
      reject: false,
      env: { ...engineEnvironment(), NO_COLOR: "1" },
    });
    return { exitCode: exitCode ?? -1, output: all };
  }

  /** Helm in the stack's namespace. */
  async helm(...args: string[]): Promise<Run> {
    const { exitCode, all } = await execa(toolPath("helm"), ["--namespace", this.stack, ...args], {
      cwd: this.root,
      all: true,
      reject: false,
      env: { KUBECONFIG: paths.kubeconfig },
    });
    return { exitCode: exitCode ?? -1, output: all };
  }

  /** `npm run slipway -- <arguments>`, in a shell that is set up for the sandbox. */
  async slipway(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Run & { stdout: string }> {
    const { exitCode, all, stdout } = await (await this.startSlipway(args, environment)).child;
    return { exitCode: exitCode ?? -1, output: all, stdout };
  }

  /** The same, under way. @param root another clone of the project. @default - this one */
  async startSlipway(args: readonly string[], environment: NodeJS.ProcessEnv = {}, root = this.root) {
    const { PATH, ...sandbox } = await shellEnvironment({ stack: "local" });
    return {
      child: execa("node", ["delivery/cli.ts", ...args], {
        cwd: root,
        all: true,
        reject: false,
        env: { ...sandbox, PATH: `${PATH}:${process.env.PATH}`, ...NOT_CI, ...environment },
        // By default execa kills what does not end within 5 s of a SIGTERM. The engine may take longer to end in order.
        forceKillAfterDelay: false,
      }),
    };
  }

  /** Starts a command to be cut off in the middle. */
  start(command: "up" | "destroy"): {
    pid: number;
    interrupt: () => void;
    /** @returns the names of the processes that it killed: without `pulumi`, the update had ended before */
    kill: () => string[];
    printed: () => string;
    ended: Promise<Run>;
  } {
    const child = execa("node", ["sandbox/cli.ts", command, "--stack", this.stack], {
      cwd: this.root,
      detached: true,
      all: true,
      reject: false,
      env: { NO_COLOR: "1" },
    });
    const pid = child.pid as number;
    let printed = "";
    child.all.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    return {
      pid,
      printed: () => printed,
      // As Ctrl-C on a terminal does it: the whole foreground group.
      interrupt: () => void process.kill(-pid, "SIGINT"),
      // As a machine that is taken away: the engine's plugins, which have groups of their own, and Helm too.
      kill: () => killTree(pid),
      ended: child.then(({ exitCode, all }) => ({ exitCode: exitCode ?? -1, output: all })),
    };
  }

  /** Deploys, and fails the test with the whole output if that fails. */
  async up(...args: string[]): Promise<string> {
    const { exitCode, output } = await this.run("up", ...args);
    if (exitCode !== 0) throw new Error(`up failed with ${exitCode}:\n${output}`);
    return output;
  }

  /** Whether an update holds the stack's lock, or left it behind. */
  isLocked(): boolean {
    const locks = join(paths.stackStates, ".pulumi/locks/organization/slipway", this.stack);
    return existsSync(locks) && readdirSync(locks).some((file) => file.endsWith(".json"));
  }

  services(): Promise<Record<string, ServiceStatus>> {
    return serviceStatuses(this.stack);
  }

  /** Destroys the stack, and takes the copy away. */
  async remove(): Promise<void> {
    await this.run("destroy");
    await this.pulumi("stack", "rm", "--yes");
    rmSync(this.root, { recursive: true, force: true });
  }

  private localConfig(): { config: Record<string, unknown> } & Record<string, unknown> {
    return parse(readFileSync(join(projectRoot, "stacks/Pulumi.local.yaml"), "utf8"));
  }
}

/** kubectl's answer. */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await execa(toolPath("kubectl"), args, { env: { KUBECONFIG: paths.kubeconfig } });
  return stdout;
}

/** Applies objects. */
export async function apply(objects: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  await execa(toolPath("kubectl"), ["apply", "-f", "-"], { input, env: { KUBECONFIG: paths.kubeconfig } });
}

/** kubectl's answer as JSON. */
export async function kubectlJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await kubectl(...args, "-o", "json")) as T;
}

/** Asks a service through the ingress, by its host: a name under .localhost is not looked up on every machine. */
export async function ask(host: string, path: string): Promise<{ status: number; body: string }> {
  const { statusCode, body } = await request(`http://127.0.0.1:30080${path}`, { headers: { host } });
  return { status: statusCode, body: await body.text() };
}
