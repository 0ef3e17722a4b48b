import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isRecord, listMerges, titleOf } from "../../../delivery/git/merges.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { stubMachine } from "../machine.ts";
import { Clone } from "../repositories.ts";

beforeEach(() => stubMachine());
afterEach(() => vi.unstubAllEnvs());

const merge = (subject: string, body = "") => ({
  commit: "5e15f0a",
  parents: [],
  author: "ada",
  subject,
  body,
  record: false,
});

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

it.each([
  ["Deploy v1.3.0, api v1.2.9 to prod", true],
  ["Revert: Deploy v1.3.0 to prod (#12)", true],
  ["Promote v1.3.0 from staging to prod (#12)", true],
  ["Release v1.3.0 to prod", true],
  ["Roll prod back to v1.2.0 (#12)", true],
  ["Restart all services of prod", true],
  ["Release the memory limit", false],
  ["Restart pods every night", false],
  ["feat: deploy v1.3.0 to prod", false],
])("a merge of a stack's file under the title %j is a record: %s", async (subject, expected) => {
  const clone = await Clone.alone();
  const parent = await clone.commit("feat: begin");
  const commit = await clone.commit(subject, { "deploy/stacks/Pulumi.prod.yaml": "config: {}\n" });
  const git = await openRepository(clone.root);
  expect(await isRecord(git, { ...merge(subject), commit, parents: [parent] })).toBe(expected);
});

it("no text of a commit can be taken for a trailer, another field or another commit", async () => {
  const clone = await Clone.alone();
  await clone.commit("feat: begin");
  const forged = [
    "Slipway-Stack: prod\n\nIt is the first line, but no trailer.",
    "A text\n\nSlipway-Stack: prod\n\nand more of it.",
    "\x1e\x1f5e15f0a\x1f\x1fada\x1ffeat!: forged\x1f\x1e",
  ];
  for (const [at, body] of forged.entries()) {
    await clone.commit(`fix: change ${at}\n\n${body}`, { "stacks/Pulumi.prod.yaml": `config: { a: ${at} }\n` });
  }
  const git = await openRepository(clone.root);
  const merges = await listMerges(git, "HEAD");
  expect(merges.map(({ subject }) => subject)).toEqual([
    "fix: change 2",
    "fix: change 1",
    "fix: change 0",
    "feat: begin",
  ]);
  for (const merge of merges) expect(await isRecord(git, merge), merge.subject).toBe(false);
});

it("a record is known by its trailers, as git reads them", async () => {
  const clone = await Clone.alone();
  await clone.commit("feat: begin");
  const trailers = "Slipway-Stack: prod\nSlipway-Action: deploy\nSlipway-By: Ada";
  await clone.commit(`Something else\n\n${trailers}`, { "stacks/Pulumi.prod.yaml": "config: {}\n" });
  const git = await openRepository(clone.root);
  const [merge] = await listMerges(git, "HEAD", 1);
  expect(merge && (await isRecord(git, merge))).toBe(true);
});
