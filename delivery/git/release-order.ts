import { compare } from "semver";
import type { Update } from "../engine/history.ts";
import type { Git } from "./repository.ts";
import { commitHash, versionNumbers } from "./version-number.ts";

/**
 * Whether a release is older than another one: by the commits in their names, else by their version numbers, else because it ran
 * before the other one did.
 *
 * @param updates newest first
 */
export async function isOlder(
  git: Git | undefined,
  updates: readonly Update[],
  release: string,
  other: string,
): Promise<boolean> {
  if (release === other) return false;
  return (
    (await orderOfCommits(git, release, other)) ?? orderOfVersions(release, other) ?? ranBefore(updates, release, other)
  );
}

/** @returns undefined if git does not know both commits, or none contains the other. */
async function orderOfCommits(git: Git | undefined, release: string, other: string): Promise<boolean | undefined> {
  const [hash, otherHash] = [commitHash(release), commitHash(other)];
  if (!git || !hash || !otherHash) return undefined;
  const [commit, otherCommit] = [await git.findCommit(hash), await git.findCommit(otherHash)];
  if (!commit || !otherCommit || commit === otherCommit) return undefined;
  const base = await git.textOrEmpty("merge-base", commit, otherCommit);
  return base === commit ? true : base === otherCommit ? false : undefined;
}

/** @returns undefined if one of them has no number, or both have the same. */
function orderOfVersions(release: string, other: string): boolean | undefined {
  const [version, otherVersion] = [versionNumbers(release), versionNumbers(other)];
  if (!version || !otherVersion) return undefined;
  const order = compare(version, otherVersion);
  return order === 0 ? undefined : order < 0;
}

function ranBefore(updates: readonly Update[], release: string, other: string): boolean {
  const newest = (name: string) =>
    updates.findIndex(
      ({ result, releases: { release: all, tags } }) =>
        result === "succeeded" && [all, ...Object.values(tags)].includes(name),
    );
  return newest(release) > newest(other) && newest(other) !== -1;
}
