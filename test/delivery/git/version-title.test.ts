import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VersionPart } from "../../../delivery/git/version-number.ts";
import { versionPartFromTitle } from "../../../delivery/git/version-title.ts";

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
    ["feature: add gift cards", "minor"],
    ["feat:add gift cards", "minor"],
    ["BREAKING CHANGE: drop the old cards", "major"],
  ];
  it.each(titles)("reads %s as %s", (title, bump) => {
    expect(versionPartFromTitle(title)).toBe(bump);
  });

  it("finds marks anywhere in any case, and the largest counts", () => {
    const text = fc.string().map((words) => words.replaceAll(/["[]/g, "("));
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
    "feat add gift cards",
    "featured: add gift cards",
    "feat: ",
    "feat(): add gift cards",
    "Merge branch 'feat: cards' into main",
    "Bump the discount to 20 percent",
    "상품권 추가",
  ])("finds nothing in: %s", (title) => {
    expect(versionPartFromTitle(title)).toBeUndefined();
  });

  it("never fails, whatever the title", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (title) => void versionPartFromTitle(title)));
  });
});

describe("a revert", () => {
  const titles: [string, VersionPart][] = [
    ['Revert "feat: add gift cards (#11)" (#12)', "patch"],
    ['Revert "[major] Drop the old till (#13)" (#14)', "patch"],
    ['Revert "feat!: a title so long that GitHub moves the rest of it into the', "patch"],
    ["Revert “[major] Drop the old till”", "patch"],
    ["Revert [major] Drop the old till", "patch"],
    ["revert: feat!: drop the old till", "patch"],
    ['ABC-12 Revert "[major] Drop the old till"', "patch"],
    ['[minor] Revert "feat: add gift cards"', "minor"],
    ['feat!: revert "fix: a typo"', "major"],
    ["Revert the old till [minor]", "minor"],
    ['Revert "Revert "feat: add gift cards"" (#15)', "minor"],
    ['Reapply "feat: add gift cards" (#15)', "minor"],
    ['Revert "Reapply "feat: add gift cards"" (#15)', "patch"],
  ];
  it.each(titles)("%s is a %s", (title, bump) => {
    expect(versionPartFromTitle(title)).toBe(bump);
  });
});

describe("titles as teams write them", () => {
  const titles: [string, VersionPart][] = [
    ["[FEAT] 기프트카드 추가", "minor"],
    ["feat：기프트카드 추가", "minor"],
    ["feat : 기프트카드 추가", "minor"],
    ["feat(주문)!: 예전 카드 제거", "major"],
    ["［FIX］ 금액 반올림", "patch"],
    ["【Feat】 기프트카드 추가", "minor"],
    ["[Feat/#123] 기프트카드 추가", "minor"],
    ["Feat/#123: 기프트카드 추가", "minor"],
    ["hotfix: 결제 오류", "patch"],
    ["ABC-123 feat: add gift cards", "minor"],
    ["ABC-123: feat: add gift cards", "minor"],
    ["[ABC-123][FEAT] Add gift cards", "minor"],
    ["#123 fix: a typo", "patch"],
    ["WIP: feat: add gift cards", "minor"],
    ["[WIP] [FEAT] Add gift cards", "minor"],
    ["Draft: fix: a typo", "patch"],
    ["✨ feat: add gift cards", "minor"],
    [":bug: fix: a typo", "patch"],
    ["👩‍💻 [BE] feat: add gift cards", "minor"],
    ["fixup! feat: add gift cards", "minor"],
  ];
  it.each(titles)("%s is %s", (title, bump) => {
    expect(versionPartFromTitle(title)).toBe(bump);
  });

  it("can be of a team's own types, in any of these forms", () => {
    const types = { 기능: "minor", "[DB]": "major", "Urgent:": "patch", refactor: "minor" } as const;
    const found = [
      "기능: 추가",
      "[기능] 추가",
      "ABC-1 「기능」 추가",
      "db(cards): drop",
      "[Urgent] x",
      "refactor: x",
      "fix: x",
    ];
    expect(found.map((title) => versionPartFromTitle(title, types))).toEqual([
      "minor",
      "minor",
      "minor",
      "major",
      "patch",
      "minor",
      "patch",
    ]);
    expect(versionPartFromTitle("기능: 추가".normalize("NFD"), types)).toBe("minor");
  });
});

describe("titles of dependency bots", () => {
  it.each([
    "Bump left-pad from 1.2.0 to 2.0.0",
    "Bump the npm group across 1 directory with 3 updates",
    "Update dependency lodash to v5",
    "Update actions/checkout action to v7",
    "Lock file maintenance",
    "[Snyk] Upgrade lodash from 4.17.20 to 5.0.0",
    "build(deps-dev): bump lodash from 4.17.20 to 5.0.0",
  ])("%s is a patch", (title) => {
    expect(versionPartFromTitle(title)).toBe("patch");
  });
});
