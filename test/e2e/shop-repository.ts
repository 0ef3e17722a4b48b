import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../project-root.ts";
import { killTree, processTree } from "./process-tree.ts";
import { type Run, Workspace } from "./workspace.ts";

/** A team's repository: a workspace under git, and a bare remote for it. */
export class ShopRepository {
  readonly workspace: Workspace;
  private readonly remote = mkdtempSync(join(tmpdir(), "slipway-remote-"));
  private readonly clones = mkdtempSync(join(tmpdir(), "slipway-clones-"));

  readonly stack: string;

  constructor(stack: string, environment: object) {
    this.stack = stack;
    this.workspace = new Workspace(stack, environment);
  }

  async begin(): Promise<void> {
    await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", this.remote]);
    await this.git("init", "--quiet", "--initial-branch=main");
    await this.git("config", "user.name", "Ada");
    await this.git("config", "user.email", "ada@example.com");
    await this.git("remote", "add", "origin", this.remote);
    // It is a link here, which .gitignore does not match.
    writeFileSync(this.workspace.path(".git/info/exclude"), "node_modules\n");
    await this.commit("feat: begin");
    await this.git("push", "--quiet", "--set-upstream", "origin", "main");
  }

  async git(...args: string[]): Promise<string> {
    const { stdout } = await execa("git", args, { cwd: this.workspace.root });
    return stdout;
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
  }

  /** Merges a pull request as GitHub does, and checks it out. @returns the merge commit */
  async merge(number: number, title: string, change: () => void): Promise<string> {
    await this.git("pull", "--quiet", "--rebase");
    await this.git("switch", "--quiet", "--create", `branch-${number}`);
    change();
    await this.commit(`Work on ${number}`);
    await this.git("switch", "--quiet", "main");
    await this.git(
      "merge",
      "--quiet",
      "--no-ff",
      `branch-${number}`,
      "-m",
      `Merge pull request #${number} from ada/branch-${number}\n\n${title}`,
    );
    await this.git("push", "--quiet");
    return this.git("rev-parse", "HEAD");
  }

  /** A fresh clone, as a colleague has it. @returns its folder */
  async cloneElsewhere(): Promise<string> {
    const folder = mkdtempSync(join(this.clones, "clone-"));
    await execa("git", ["clone", "--quiet", this.remote, folder]);
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, ".git/info/exclude"), "node_modules\n");
    return folder;
  }

  /** From now on the remote refuses pushes to main, as a ruleset does. */
  protectMain(): void {
    const script =
      "while read -r _ _ ref; do\n  [ $ref != refs/heads/main ] || { echo 'main is protected' >&2; exit 1; }\ndone\n";
    writeFileSync(join(this.remote, "hooks/pre-receive"), `#!/bin/sh\n${script}`, { mode: 0o755 });
  }

  /** Merges a branch into main as a pull request does, whatever main refuses. */
  async mergeInRemote(branch: string): Promise<void> {
    await this.inRemote("update-ref", "refs/heads/main", `refs/heads/${branch}`);
    await this.inRemote("update-ref", "-d", `refs/heads/${branch}`);
  }

  /** All tags of the remote. */
  async remoteTags(): Promise<string[]> {
    return (await this.inRemote("tag", "--list")).split("\n").filter(Boolean);
  }

  inRemote(...args: string[]): Promise<string> {
    return execa("git", ["--git-dir", this.remote, ...args]).then(({ stdout }) => stdout);
  }

  /** Makes the remote unreachable while `work` runs. */
  async withoutRemote<T>(work: () => Promise<T>): Promise<T> {
    renameSync(this.remote, `${this.remote}.away`);
    try {
      return await work();
    } finally {
      renameSync(`${this.remote}.away`, this.remote);
    }
  }

  slipway(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Run & { stdout: string }> {
    return this.workspace.slipway(args, environment);
  }

  /** Runs a command in another clone. */
  async slipwayIn(folder: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Run> {
    const { child } = await this.workspace.startSlipway(args, environment, folder);
    const { exitCode, all } = await child;
    return { exitCode: exitCode ?? -1, output: all };
  }

  /** Starts a command and sends a signal to it alone when `when` says so. */
  async signalled(
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    signal: NodeJS.Signals,
    when: () => Promise<boolean>,
  ): Promise<Run> {
    const { child } = await this.workspace.startSlipway(args, environment);
    while (child.exitCode === null && !(await when())) await new Promise((resolve) => setTimeout(resolve, 100));
    child.kill(signal);
    const { exitCode, all } = await child;
    return { exitCode: exitCode ?? -1, output: all };
  }

  /** Starts a command and kills its whole process tree when `when` says so. */
  async killed(args: readonly string[], environment: NodeJS.ProcessEnv, when: () => boolean): Promise<void> {
    const { child } = await this.workspace.startSlipway(args, environment);
    while (child.exitCode === null && !when()) await new Promise((resolve) => setTimeout(resolve, 5));
    killTree(child.pid as number);
    await child;
  }

  /** Starts a command, suspends its whole process tree when `when` says so, runs `work`, and lets the command end. */
  async suspended(
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    when: () => boolean,
    work: () => Promise<void>,
  ): Promise<Run> {
    const { child } = await this.workspace.startSlipway(args, environment);
    while (child.exitCode === null && !when()) await new Promise((resolve) => setTimeout(resolve, 5));
    const tree = processTree(child.pid as number);
    for (const pid of tree) process.kill(pid, "SIGSTOP");
    try {
      await work();
    } finally {
      for (const pid of tree.reverse()) process.kill(pid, "SIGCONT");
    }
    const { exitCode, all } = await child;
    return { exitCode: exitCode ?? -1, output: all };
  }

  async remove(): Promise<void> {
    await this.workspace.remove();
    for (const folder of [this.remote, this.clones]) rmSync(folder, { recursive: true, force: true });
  }
}
