import { inc } from "semver";

export type VersionPart = "major" | "minor" | "patch";

/** https://www.conventionalcommits.org/en/v1.0.0/#specification, with the types that its Angular convention adds. */
const CONVENTIONAL =
  /^(?<type>feat|fix|perf|refactor|revert|docs|style|test|build|ci|chore)(\([^()\n]+\))?(?<breaking>!)?: \S/i;

/**
 * What a pull request's title asks for: `[major]`, `[minor]` or `[patch]` anywhere in it, else its type as a conventional
 * commit. With several marks the largest counts.
 *
 * @returns undefined where the title says nothing.
 */
export function versionPartFromTitle(title: string): VersionPart | undefined {
  const marks = [...title.matchAll(/\[(major|minor|patch)\]/gi)].map(([, mark]) => mark?.toLowerCase());
  for (const bump of ["major", "minor", "patch"] as const) if (marks.includes(bump)) return bump;
  const { type, breaking } = CONVENTIONAL.exec(title)?.groups ?? {};
  if (type === undefined) return undefined;
  if (breaking) return "major";
  return type.toLowerCase() === "feat" ? "minor" : "patch";
}

/** A release as this project tags it: `vX.Y.Z-<short hash>`, or `vX.Y.Z` where somebody tagged by hand. */
const RELEASE = /^v((?:(?:0|[1-9]\d*)\.){2}(?:0|[1-9]\d*))(?:-([0-9a-f]{7,40}))?$/;

/**
 * `X.Y.Z` of a release tag, without the hash: to semver that would be a pre-release, older than X.Y.Z itself, and a hash of
 * digits alone is none that semver takes.
 */
export function versionNumbers(tag: string): string | undefined {
  return RELEASE.exec(tag)?.[1];
}

/** The short hash in a release tag. */
export function commitHash(tag: string): string | undefined {
  return RELEASE.exec(tag)?.[2];
}

/** @param numbers `X.Y.Z` */
export function incrementVersion(numbers: string, bump: VersionPart): string {
  const next = inc(numbers, bump);
  if (next === null) throw new Error(`${numbers} is no version`);
  return next;
}
