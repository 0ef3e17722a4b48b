import { inc } from "semver";

/** The part of `X.Y.Z` that a change increments. */
export type VersionPart = "major" | "minor" | "patch";

/** https://www.conventionalcommits.org/en/v1.0.0/#specification, with the types that its Angular convention adds. */
const CONVENTIONAL =
  /^(?<type>feat|fix|perf|refactor|revert|docs|style|test|build|ci|chore)(\([^()\n]+\))?(?<breaking>!)?: \S/i;

/**
 * The part that a pull request's title asks to increment: `[major]`, `[minor]` or `[patch]` anywhere in it, else its type as a
 * conventional commit. The largest of several marks counts.
 *
 * @returns undefined if the title has neither.
 */
export function versionPartFromTitle(title: string): VersionPart | undefined {
  const marks = [...title.matchAll(/\[(major|minor|patch)\]/gi)].map(([, mark]) => mark?.toLowerCase());
  for (const part of ["major", "minor", "patch"] as const) if (marks.includes(part)) return part;
  const { type, breaking } = CONVENTIONAL.exec(title)?.groups ?? {};
  if (type === undefined) return undefined;
  if (breaking) return "major";
  return type.toLowerCase() === "feat" ? "minor" : "patch";
}

/** A release tag of this project: `vX.Y.Z-<short hash>`, or `vX.Y.Z` if somebody tagged by hand. */
const RELEASE = /^v((?:(?:0|[1-9]\d*)\.){2}(?:0|[1-9]\d*))(?:-([0-9a-f]{7,40}))?$/;

/**
 * `X.Y.Z` of a release tag, without the hash. To semver a hash is a pre-release, which is older than X.Y.Z itself, and a hash of
 * digits with a leading zero is invalid.
 */
export function versionNumbers(tag: string): string | undefined {
  return RELEASE.exec(tag)?.[1];
}

/** The short commit hash in a release tag. */
export function commitHash(tag: string): string | undefined {
  return RELEASE.exec(tag)?.[2];
}

/** @param numbers `X.Y.Z` */
export function incrementVersion(numbers: string, part: VersionPart): string {
  const next = inc(numbers, part);
  if (next === null) throw new Error(`${numbers} is not a version`);
  return next;
}
