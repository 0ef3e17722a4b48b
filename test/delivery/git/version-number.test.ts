import fc from "fast-check";
import { gt } from "semver";
import { describe, expect, it } from "vitest";
import { commitHash, incrementVersion, versionNumbers } from "../../../delivery/git/version-number.ts";

const BUMPS = ["major", "minor", "patch"] as const;

describe("a release tag", () => {
  it.each([
    ["v1.2.3-5e15f0a", "1.2.3", "5e15f0a"],
    ["v1.2.3-1234567", "1.2.3", "1234567"],
    ["v0.10.0-0123456", "0.10.0", "0123456"],
    ["v1.2.3", "1.2.3", undefined],
  ])("%s has numbers and a hash", (tag, numbers, hash) => {
    expect(versionNumbers(tag)).toBe(numbers);
    expect(commitHash(tag)).toBe(hash);
  });

  it.each([
    "1.2.3",
    "v1.2",
    "v1.2.3-rc.1",
    "v1.2.3-5e15f",
    "v1.2.3-5E15F0A",
    "v1.2.3-snapshot",
    "prod/v1.2.3-5e15f0a/41",
    "v1.2.3-5e15f0a\n",
    "v2026.01.31",
  ])("is not %j", (tag) => {
    expect(versionNumbers(tag)).toBeUndefined();
  });

  it("can be incremented, whatever its hash is", () => {
    const number = fc.nat(10_000);
    const hash = fc.oneof(fc.stringMatching(/^[0-9]{7}$/), fc.stringMatching(/^[0-9a-f]{7,40}$/));
    fc.assert(
      fc.property(number, number, number, hash, fc.constantFrom(...BUMPS), (major, minor, patch, hash, bump) => {
        const tag = `v${major}.${minor}.${patch}-${hash}`;
        const next = incrementVersion(versionNumbers(tag) ?? "", bump);
        const expected = { major: [major + 1, 0, 0], minor: [major, minor + 1, 0], patch: [major, minor, patch + 1] };
        expect(next).toBe(expected[bump].join("."));
        expect(gt(next, `${major}.${minor}.${patch}`)).toBe(true);
        expect(commitHash(tag)).toBe(hash);
      }),
    );
  });
});
