import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { version } from "../../../delivery/commands/version.ts";
import { findReleaseCommit } from "../../../delivery/git/release-commit.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { createTwins } from "../git/twins.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { type Clone, type Remote, useRepositories } from "../repositories.ts";
import { next, push, release, short } from "./versions.ts";

let remote: Remote;
let clone: Clone;

const FILE = "stacks/Pulumi.dev.yaml";
const TRAILERS = "Slipway-Stack: dev\nSlipway-Action: deploy\nSlipway-By: ada";

const copy = useRepositories();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A record of a deploy, as a commit of its own. */
const record = (of: string, subject = `Deploy ${of} to dev`, body = TRAILERS) =>
  clone.commit(`${subject}\n\n${body}`, { [FILE]: `config: { slipway:release: ${of} }\n` });

describe("the record of a deploy", () => {
  it("has the version of the change before it", async () => {
    await release(clone, "v1.2.3");
    const change = await clone.commit("feat: add gift cards");
    await record("v1.2.3");
    await record("v1.2.4", "Revert: Deploy v1.2.3 to dev");
    expect(await next(clone)).toMatchObject({ version: `v1.3.0-${short(change)}`, commit: change });
    const tagged = await push(clone);
    expect(await remote.tags()).toContain(`${tagged} ${change}`);
    expect((await next(clone)).version).toBe(tagged);
  });

  it.each([
    ["is squashed under its title", "Deploy v1.2.3 to dev (#12)", ""],
    ["is squashed with its message", "Deploy v1.2.3 to dev (#12)", TRAILERS],
    ["is merged by a pull request", "Merge pull request #12 from shop/slipway/record-dev", "Deploy v1.2.3 to dev"],
    ["is merged on Bitbucket", "Merged in slipway/record-dev (pull request #12)", "Deploy v1.2.3 to dev"],
  ])("is none to release if it %s", async (_, subject, body) => {
    await release(clone, "v1.2.3");
    await record("v1.2.3", subject, body);
    expect((await next(clone)).version).toBe("v1.2.3");
  });

  it("does not hide a feature whose squashed message contains it", async () => {
    await release(clone, "v1.2.3");
    const body = `* feat: loyalty points\n\n* Deploy v9.0.0 to dev\n\n${TRAILERS}`;
    await record("v9.0.0", "feat: loyalty points (#21)", body);
    expect((await next(clone)).version).toMatch(/^v1\.3\.0-/);
  });

  it("does not hide other files", async () => {
    await release(clone, "v1.2.3");
    await clone.commit(`Deploy to other regions\n\n${TRAILERS}`, { "app.go": "package main\n" });
    expect((await next(clone)).version).toMatch(/^v1\.2\.4-/);
  });
});

describe("--only-new", () => {
  const onlyNew = async () => {
    const output = captureOutput();
    await version({ onlyNew: true }, clone.root);
    vi.restoreAllMocks();
    return output.stdout.trim();
  };

  it("prints nothing for a record after a released change", async () => {
    await release(clone, "v1.2.3");
    await record("v1.2.3");
    expect(await onlyNew()).toBe("");
  });

  it("prints the version of a change that is not released yet, with or without a record after it", async () => {
    await release(clone, "v1.2.3", "fix: a typo");
    expect(await onlyNew()).toMatch(/^v1\.2\.4-/);
    await record("v1.2.3");
    expect(await onlyNew()).toMatch(/^v1\.2\.4-/);
  });

  it("prints the version of a released change, so that a job can run again", async () => {
    await release(clone, "v1.2.3");
    expect(await onlyNew()).toBe("v1.2.3");
  });
});

describe("a release branch that was merged back", () => {
  /** Merges the branch, on which v2.0.0 was released. @returns that release */
  async function mergeBack(): Promise<string> {
    await release(clone, "v1.4.0");
    await clone.git("switch", "--quiet", "--create", "release-2");
    await clone.commit("feat!: a new till");
    const tag = `v2.0.0-${short(await clone.head())}`;
    await clone.git("tag", tag);
    await clone.git("switch", "--quiet", "main");
    await clone.commit("feat: add gift cards");
    await clone.git("merge", "--quiet", "--no-ff", "--message", "fix: bring release-2 back", "release-2");
    return tag;
  }

  it("raises the version above its releases", async () => {
    const tag = await mergeBack();
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v2\.0\.1-/), previous: tag });
    await clone.commit("feat: more");
    expect((await next(clone)).version).toMatch(/^v2\.1\.0-/);
  });

  it("changes nothing if its releases are older", async () => {
    await clone.git("tag", "v1.3.0");
    await clone.git("switch", "--quiet", "--create", "hotfix");
    await clone.commit("fix: a typo");
    await clone.git("tag", "v1.3.1");
    await clone.git("switch", "--quiet", "main");
    await clone.commit("feat: add gift cards");
    await clone.git("tag", "v1.4.0");
    await clone.git("merge", "--quiet", "--no-ff", "--message", "fix: bring the hotfix back", "hotfix");
    expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v1\.4\.1-/), previous: "v1.4.0" });
  });
});

it("has more digits of a hash that two commits share, and so names one of them", async () => {
  const [first, second] = await createTwins(clone);
  await clone.git("reset", "--quiet", "--hard", first);
  const { version: name } = await next(clone);
  expect(name).toMatch(new RegExp(`^v0\\.1\\.0-${first.slice(0, 8)}`));
  const git = await openRepository(clone.root);
  expect(await findReleaseCommit(git, name)).toBe(first);
  await clone.git("reset", "--quiet", "--hard", second);
  expect(await findReleaseCommit(git, (await next(clone)).version)).toBe(second);
});

it("fetches the history of a shallow clone", async () => {
  await release(clone, "v1.2.3", "feat: add gift cards", "fix: a typo");
  const shallow = await remote.clone("--depth", "1", "--no-tags");
  expect((await next(shallow)).version).toMatch(/^v1\.3\.1-/);
});

it("does not depend on git's config and the machine's language", async () => {
  await release(clone, "v1.2.3", "feat: 상품권 추가");
  await clone.git("config", "log.showSignature", "true");
  await clone.git("config", "log.date", "relative");
  await clone.git("config", "versionsort.suffix", "-");
  vi.stubEnv("LC_ALL", "ko_KR.UTF-8");
  vi.stubEnv("LANGUAGE", "ko");
  expect(await next(clone)).toMatchObject({ version: expect.stringMatching(/^v1\.3\.0-/), title: "feat: 상품권 추가" });
});
