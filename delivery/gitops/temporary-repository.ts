import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignalHold } from "../engine/signals.ts";
import { Failure, reasonOf } from "../failure.ts";
import { Git, GitError, type GitOptions, unlessGitError } from "../git/repository.ts";
import { warn } from "../output.ts";
import { loginEnvironment } from "./manifests-login.ts";

/** No fetch or push of manifests takes longer, however much it has to say. */
const LIMIT_MILLISECONDS = 600_000;

/** A hook or CI may have set these for another repository. */
const OF_OTHERS = [
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_SHALLOW_FILE",
  "GIT_COMMON_DIR",
];

export interface TemporaryRepositoryOptions {
  /** How long git's commands may be silent. @default - as everywhere */
  limits?: Pick<GitOptions, "silenceMilliseconds" | "pushSilenceMilliseconds" | "limitMilliseconds">;
  /** The hold of a caller that keeps signals itself. @default - one of its own: a signal ends the work, and then the process */
  signals?: SignalHold;
}

/**
 * Runs with an empty bare repository in a temporary folder. The folder is deleted at the end, also after an error or a signal.
 *
 * @param url of the repository that it talks to
 * @throws Failure if a signal ended it.
 */
export async function withTemporaryRepository<T>(
  url: string,
  { limits, signals }: TemporaryRepositoryOptions,
  use: (git: Git) => Promise<T>,
): Promise<T> {
  const hold = signals ?? new SignalHold();
  const interruption = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "slipway-manifests-"));
  const remove = () => removeFolder(folder);
  const detach = hold.attach(() => {
    if (!interruption.signal.aborted) return interruption.abort();
    // The second signal ends the process at once.
    remove();
    hold.release();
    process.kill(process.pid, hold.received);
  });
  process.once("exit", remove);
  let isDone = false;
  try {
    if (hold.received) interruption.abort();
    const git = new Git(folder, {
      limitMilliseconds: LIMIT_MILLISECONDS,
      ...limits,
      signal: interruption.signal,
      environment: await environmentOf(url, folder),
    });
    await git.run("init", "--quiet", "--bare", "--template=");
    const result = await use(git);
    isDone = true;
    return result;
  } catch (error) {
    if (!interruption.signal.aborted || !(error instanceof GitError)) throw error;
    throw new Failure(`${hold.received} ended it before anything was pushed. Run the same command again`);
  } finally {
    detach();
    process.off("exit", remove);
    remove();
    if (signals === undefined) hold.release();
    // A signal that came too late to interrupt anything still ends the process.
    if (signals === undefined && hold.received && isDone) process.kill(process.pid, hold.received);
  }
}

async function environmentOf(url: string, folder: string): Promise<NodeJS.ProcessEnv> {
  const others = Object.fromEntries(OF_OTHERS.map((name) => [name, undefined]));
  return {
    ...others,
    GIT_DIR: folder,
    GIT_LITERAL_PATHSPECS: "1",
    ...loginEnvironment(url),
    ...(await sshEnvironment(url)),
  };
}

/** ssh asks at the terminal by itself, whatever git is told. A command that somebody has chosen stays. */
async function sshEnvironment(url: string): Promise<NodeJS.ProcessEnv> {
  const isChosen = process.env.GIT_SSH_COMMAND || process.env.GIT_SSH;
  if (/^(https?|file):|^\//.test(url) || isChosen) return {};
  const configured = await unlessGitError(new Git(tmpdir()).text("config", "--get", "core.sshCommand"));
  return configured ? {} : { GIT_SSH_COMMAND: "ssh -o BatchMode=yes" };
}

function removeFolder(folder: string): void {
  try {
    // A helper of a git that was killed may still be writing here.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    warn(`${folder} could not be deleted (${reasonOf(error)}). It holds manifests and no login. Delete it yourself.`);
  }
}
