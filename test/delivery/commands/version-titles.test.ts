import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeGitHub } from "../../e2e/github-and-slack.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { type Clone, useRepositories } from "../repositories.ts";
import { next, release, short } from "./versions.ts";

let clone: Clone;

const copy = useRepositories();
beforeEach(() => {
  stubMachine();
  ({ clone } = copy());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("with GitHub", () => {
  const github = new FakeGitHub("a-token");

  beforeEach(async () => {
    await github.server.start();
    github.pullRequests.length = 0;
    stubMachine({ GITHUB_TOKEN: "a-token", GITHUB_REPOSITORY: "example/shop", GITHUB_API_URL: github.server.url });
  });
  afterEach(() => github.server.cut());

  /** A pull request whose title was changed after the merge. */
  const retitled = (number: number, commit: string, title: string) =>
    github.pullRequests.push({ number, title, merge_commit_sha: commit, merged_at: "2026-01-31T12:00:00Z" });

  it("uses the pull requests' current titles, of the earlier merges as well", async () => {
    await release(clone, "v1.2.3");
    retitled(6, await clone.merge("Merge pull request #6 from ada/cards\n\nAdd gift cards"), "[major] Add gift cards");
    retitled(7, await clone.merge("Merge pull request #7 from ada/typo\n\nfeat: a typo"), "fix: a typo");
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v2\.0\.1-/), title: "fix: a typo" });
    expect(github.unexpected).toEqual([]);
  });

  it("prefers --title", async () => {
    await release(clone, "v1.2.3");
    retitled(7, await clone.merge("Merge pull request #7 from ada/typo\n\nfeat: a typo"), "fix: a typo");
    expect((await next(clone, "[major] Fix a typo")).version).toMatch(/^v2\.0\.0-/);
  });

  it("warns if GitHub cannot be reached, and uses commit messages", async () => {
    await release(clone, "v1.2.3", "feat: add gift cards");
    await github.server.cut();
    const heard = captureOutput();
    expect((await next(clone)).version).toMatch(/^v1\.3\.0-/);
    expect(heard.stderr).toBe(
      `⚠ version: GitHub does not give the pull request of ${short(await clone.head())} (ECONNREFUSED); commit messages are used.\n`,
    );
  });
});
