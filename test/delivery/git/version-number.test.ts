import fc from "fast-check";
import { gt } from "semver";
import { describe, expect, it } from "vitest";
import {
  commitHash,
  incrementVersion,
  type VersionPart,
  versionNumbers,
  versionPartFromTitle,
} from "../../../delivery/git/version-number.ts";

const BUMPS = ["major", "minor", "patch"] as const;

describe("versionPartFromTitle", () => {
  const titles: [string, VersionPart][] = [
    ["[minor] Add gift cards", "minor"],
    ["Add gift cards [MAJOR]", "major"],
    ["[patch] feat!: add gift cards", "patch"],
    ["feat: add gift cards", "minor"],
    ["Feat(api): add gift cards", "minor"],
    ["feat(api/cards)!: drop the old cards", "major"],
    ["refactor!: drop the old cards", "major"],
    ["fix: count in cents", "patch"],
    ["chore(deps): bump lodash from 4.17.20 to 4.17.21", "patch"],
  ];
  it.each(titles)("reads %s as %s", (title, bump) => {
    expect(versionPartFromTitle(title)).toBe(bump);
  });

  it("finds marks anywhere in any case, and the largest counts", () => {
    const text = fc.string().map((words) => words.replaceAll("[", "("));
    const mark = fc
      .constantFrom(...BUMPS)
      .chain((bump) => fc.record({ bump: fc.constant(bump), written: fc.mixedCase(fc.constant(bump)) }));
    fc.assert(
      fc.property(text, fc.array(fc.tuple(mark, text), { minLength: 1, maxLength: 4 }), (start, rest) => {
        const title = `${start}${rest.map(([{ written }, words]) => `[${written}]${words}`).join("")}`;
        const bumps = rest.map(([{ bump }]) => bump);
        expect(versionPartFromTitle(title)).toBe(BUMPS.find((bump) => bumps.includes(bump)));
      }),
    );
  });

  it.each([
    "Add gift cards",
    "",
    "[ minor ] Add gift cards",
    "minor: add gift cards",
    "feature: add gift cards",
    "feat add gift cards",
    "feat:add gift cards",
    "feat: ",
    "feat(): add gift cards",
    'Revert "feat: add gift cards"',
    "Merge branch 'feat: cards' into main",
  ])("finds nothing in: %s", (title) => {
    expect(versionPartFromTitle(title)).toBeUndefined();
  });
});

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
