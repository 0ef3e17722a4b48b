import type { Git } from "./repository.ts";
import { commitHash } from "./version-number.ts";

/**
 * The commit that a release was built from: the git tag of that name, else the hash in the name. Two commits can share a short
 * hash, and a tag cannot be confused.
 *
 * @returns undefined if git does not know the commit, or several have that hash.
 */
export async function findReleaseCommit(git: Git, release: string): Promise<string | undefined> {
  const hash = commitHash(release);
  const tagged = await git.findCommit(`refs/tags/${release}`);
  // A tag that was moved to another commit says nothing about the release.
  if (tagged !== undefined && (hash === undefined || tagged.startsWith(hash))) return tagged;
  if (hash === undefined) return undefined;
  const objects = (await git.textOrEmpty("rev-parse", `--disambiguate=${hash}`)).split("\n").filter(Boolean);
  const types = await Promise.all(objects.map((object) => git.textOrEmpty("cat-file", "-t", object)));
  const commits = objects.filter((_, index) => types[index] === "commit");
  return commits.length === 1 ? commits[0] : undefined;
}
