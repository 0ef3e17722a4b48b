import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

/** The author of the tests' own commits. The code under test has to find an identity itself. */
const GRACE = {
  GIT_AUTHOR_NAME: "Grace",
  GIT_AUTHOR_EMAIL: "grace@example.com",
  GIT_COMMITTER_NAME: "Grace",
  GIT_COMMITTER_EMAIL: "grace@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** Without the sample hooks, to be copied quickly, and without clean-up after each command, for which git starts another one. */
const TEMPLATE = `--template=${join(import.meta.dirname, "repository-template")}`;

/** Each command is a minute after the one before, because git's dates have a resolution of a second. */
let minutes = 0;

async function git(folder: string, args: readonly string[]): Promise<string> {
  const date = `${Date.UTC(2024, 0, 1) / 1000 + 60 * ++minutes} +0000`;
  const env = { ...GRACE, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const { stdout } = await execa("git", args, { cwd: folder, env });
  return stdout;
}

/** A bare repository that clones push to. */
export class Remote {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(folder = temporaryFolder()): Promise<Remote> {
    const path = join(folder, "shop.git");
    await git("/", ["init", "--quiet", "--bare", TEMPLATE, "--initial-branch=main", path]);
    return new Remote(path);
  }

  async clone(...options: string[]): Promise<Clone> {
    return this.cloneInto(temporaryFolder(), options);
  }

  async cloneInto(folder: string, options: readonly string[] = []): Promise<Clone> {
    const root = join(folder, "clone");
    await git("/", ["clone", "--quiet", TEMPLATE, ...options, `file://${this.path}`, root]);
    return new Clone(root);
  }

  /** A copy of this remote and of a clone that has it as its origin. */
  copyWith(clone: Clone): { remote: Remote; clone: Clone } {
    const folder = temporaryFolder();
    const remote = new Remote(join(folder, "shop.git"));
    const copy = new Clone(join(folder, "clone"));
    cpSync(this.path, remote.path, { recursive: true });
    cpSync(clone.root, copy.root, { recursive: true });
    copy.write(".git/config", copy.read(".git/config").replace(this.path, remote.path));
    return { remote, clone: copy };
  }

  git(...args: string[]): Promise<string> {
    return git(this.path, args);
  }

  /** `<name> <commit>` of each tag. */
  async tags(): Promise<string[]> {
    const format = "%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
    return linesOf(await this.git("for-each-ref", "refs/tags", `--format=${format}`));
  }

  /** Makes the remote unreachable while `work` runs. */
  async whileAway<T>(work: () => Promise<T>): Promise<T> {
    renameSync(this.path, `${this.path}.away`);
    try {
      return await work();
    } finally {
      renameSync(`${this.path}.away`, this.path);
    }
  }

  hook(name: string, script: string): void {
    writeHook(join(this.path, "hooks"), name, script);
  }
}

/** A clone, or a repository without a remote. */
export class Clone {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** A repository without a remote. */
  static async alone(): Promise<Clone> {
    const clone = new Clone(temporaryFolder());
    await clone.git("init", "--quiet", TEMPLATE, "--initial-branch=main");
    return clone;
  }

  git(...args: string[]): Promise<string> {
    return git(this.root, args);
  }

  /** @returns the commit. Read from the branch's file if there is one, to save a command. */
  async head(): Promise<string> {
    // In a submodule .git is a file. A branch that was fetched and not changed since may be among the packed refs.
    const head = join(this.root, ".git/HEAD");
    const [, ref = ""] = (existsSync(head) && /^ref: (.+)\n$/.exec(readFileSync(head, "utf8"))) || [];
    return ref && existsSync(join(this.root, ".git", ref))
      ? this.read(join(".git", ref)).trim()
      : this.git("rev-parse", "HEAD");
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
    if (Object.keys(files).length > 0) await this.git("add", "--", ...Object.keys(files));
    await this.git("commit", "--quiet", "--allow-empty", "--message", message);
    return this.head();
  }

  /** Merges a pull request with a commit of its own. @returns the merge commit */
  async merge(message: string): Promise<string> {
    await this.git("switch", "--quiet", "--create", "pull-request");
    await this.commit("feat!: a commit of the branch");
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

/**
 * A remote with one commit and a clone of it. Call it at the top of a test file; the repositories are created once.
 *
 * @param files of the commit
 * @returns copies them for a test
 */
export function useRepositories(files: Record<string, string> | (() => Record<string, string>) = {}) {
  let folder: string;
  let template: { remote: Remote; clone: Clone };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
    const remote = await Remote.create(folder);
    const clone = await remote.cloneInto(folder);
    await clone.commit("feat: begin", typeof files === "function" ? files() : files);
    await clone.push();
    template = { remote, clone };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => template.remote.copyWith(template.clone);
}

function writeHook(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

export function linesOf(text: string): string[] {
  return text.split("\n").filter(Boolean);
}
