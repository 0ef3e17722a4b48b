import { type Git, gitErrorReason, REMOTE } from "./repository.ts";
import { commitHash, compareVersions, versionNumbers } from "./version-number.ts";

/** Release tags by commit, in ascending order. */
export type ReleaseTags = ReadonlyMap<string, readonly string[]>;

/** Release tags. A tag that was moved away from the commit that its name contains does not count. */
export async function listReleaseTags(git: Git): Promise<ReleaseTags> {
  const format = "%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
  const lines = await git.text("for-each-ref", "refs/tags/v*", `--format=${format}`);
  const tags = new Map<string, string[]>();
  for (const line of lines.split("\n")) {
    const [name = "", commit = ""] = line.split(" ");
    const hash = commitHash(name);
    if (versionNumbers(name) === undefined || (hash !== undefined && !commit.startsWith(hash))) continue;
    tags.set(commit, [...(tags.get(commit) ?? []), name].sort(byVersion));
  }
  return tags;
}

/** The largest release that a commit contains and another does not; undefined if there is none. */
export async function largestReleaseBetween(
  git: Git,
  tags: ReleaseTags,
  from: string | undefined,
  to: string,
): Promise<string | undefined> {
  const known = new Set([...tags.values()].flat());
  const without = from === undefined ? [] : [`--no-merged=${from}`];
  const names = await git.text(
    "for-each-ref",
    "refs/tags/v*",
    `--merged=${to}`,
    ...without,
    "--format=%(refname:strip=2)",
  );
  return names
    .split("\n")
    .filter((name) => known.has(name))
    .sort(byVersion)
    .at(-1);
}

function byVersion(a: string, b: string): number {
  return compareVersions(versionNumbers(a) ?? "0.0.0", versionNumbers(b) ?? "0.0.0");
}

/** Fetches the tags, and of a shallow clone the rest of the history. @returns why that failed, undefined if it did not */
export async function fetchReleases(git: Git, isShallow: boolean): Promise<string | undefined> {
  if (!(await git.hasRemote())) return undefined;
  try {
    await git.run("fetch", REMOTE, "--tags", "--quiet", ...(isShallow ? ["--unshallow"] : []));
    return undefined;
  } catch (error) {
    return gitErrorReason(error);
  }
}
