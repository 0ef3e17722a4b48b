import type { ChildProcess } from "node:child_process";
import { execa } from "execa";
import { Failure } from "../failure.ts";

/** A remote that does not answer must not hold up a deploy for longer. */
const SILENCE_MILLISECONDS = 30_000;
/** The hooks of a remote may check a push for long without a word. */
const PUSH_SILENCE_MILLISECONDS = 180_000;

/** The remote that records and tags are pushed to. */
export const REMOTE = "origin";

/** Arguments that come before a command: hooks check other people's changes, and a missing linter must not stop a rollback. */
export const NO_HOOKS = ["-c", "core.hooksPath=/dev/null"];

/**
 * Settings that hold whatever the machine's config says: names of files are printed as they are, `git log` prints no signatures,
 * and a fetch or push leaves submodules alone, for which the job may have no login.
 */
const SETTINGS = [
  "core.quotePath=false",
  "log.showSignature=false",
  "fetch.recurseSubmodules=false",
  "push.recurseSubmodules=no",
].flatMap((setting) => ["-c", setting]);

const LAYOUT = ["--show-toplevel", "--show-prefix"];

/** A git command that failed. The message is what git wrote to standard error, without the passwords of URLs. */
export class GitError extends Error {
  override readonly name = "GitError";

  constructor(message: string) {
    super(message.replaceAll(/(\w:\/\/)[^\s/]+@/g, "$1"));
  }
}

export interface GitOptions {
  /** Variables beside those of the process. @default - none */
  environment?: NodeJS.ProcessEnv;
  /** Time without any output after which a command is ended. @default 30000 */
  silenceMilliseconds?: number;
  /** The same for a push. @default 180000 */
  pushSilenceMilliseconds?: number;
  /** Time after which a command is ended even if it gives output. @default - none */
  limitMilliseconds?: number;
  /** Ends the command that runs, and lets no other one start. @default - none */
  signal?: AbortSignal;
}

/** The git command line in one folder. */
export class Git {
  /** Where commands run. */
  readonly folder: string;
  private readonly options: GitOptions;
  private readonly answers = new Map<string, Promise<string>>();

  constructor(folder: string, options: GitOptions = {}) {
    this.folder = folder;
    this.options = options;
  }

  /**
   * Runs a command. Logins, SSH commands and certificates that the shell or CI has set for git apply, as on the command line.
   *
   * @returns standard output as it is, for it may be a file's content.
   * @throws GitError if the command fails or is silent for too long, Failure if git is not installed.
   */
  async run(...args: string[]): Promise<string> {
    return this.execute(args, { stdin: "ignore" });
  }

  /** The same with a text as standard input. */
  async feed(input: string, ...args: string[]): Promise<string> {
    return this.execute(args, { input });
  }

  private async execute(args: string[], input: { stdin: "ignore" } | { input: string }): Promise<string> {
    if (this.options.signal?.aborted) throw new GitError(interrupted(args));
    const child = execa("git", [...SETTINGS, ...args], {
      cwd: this.folder,
      env: {
        // Without it git waits for a password that nobody types.
        GIT_TERMINAL_PROMPT: process.env.GIT_TERMINAL_PROMPT ?? "0",
        // Messages are matched, and would be translated otherwise.
        LC_ALL: "C.UTF-8",
        LANGUAGE: "",
        ...this.options.environment,
      },
      ...input,
      stripFinalNewline: false,
      maxBuffer: Number.POSITIVE_INFINITY,
      reject: false,
    });
    const result = await this.unlessSilent(child, args);
    if (result.exitCode === 0) return result.stdout;
    if (result.code === "ENOENT") throw new Failure("git is not on PATH. Install it: https://git-scm.com/downloads");
    throw new GitError(result.stderr.trim() || `git ${args[0]} ended with exit code ${result.exitCode}`);
  }

  /** Waits for the command as long as it gives output. @throws GitError if it was silent for too long, or aborted, and was killed. */
  private async unlessSilent<T>(
    child: PromiseLike<T> & Pick<ChildProcess, "stdout" | "stderr" | "kill">,
    args: string[],
  ) {
    const { silenceMilliseconds = SILENCE_MILLISECONDS, pushSilenceMilliseconds = PUSH_SILENCE_MILLISECONDS } =
      this.options;
    const most = args.includes("push") ? pushSilenceMilliseconds : silenceMilliseconds;
    const silent = Promise.withResolvers<never>();
    const stop = (reason: string) => {
      silent.reject(new GitError(reason));
      child.kill();
      // A helper of git that waits for the network may outlive it and keep the pipes open.
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    };
    const timer = setTimeout(() => stop(`git ${args[0]} gave no output for ${most / 1000} s`), most);
    const { limitMilliseconds: limit } = this.options;
    const tooLong = limit && setTimeout(() => stop(`git ${args[0]} did not end within ${limit / 1000} s`), limit);
    const abort = () => stop(interrupted(args));
    this.options.signal?.addEventListener("abort", abort, { once: true });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", () => timer.refresh());
    try {
      return await Promise.race([child, silent.promise]);
    } finally {
      clearTimeout(timer);
      clearTimeout(tooLong);
      this.options.signal?.removeEventListener("abort", abort);
    }
  }

  /** The same without the white space around the output. */
  async text(...args: string[]): Promise<string> {
    return (await this.run(...args)).trim();
  }

  /** The same, empty if the command fails: for a question to which git answers no by failing. */
  async textOrEmpty(...args: string[]): Promise<string> {
    return (await unlessGitError(this.text(...args))) ?? "";
  }

  /** The output of a command that runs once, however often it is asked: for what stays the same while a command of ours runs. */
  async once(...args: string[]): Promise<string> {
    const question = args.join("\0");
    const answer = this.answers.get(question) ?? this.run(...args);
    this.answers.set(question, answer);
    return answer;
  }

  /** Top folder of the repository, and the path of this folder from there: `deploy/`, empty for the top folder itself. */
  async layout(): Promise<{ top: string; prefix: string }> {
    // Only the last line break is git's own.
    const [, top = "", prefix = ""] = /^(.*)\n(.*)\n$/s.exec(await this.once("rev-parse", ...LAYOUT)) ?? [];
    return { top, prefix };
  }

  /** The commit that a revision names, undefined if there is none. */
  async findCommit(revision: string): Promise<string | undefined> {
    return (await this.textOrEmpty("rev-parse", "--verify", "--quiet", `${revision}^{commit}`)) || undefined;
  }

  /** A file's content in a commit. @param path relative to the folder with `./` before it, else to the repository */
  async readFile(commit: string, path: string): Promise<string> {
    return this.run("show", `${commit}:${path}`);
  }

  async hasRemote(): Promise<boolean> {
    return (await this.once("remote")).split("\n").includes(REMOTE);
  }
}

const interrupted = (args: readonly string[]) => `git ${args[0]} was interrupted`;

/** @returns undefined if the command failed. */
export async function unlessGitError<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof GitError) return undefined;
    throw error;
  });
}

/**
 * The git repository of the project.
 *
 * @throws Failure if there is none, or git refuses to use it.
 */
export async function openRepository(root: string): Promise<Git> {
  const git = new Git(root);
  try {
    await git.layout();
    return git;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const [, foreign] = /dubious ownership in repository at '(.+)'/.exec(error.message) ?? [];
    if (foreign !== undefined) {
      throw new Failure(
        `git does not use the repository at ${foreign}, because another user owns it. If you trust it, allow it: ` +
          `git config --global --add safe.directory '${foreign}'. In a container, set GIT_CONFIG_COUNT=1, ` +
          `GIT_CONFIG_KEY_0=safe.directory and GIT_CONFIG_VALUE_0='${foreign}' instead.`,
      );
    }
    if (!/not a git repository|must be run in a work tree/i.test(error.message)) {
      throw new Failure(`git cannot use the repository at ${root}: ${gitErrorReason(error)}.`);
    }
  }
  throw new Failure(
    `${root} is not in a git repository, and the record of what runs where is kept in git. Run git init, or clone the repository.`,
  );
}

/** The same repository with an index of its own, so that what is staged in the checkout stays out of a commit. */
export async function withIndex(git: Git, index: string): Promise<Git> {
  return new Git((await git.layout()).top, { environment: { GIT_INDEX_FILE: index } });
}

/** Arguments that name a committer where git has none, as in CI. Empty where it has one. */
export async function identityArguments(git: Git, actor: string): Promise<string[]> {
  const email = await unlessGitError(git.once("config", "--get", "user.email"));
  if (email) return [];
  const account = actor.replace(/[^A-Za-z0-9._-]+/g, "-") || "slipway";
  return ["-c", `user.name=${actor}`, "-c", `user.email=${account}@users.noreply.github.com`];
}

/** What to do if git cannot sign a commit, as a sentence; empty if git does not sign here. */
export async function signingAdvice(git: Git): Promise<string> {
  if ((await git.textOrEmpty("config", "--type=bool", "--get", "commit.gpgSign")) !== "true") return "";
  return (
    " git signs each commit here (commit.gpgSign). If the key is not at hand, turn that off for this clone " +
    "(git config commit.gpgSign false), or add --no-commit."
  );
}

/** The line of git's output that says what went wrong, without its hints. */
export function gitErrorReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split("\n").map((line) => line.trim());
  const reason = lines.find((line) => /^(fatal|error|remote: error| ! \[)/.test(line) || /rejected/.test(line));
  return (reason ?? lines.find((line) => line !== "") ?? "").replace(/^(fatal|error): /, "").replace(/\.$/, "");
}
