import { Failure } from "../failure.ts";
import { info } from "../output.ts";
import { type Git, gitErrorReason, NO_HOOKS, REMOTE } from "./repository.ts";

/** Others may push between our fetch and our push, several times in a row. */
export const MOST_ATTEMPTS = 5;

/** A push that takes longer says so, again and again. */
const REPORT_MILLISECONDS = 10_000;

/**
 * Creates a tag on a commit of the remote and in the clone. It is a lightweight tag, the same whoever creates it, so two jobs that
 * push it at once both succeed.
 *
 * @throws Failure if the remote has the tag on another commit, cannot be reached or refuses.
 */
export async function pushTag(git: Git, name: string, commit: string): Promise<void> {
  await requireRemote(git, `push the tag ${name} to`);
  const ref = `refs/tags/${name}`;
  const local = await git.findCommit(ref);
  // A tag that somebody created by hand may be annotated: push that object, not another one.
  const source = local === commit ? ref : commit;
  await retryPush(() => pushRef(git, `${source}:${ref}`));
  if (local !== commit) await git.run("update-ref", ref, commit);
}

/** Pushes one ref. A push over a slow line reports its progress, by which git is known to be alive. */
export async function pushRef(git: Git, refspec: string): Promise<void> {
  const waiting = setInterval(() => info(`Still pushing to ${REMOTE} …`), REPORT_MILLISECONDS);
  try {
    await git.run(...NO_HOOKS, "push", "--progress", REMOTE, refspec);
  } finally {
    clearInterval(waiting);
  }
}

/** @throws Failure that names the command to add it, if the repository has no remote. */
export async function requireRemote(git: Git, purpose: string): Promise<void> {
  if (await git.hasRemote()) return;
  throw new Failure(`there is no remote ${REMOTE} to ${purpose}. Add one: git remote add ${REMOTE} <url>`);
}

/** Git keeps a tag as a file, so there cannot be a tag `dev` beside `dev/v1.0.0`. */
const IN_THE_WAY = /'refs\/tags\/(\S+)' exists; cannot create/;

/** Whether a push was rejected because the remote has moved on, so that fetching and pushing again can succeed. */
export function isStale(error: unknown): boolean {
  return (
    error instanceof Error &&
    !IN_THE_WAY.test(error.message) &&
    /non-fast-forward|fetch first|cannot lock ref|failed to update ref|stale info/.test(error.message)
  );
}

/**
 * Pushes, and repeats that while others push at the same time.
 *
 * @param attempt one fetch and push; throws what git says.
 * @throws Failure with git's reason.
 */
export async function retryPush<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (isStale(error) && attempts < MOST_ATTEMPTS) continue;
      const tag = error instanceof Error && IN_THE_WAY.exec(error.message)?.[1];
      if (tag) {
        throw new Failure(
          `${REMOTE} has a tag ${tag}, and git cannot keep ${tag}/… beside it. Rename that tag, then delete it: git push ${REMOTE} :refs/tags/${tag}`,
        );
      }
      throw new Failure(`${REMOTE} cannot be pushed to: ${gitErrorReason(error)}`);
    }
  }
}
