import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextVersion, type VersionOptions, version } from "../../../delivery/commands/version.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { FakeGitHub } from "../../e2e/github-and-slack.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { Clone, Remote } from "../repositories.ts";

const short = (commit: string) => commit.slice(0, 7);

let remote: Remote;
let clone: Clone;

beforeEach(async () => {
  stubMachine();
  remote = await Remote.create();
  clone = await remote.clone();
  await clone.commit("feat: begin");
  await clone.push();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const next = async ({ root }: Clone, title?: string) => nextVersion(await openRepository(root), title);

/** `version --push`. @returns what is printed */
async function push({ root }: Clone, options: VersionOptions = {}): Promise<string> {
  const heard = captureOutput();
  await version({ push: true, ...options }, root);
  vi.restoreAllMocks();
  return heard.stdout.trim();
}

/** A release that was tagged by hand, and what was merged since then. */
async function since(tag: string, ...messages: string[]): Promise<void> {
  await clone.git("tag", tag);
  for (const message of messages) await clone.commit(message);
  await clone.git("push", "--quiet", "--tags", "origin", "main");
}

describe("the number", () => {
  it("is counted from 0.0.0 for a first release, by what is merged last alone", async () => {
    await clone.commit("fix: mend it");
    expect(await next(clone)).toEqual({
      version: `v0.0.1-${short(await clone.head())}`,
      bump: "patch",
      commit: await clone.head(),
      title: "fix: mend it",
    });
  });

  it.each([
    ["a merge of GitHub", "Merge pull request #7 from ada/cards\n\n[minor] Add gift cards"],
    [
      "a merge of Bitbucket",
      "Merged in cards (pull request #7)\n\n[minor] Add gift cards\n\nApproved-by: Grace Hopper",
    ],
  ])("goes by the title of %s, and not by the commits of its branch", async (_, message) => {
    await since("v1.2.3");
    await clone.merge(message);
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v1\.3\.0-/), previous: "v1.2.3" });
  });

  it("goes by the subject of a squashed merge, whatever its body says", async () => {
    await since("v1.2.3", "feat: add gift cards (#7)\n\n* fix!: a typo\n* [major] a joke");
    expect((await next(clone)).version).toBe(`v1.3.0-${short(await clone.head())}`);
  });

  it("counts each merge since the last release, and no record of a deploy", async () => {
    await since(
      "v1.2.3",
      "fix: a typo",
      "feat: add gift cards",
      "feat!: Deploy v1.2.3 to dev [skip ci]\n\nSlipway-Stack: dev\nSlipway-Action: deploy",
      "Words without a mark, which got no release",
      "fix: mend it",
    );
    expect((await next(clone)).version).toBe(`v1.3.1-${short(await clone.head())}`);
  });

  it("is counted from the largest release of a commit: v0.10.0, not v0.9.0", async () => {
    await since("v0.10.0");
    await since("v0.9.0", "fix: mend it");
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v0\.10\.1-/), previous: "v0.10.0" });
  });

  it("does not start from a release that was moved to another commit", async () => {
    await since("v1.2.3", "fix: mend it");
    const released = await clone.head();
    await clone.commit("fix: mend more");
    await since(`v7.0.0-${short(released)}`, "fix: mend all");
    expect((await next(clone)).version).toMatch(/^v1\.2\.6-/);
  });

  it("is the next free one on a branch that comes to numbers another branch has", async () => {
    await since("v1.2.3");
    await clone.git("branch", "hotfix");
    await clone.commit("fix: on main");
    const onMain = await push(clone);
    await clone.git("switch", "--quiet", "hotfix");
    await clone.commit("fix: on the branch");
    expect(onMain).toMatch(/^v1\.2\.4-/);
    expect(await push(clone)).toMatch(/^v1\.2\.5-/);
  });
});

describe("asked again", () => {
  /** Whose tag is another object than one of ours, be it made in the same second. */
  async function ofSomebodyElse(): Promise<Clone> {
    const other = await remote.clone();
    await other.git("config", "user.name", "Grace");
    await other.git("config", "user.email", "grace@example.com");
    return other;
  }

  it("gives the same, and tags nothing more", async () => {
    const first = await push(clone);
    expect(await push(clone)).toBe(first);
    expect(await remote.tags()).toEqual([`${first} ${await clone.head()}`]);
  });

  it("gives what another clone has tagged meanwhile", async () => {
    const other = await remote.clone();
    const first = await push(other);
    expect(await push(clone)).toBe(first);
    expect(await push(clone)).toBe(first);
    expect(await remote.tags()).toHaveLength(1);
  });

  it("after a push that failed pushes it, be it that another clone has done so meanwhile", async () => {
    const failed = () => remote.away(() => expect(push(clone)).rejects.toThrow("origin cannot be pushed to: "));
    await failed();
    const version = await push(clone);
    expect(await remote.tags()).toEqual([`${version} ${await clone.head()}`]);
    await clone.commit("fix: mend it");
    await clone.push();
    await failed();
    const pushed = await push(await ofSomebodyElse());
    expect(await push(clone)).toBe(pushed);
  });

  it("gives the release that somebody has tagged by hand, and leaves that tag as it is", async () => {
    await clone.git("tag", "--annotate", "v1.2.3", "--message", "By hand");
    await clone.git("push", "--quiet", "origin", "v1.2.3");
    const before = await remote.git("rev-parse", "v1.2.3");
    expect(await push(clone)).toBe("v1.2.3");
    expect([await remote.git("rev-parse", "v1.2.3"), await clone.git("rev-parse", "v1.2.3")]).toEqual([before, before]);
  });

  it("by two jobs of one commit at the same time, satisfies both", async () => {
    const other = await ofSomebodyElse();
    captureOutput();
    const both = await Promise.allSettled([clone, other].map(({ root }) => version({ push: true }, root)));
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await remote.tags()).toHaveLength(1);
  });
});

describe("two merges at once", () => {
  let earlier: Clone;
  let later: Clone;
  let expected: string[];

  beforeEach(async () => {
    await since("v1.2.3", "feat: add gift cards", "fix: mend it");
    earlier = await remote.clone();
    await earlier.git("checkout", "--quiet", "HEAD~1");
    later = await remote.clone();
    expected = [`v1.3.0-${short(await earlier.head())}`, `v1.3.1-${short(await later.head())}`];
  });

  it("have two versions before either is tagged", async () => {
    expect([(await next(earlier)).version, (await next(later)).version]).toEqual(expected);
  });

  it.each([
    ["the earlier one is tagged first", [0, 1]],
    ["the later one is tagged first", [1, 0]],
  ])("have them in the order of the merges when %s", async (_, order) => {
    const clones = [earlier, later];
    for (const index of order) expect(await push(clones[index] as Clone)).toBe(expected[index]);
    expect((await remote.tags()).map((line) => line.split(" ")[0])).toEqual(["v1.2.3", ...expected].sort());
  });

  it("have them when both are tagged at the same moment", async () => {
    captureOutput();
    await Promise.all([earlier, later].map(({ root }) => version({ push: true }, root)));
    expect((await remote.tags()).map((line) => line.split(" ")[0])).toEqual(["v1.2.3", ...expected].sort());
  });

  it("have two numbers though a hotfix has taken the first one's", async () => {
    const hotfix = await remote.clone();
    await hotfix.git("checkout", "--quiet", "v1.2.3");
    await hotfix.commit("feat: a hotfix");
    expect(await push(hotfix)).toMatch(/^v1\.3\.0-/);
    const numbers = [await next(earlier), await next(later)].map(({ version }) => version.split("-")[0]);
    expect(numbers).toEqual(["v1.3.1", "v1.3.2"]);
  });
});

describe("is refused", () => {
  it("for a title without a mark, with what to write", async () => {
    await since("v1.2.3");
    await clone.merge("Merge pull request #7 from ada/cards\n\nAdd gift cards");
    await expect(push(clone)).rejects.toThrow(
      /^version: the title "Add gift cards" does not say what kind of change this is\. Write \[major\], \[minor\] or \[patch\] into/,
    );
    expect((await remote.tags()).map((line) => line.split(" ")[0])).toEqual(["v1.2.3"]);
    expect((await next(clone, "[patch] Add gift cards")).version).toMatch(/^v1\.2\.4-/);
  });

  it("in a shallow clone, with how to fetch the rest", async () => {
    await clone.commit("fix: mend it");
    await clone.push();
    await expect(next(await remote.clone("--depth", "1"))).rejects.toThrow("git fetch --unshallow --tags");
  });

  it("for the record of a deploy", async () => {
    const record = await clone.commit("Deploy v0.1.0 to dev [skip ci]\n\nSlipway-Stack: dev");
    await expect(next(clone)).rejects.toThrow(`version: ${short(record)} is the record of a deploy`);
  });

  it("before there is a commit", async () => {
    await expect(next(await Clone.alone())).rejects.toThrow("version: there is no commit yet.");
  });

  it("with --push and no remote, and leaves no tag", async () => {
    const alone = await Clone.alone();
    await alone.commit("feat: begin");
    await expect(push(alone)).rejects.toThrow("there is no remote origin to push the tag v0.1.0-");
    expect(await alone.git("tag")).toBe("");
  });
});

describe("the tag", () => {
  it("is not made by a dry run, nor without --push", async () => {
    const heard = captureOutput();
    await version({ push: true, dryRun: true }, clone.root);
    await version({}, clone.root);
    const name = `v0.1.0-${short(await clone.head())}`;
    expect(heard).toEqual({
      stdout: `${name}\n${name}\n`,
      stderr: `Would tag ${short(await clone.head())} as ${name} and push the tag.\n`,
    });
    expect([await clone.git("tag"), await remote.tags()]).toEqual(["", []]);
  });

  it("is pushed alone: the branch stays where it was", async () => {
    const before = await remote.git("rev-parse", "main");
    const commit = await clone.commit("fix: mend it");
    const name = await push(clone);
    expect(await remote.tags()).toEqual([`${name} ${commit}`]);
    expect(await remote.git("rev-parse", "main")).toBe(before);
  });

  it("needs neither an identity nor a key of whoever has git sign all tags", async () => {
    await clone.git("config", "tag.gpgSign", "true");
    expect(await push(clone)).toBe(await clone.git("tag"));
  });
});

it("says that the remote cannot be asked for its tags, and goes by those that are here", async () => {
  await since("v1.2.3", "fix: mend it");
  const heard = captureOutput();
  const found = await remote.away(() => next(clone));
  expect(found.version).toMatch(/^v1\.2\.4-/);
  expect(heard.stderr).toMatch(
    /^⚠ version: origin cannot be asked for its tags \(.+\); those that are here count\.\n$/,
  );
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

  it("goes by the pull request's title as it is by now, of the earlier merges as well", async () => {
    await since("v1.2.3");
    retitled(6, await clone.merge("Merge pull request #6 from ada/cards\n\nAdd gift cards"), "[major] Add gift cards");
    retitled(7, await clone.merge("Merge pull request #7 from ada/mend\n\nfeat: mend it"), "fix: mend it");
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v2\.0\.1-/), title: "fix: mend it" });
    expect(github.strange).toEqual([]);
  });

  it("goes by --title above all", async () => {
    await since("v1.2.3");
    retitled(7, await clone.merge("Merge pull request #7 from ada/mend\n\nfeat: mend it"), "fix: mend it");
    expect((await next(clone, "[major] Mend it")).version).toMatch(/^v2\.0\.0-/);
  });

  it("away, says so and goes by the commit's words", async () => {
    await since("v1.2.3", "feat: add gift cards");
    await github.server.cut();
    const heard = captureOutput();
    expect((await next(clone)).version).toMatch(/^v1\.3\.0-/);
    expect(heard.stderr).toBe(
      `⚠ version: GitHub cannot be asked for the pull request of ${short(await clone.head())} (ECONNREFUSED); its commit's words count.\n`,
    );
  });
});
