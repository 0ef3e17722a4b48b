import { type SimpleGit, simpleGit } from "simple-git";
import { Failure, reasonOf } from "../failure.ts";

/** A remote that does not answer must not hold a deploy up for longer. */
const SILENCE_MILLISECONDS = 30_000;
/** Somebody else may push between our look and our push, each time anew. */
const MOST_PUSHES = 5;

export const REMOTE = "origin";

/**
 * The git repository of the project.
 *
 * @throws Failure where there is none.
 */
export async function openRepository(root: string): Promise<SimpleGit> {
  // Asked for a password, git would wait for ever.
  process.env.GIT_TERMINAL_PROMPT ??= "0";
  // What the shell or CI has set for git (a login, an SSH command, certificates) counts here as it does by hand.
  const allowEnvironment = Object.keys(process.env).filter((name) => /^(GIT_|SSH_ASKPASS$)/.test(name));
  const git = simpleGit({
    baseDir: root,
    timeout: { block: SILENCE_MILLISECONDS },
    allowEnvironment,
    unsafe: { allowUnsafeHooksPath: true },
  });
  if (!(await git.checkIsRepo())) {
    throw new Failure(
      `${root} is not in a git repository, which holds the record of what runs where. Run git init, or clone.`,
    );
  }
  return git;
}

/** The same repository with an index of its own: what is staged in the checkout stays out of it. */
export function withIndex(root: string, index: string): SimpleGit {
  const { PATH = "", HOME = "" } = process.env;
  return simpleGit({ baseDir: root, allowEnvironment: ["GIT_INDEX_FILE"] }).env({ PATH, HOME, GIT_INDEX_FILE: index });
}

export async function hasRemote(git: SimpleGit): Promise<boolean> {
  return (await git.getRemotes()).some(({ name }) => name === REMOTE);
}

/** Before a command, for no hook to be run: what hooks check is others' business, and at night nobody mends a linter first. */
export const NO_HOOKS = ["-c", "core.hooksPath=/dev/null"];

/** Who commits where git has nobody, as in CI. */
export async function identityArguments(git: SimpleGit, actor: string): Promise<string[]> {
  const { value } = await git.getConfig("user.email");
  if (value) return [];
  const account = actor.replace(/[^A-Za-z0-9._-]+/g, "-") || "slipway";
  return ["-c", `user.name=${actor}`, "-c", `user.email=${account}@users.noreply.github.com`];
}

/**
 * Puts a tag on a commit of the remote, and here. Of the light kind, which is the same whoever makes it: made twice, or by two at
 * once, it is there once.
 *
 * @throws Failure if the remote has it on another commit, cannot be reached or refuses.
 */
export async function pushTag(git: SimpleGit, name: string, commit: string): Promise<void> {
  if (!(await hasRemote(git))) throw new Failure(`there is no remote ${REMOTE} to push the tag ${name} to. Add one`);
  const ref = `refs/tags/${name}`;
  const own = (await git.raw(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]).catch(() => "")).trim();
  // One that somebody made by hand stays of the kind that it is.
  const pushed = own === commit ? ref : commit;
  await retryPush(async () => void (await git.raw([...NO_HOOKS, "push", "--quiet", REMOTE, `${pushed}:${ref}`])));
  if (own !== commit) await git.raw(["update-ref", ref, commit]);
}

/** Whether a push was turned away because the remote has moved on; another look and another try will do. */
function isOutrun(error: unknown): boolean {
  return (
    error instanceof Error &&
    /non-fast-forward|fetch first|cannot lock ref|failed to update ref|stale info/.test(error.message)
  );
}

/**
 * Pushes, as often as it takes when others push at the same time.
 *
 * @param attempt one look and one push; throws what git says.
 * @throws Failure that says why the remote cannot be written to.
 */
export async function retryPush(attempt: () => Promise<void>): Promise<void> {
  for (let pushes = 1; ; pushes++) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (isOutrun(error) && pushes < MOST_PUSHES) continue;
      throw new Failure(`${REMOTE} cannot be pushed to: ${gitErrorReason(error)}`);
    }
  }
}

/** What git said, without its hints. */
export function gitErrorReason(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error);
  const lines = error.message.split("\n").map((line) => line.trim());
  const telling = lines.find((line) => /^(fatal|error|remote: error| ! \[)/.test(line) || /rejected/.test(line));
  return (telling ?? lines.find((line) => line !== "") ?? "").replace(/^(fatal|error): /, "").replace(/\.$/, "");
}
