import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { temporaryFolder } from "../temporary-folder.ts";

/** Whoever works in the repositories of a test; the code under test must find an identity of its own. */
const GRACE = {
  GIT_AUTHOR_NAME: "Grace",
  GIT_AUTHOR_EMAIL: "grace@example.com",
  GIT_COMMITTER_NAME: "Grace",
  GIT_COMMITTER_EMAIL: "grace@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** A minute from one command to the next, so that git, which counts in seconds, can tell what came first. */
let minutes = 0;

async function git(folder: string, args: readonly string[]): Promise<string> {
  const date = `${Date.UTC(2024, 0, 1) / 1000 + 60 * ++minutes} +0000`;
  const env = { ...GRACE, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const { stdout } = await execa("git", args, { cwd: folder, env });
  return stdout;
}

/** A bare repository, which clones push to for real, for as long as the test runs. */
export class Remote {
  readonly path = join(temporaryFolder(), "shop.git");

  static async create(): Promise<Remote> {
    const remote = new Remote();
    await git("/", ["init", "--quiet", "--bare", "--initial-branch=main", remote.path]);
    return remote;
  }

  async clone(...options: string[]): Promise<Clone> {
    const root = join(temporaryFolder(), "clone");
    await git("/", ["clone", "--quiet", ...options, `file://${this.path}`, root]);
    return new Clone(root);
  }

  git(...args: string[]): Promise<string> {
    return git(this.path, args);
  }

  /** `<name> <commit>` of each tag. */
  async tags(): Promise<string[]> {
    const format = "%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
    return linesOf(await this.git("for-each-ref", "refs/tags", `--format=${format}`));
  }

  /** Takes it away while something is done. */
  async away<T>(work: () => Promise<T>): Promise<T> {
    renameSync(this.path, `${this.path}.away`);
    try {
      return await work();
    } finally {
      renameSync(`${this.path}.away`, this.path);
    }
  }

  /** A hook that is run here, or in a clone. */
  hook(name: string, script: string): void {
    writeHook(join(this.path, "hooks"), name, script);
  }
}

/** A clone, or a repository without a remote. */
export class Clone {
  constructor(readonly root: string) {}

  static async alone(): Promise<Clone> {
    const clone = new Clone(temporaryFolder());
    await clone.git("init", "--quiet", "--initial-branch=main");
    return clone;
  }

  git(...args: string[]): Promise<string> {
    return git(this.root, args);
  }

  /** @returns the commit. */
  head(): Promise<string> {
    return this.git("rev-parse", "HEAD");
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }

  /** Commits files, or nothing. @returns the commit */
  async commit(message: string, files: Record<string, string> = {}): Promise<string> {
    for (const [file, text] of Object.entries(files)) this.write(file, text);
    await this.git("add", "--", ...Object.keys(files));
    await this.git("commit", "--quiet", "--allow-empty", "--message", message);
    return this.head();
  }

  /** A pull request that is merged here, after work on its branch. @returns the merge commit */
  async merge(message: string): Promise<string> {
    await this.git("switch", "--quiet", "--create", "pull-request");
    await this.commit("feat!: work that the title does not tell of");
    await this.git("switch", "--quiet", "main");
    await this.git("merge", "--quiet", "--no-ff", "--message", message, "pull-request");
    await this.git("branch", "--quiet", "--delete", "pull-request");
    return this.head();
  }

  async push(): Promise<void> {
    await this.git("push", "--quiet", "origin", "HEAD");
  }

  hook(name: string, script: string): void {
    writeHook(join(this.root, ".git/hooks"), name, script);
  }
}

function writeHook(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

export function linesOf(text: string): string[] {
  return text.split("\n").filter(Boolean);
}
