import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { version } from "../../../delivery/commands/version.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { Clone, type Remote, useRepositories } from "../repositories.ts";
import { next, push, release, short } from "./versions.ts";

let remote: Remote;
let clone: Clone;

const copy = useRepositories();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("the number", () => {
  it("is counted from 0.0.0 for the first release, by the last merge only", async () => {
    await clone.commit("fix: a typo");
    expect(await next(clone)).toEqual({
      version: `v0.0.1-${short(await clone.head())}`,
      bump: "patch",
      commit: await clone.head(),
      title: "fix: a typo",
    });
  });

  it.each([
    ["a merge of GitHub", "Merge pull request #7 from ada/cards\n\n[minor] Add gift cards"],
    [
      "a merge of Bitbucket",
      "Merged in cards (pull request #7)\n\n[minor] Add gift cards\n\nApproved-by: Grace Hopper",
    ],
  ])("comes from the title of %s, not from the commits of its branch", async (_, message) => {
    await release(clone, "v1.2.3");
    await clone.merge(message);
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v1\.3\.0-/), previous: "v1.2.3" });
  });

  it("comes from the subject of a squashed merge, not from its body", async () => {
    await release(clone, "v1.2.3", "feat: add gift cards (#7)\n\n* fix!: a typo\n* [major] a joke");
    expect((await next(clone)).version).toBe(`v1.3.0-${short(await clone.head())}`);
  });

  it("counts each merge since the last release, without the records of deploys", async () => {
    await release(
      clone,
      "v1.2.3",
      "fix: a typo",
      "feat: add gift cards",
      "feat!: Deploy v1.2.3 to dev\n\nSlipway-Stack: dev\nSlipway-Action: deploy",
      "fix: a typo",
    );
    expect((await next(clone)).version).toBe(`v1.3.1-${short(await clone.head())}`);
  });

  it("is counted from the largest release of a commit: v0.10.0, not v0.9.0", async () => {
    await release(clone, "v0.10.0");
    await release(clone, "v0.9.0", "fix: a typo");
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v0\.10\.1-/), previous: "v0.10.0" });
  });

  it("ignores a release tag that was moved to another commit", async () => {
    await release(clone, "v1.2.3", "fix: a typo");
    const released = await clone.head();
    await clone.commit("fix: another typo");
    await release(clone, `v7.0.0-${short(released)}`, "fix: the last typo");
    expect((await next(clone)).version).toMatch(/^v1\.2\.6-/);
  });

  it("is the next free one if another branch has used the same", async () => {
    await release(clone, "v1.2.3");
    await clone.git("branch", "hotfix");
    await clone.commit("fix: on main");
    const onMain = await push(clone);
    await clone.git("switch", "--quiet", "hotfix");
    await clone.commit("fix: on the branch");
    expect(onMain).toMatch(/^v1\.2\.4-/);
    expect(await push(clone)).toMatch(/^v1\.2\.5-/);
  });
});

describe("a version is refused", () => {
  it("for a title that says nothing, with what to write, if the config says so", async () => {
    await release(clone, "v1.2.3");
    clone.write("stacks/services.yaml", "versions: { default: refuse }\n");
    await clone.merge("Merge pull request #7 from ada/cards\n\nAdd gift cards");
    await expect(push(clone)).rejects.toThrow(
      /^version: the title "Add gift cards" does not say what kind of change this is\. Put \[major\], \[minor\] or \[patch\] into/,
    );
    expect((await remote.tags()).map((line) => line.split(" ")[0])).toEqual(["v1.2.3"]);
    expect((await next(clone, "[patch] Add gift cards")).version).toMatch(/^v1\.2\.4-/);
  });

  it("in a shallow clone whose remote is away, with the command that fetches the rest", async () => {
    await clone.commit("fix: a typo");
    await clone.push();
    const shallow = await remote.clone("--depth", "1");
    await remote.whileAway(() => expect(next(shallow)).rejects.toThrow("git fetch --unshallow --tags"));
  });

  it("if there is nothing but records of deploys", async () => {
    const alone = await Clone.alone();
    await alone.commit("Deploy v0.1.0 to dev\n\nSlipway-Stack: dev");
    await expect(next(alone)).rejects.toThrow("version: there is no change to release");
  });

  it("before the first commit", async () => {
    await expect(next(await Clone.alone())).rejects.toThrow("version: the repository has no commits yet.");
  });

  it("with --push and no remote, without a tag", async () => {
    const alone = await Clone.alone();
    await alone.commit("feat: begin");
    await expect(push(alone)).rejects.toThrow("there is no remote origin to push the tag v0.1.0-");
    expect(await alone.git("tag")).toBe("");
  });
});

describe("the tag", () => {
  it("is not created by a dry run, or without --push", async () => {
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

  it("is pushed without the branch", async () => {
    const before = await remote.git("rev-parse", "main");
    const commit = await clone.commit("fix: a typo");
    const name = await push(clone);
    expect(await remote.tags()).toEqual([`${name} ${commit}`]);
    expect(await remote.git("rev-parse", "main")).toBe(before);
  });

  it("needs neither an identity nor a key, even if git signs all tags", async () => {
    await clone.git("config", "tag.gpgSign", "true");
    expect(await push(clone)).toBe(await clone.git("tag"));
  });
});

it("warns if tags cannot be fetched, and uses the local ones", async () => {
  await release(clone, "v1.2.3", "fix: a typo");
  const heard = captureOutput();
  const found = await remote.whileAway(() => next(clone));
  expect(found.version).toMatch(/^v1\.2\.4-/);
  expect(heard.stderr).toMatch(/^⚠ version: tags cannot be fetched from origin \(.+\); the local tags are used\.\n$/);
});
