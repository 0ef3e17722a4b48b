import { expect, it } from "vitest";
import { titleOf } from "../../../delivery/git/merges.ts";

const merge = (subject: string, body = "") => ({ commit: "5e15f0a", parents: [], author: "ada", subject, body });

it.each([
  ["a squashed commit", "feat: add gift cards (#7)", "* fix: a typo", "feat: add gift cards (#7)"],
  ["GitHub", "Merge pull request #7 from ada/cards", "feat: add gift cards", "feat: add gift cards"],
  [
    "Bitbucket",
    "Merged in cards (pull request #7)",
    "feat: add gift cards\n\nApproved-by: Ada",
    "feat: add gift cards",
  ],
  [
    "GitLab",
    "Merge branch 'cards' into 'main'",
    "feat: add gift cards\n\nSee merge request shop!7",
    "feat: add gift cards",
  ],
  ["Azure DevOps", "Merged PR 7: feat: add gift cards", "", "feat: add gift cards"],
  ["Bitbucket Data Center", "Pull request #7: feat: add gift cards", "Merge in SHOP/shop", "feat: add gift cards"],
  ["Gitea", "Merge pull request 'feat: add gift cards' (#7) from cards into main", "", "feat: add gift cards"],
  ["git itself", "Merge branch 'cards'", "", "Merge branch 'cards'"],
])("the title of a merge by %s is that of the pull request", (_, subject, body, title) => {
  expect(titleOf(merge(subject, body))).toBe(title);
});
