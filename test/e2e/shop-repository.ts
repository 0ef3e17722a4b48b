import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { processTree, type Run, Workspace } from "./workspace.ts";

/** A team's repository: a workspace under git, with a bare remote that is pushed to for real. */
export class ShopRepository {
  readonly workspace: Workspace;
  private readonly remote = mkdtempSync(join(tmpdir(), "slipway-remote-"));

  constructor(
    readonly stack: string,
    environment: object,
  ) {
    this.workspace = new Workspace(stack, environment);
  }

  async begin(): Promise<void> {
    await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", this.remote]);
    await this.git("init", "--quiet", "--initial-branch=main");
    await this.git("config", "user.name", "Ada");
    await this.git("config", "user.email", "ada@example.com");
    await this.git("remote", "add", "origin", this.remote);
    // A link here, and so not what .gitignore names.
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

  /** A pull request that was merged on GitHub, and is checked out. @returns the merge commit */
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

  /** What the remote has: all tags, and the log of main. */
  async remoteTags(): Promise<string[]> {
    return (await this.inRemote("tag", "--list")).split("\n").filter(Boolean);
  }

  inRemote(...args: string[]): Promise<string> {
    return execa("git", ["--git-dir", this.remote, ...args]).then(({ stdout }) => stdout);
  }

  /** Takes the remote away while something is done. */
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

  /** Starts a command, and kills it with all that it has started as soon as that is wanted. */
  async killed(args: readonly string[], environment: NodeJS.ProcessEnv, when: () => boolean): Promise<void> {
    const { child } = await this.workspace.startSlipway(args, environment);
    while (child.exitCode === null && !when()) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const victim of processTree(child.pid as number)) process.kill(victim, "SIGKILL");
    await child;
  }

  async remove(): Promise<void> {
    await this.workspace.remove();
    rmSync(this.remote, { recursive: true, force: true });
  }
}
