import { compare, inc } from "semver";

/** The part of `X.Y.Z` that a change increments. */
export type VersionPart = "major" | "minor" | "patch";

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

/** Orders `X.Y.Z`, for Array.sort. */
export const compareVersions: (a: string, b: string) => number = compare;
