import type { Git } from "./repository.ts";
import { commitHash } from "./version-number.ts";

/** The commit that a release was built from: the hash in its name, else the git tag of that name. */
export async function findReleaseCommit(git: Git, release: string): Promise<string | undefined> {
  const hash = commitHash(release);
  return (hash && (await git.findCommit(hash))) || git.findCommit(`refs/tags/${release}`);
}
