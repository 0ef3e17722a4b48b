import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeGitHub } from "../../e2e/github-and-slack.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { type Clone, useRepositories } from "../repositories.ts";
import { next, release } from "./versions.ts";

let clone: Clone;

const copy = useRepositories();
beforeEach(async () => {
  stubMachine();
  ({ clone } = copy());
  await release(clone, "v1.2.3");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const rules = (text: string) => clone.write("stacks/services.yaml", `namespace: shop\nversions: ${text}\n`);
const bumpOf = async () => (await next(clone)).bump;

describe("versions in stacks/services.yaml", () => {
  it("give titles of a team's own a meaning", async () => {
    rules('{ titles: { "[기능]": minor, "db:": major } }');
    await clone.commit("[기능] 상품권 추가");
    expect(await bumpOf()).toBe("minor");
    await clone.commit("DB: drop the old cards");
    expect(await next(clone)).toMatchObject({ bump: "major", version: expect.stringMatching(/^v2\.0\.0-/) });
  });

  it("have a default for titles that say nothing, which is patch", async () => {
    await clone.commit("Add gift cards");
    const heard = captureOutput();
    expect(await bumpOf()).toBe("patch");
    expect(heard.stderr).toMatch(/^version: the title "Add gift cards" does not say .* it counts as patch\./);
    rules("{ default: minor }");
    expect(await bumpOf()).toBe("minor");
  });

  it("are refused with file, line, what was given and what is allowed", async () => {
    rules('{ titles: { "!": minor }, default: none, label: {} }');
    const failure = next(clone);
    await expect(failure).rejects.toThrow(
      'stacks/services.yaml:2: versions.default: "none" given; must be one of "major"',
    );
    await expect(failure).rejects.toThrow(/versions\.label: .*Did you mean labels\?/);
    await expect(failure).rejects.toThrow(/versions\.titles\.!: .*such as "\[FEAT\]"/);
  });
});

describe("an open pull request", () => {
  const event = (pull_request: object) => {
    const file = join(temporaryFolder(), "event.json");
    writeFileSync(file, JSON.stringify({ pull_request }));
    stubMachine({ GITHUB_EVENT_PATH: file });
  };

  it("is counted by its title and labels, without a request to GitHub", async () => {
    await clone.commit("Merge 5e15f0a into 8c0a925");
    event({ title: "feat: add gift cards", labels: [] });
    expect(await next(clone)).toMatchObject({ bump: "minor", title: "feat: add gift cards" });
    event({ title: "Add gift cards", labels: [{ name: "semver:major" }] });
    expect(await bumpOf()).toBe("major");
  });

  it("is only warned about if its title says nothing and the config refuses that", async () => {
    await clone.commit("Merge 5e15f0a into 8c0a925");
    rules("{ default: refuse }");
    event({ title: "Add gift cards", draft: true });
    const heard = captureOutput();
    expect((await next(clone)).version).toMatch(/^v1\.2\.4-/);
    expect(heard.stderr).toMatch(/^⚠ version: the title "Add gift cards" .* its merge will get no version/);
  });

  it("is known in Jenkins and GitLab too", async () => {
    await clone.commit("Merge 5e15f0a into 8c0a925");
    stubMachine({ CHANGE_TITLE: "feat!: drop the old cards" });
    expect(await bumpOf()).toBe("major");
    stubMachine({ CI_MERGE_REQUEST_TITLE: "Add gift cards", CI_MERGE_REQUEST_LABELS: "shop,minor" });
    vi.stubEnv("CHANGE_TITLE", undefined);
    expect(await bumpOf()).toBe("minor");
  });
});

describe("merged pull requests on GitHub", () => {
  const github = new FakeGitHub("a-token");
  type Known = (typeof github.pullRequests)[number];

  beforeEach(async () => {
    await github.server.start();
    github.pullRequests.length = 0;
    stubMachine({ GITHUB_TOKEN: "a-token", GITHUB_REPOSITORY: "example/shop", GITHUB_API_URL: github.server.url });
  });
  afterEach(() => github.server.cut());

  const merged = (number: number, commit: string, title: string, over: Partial<Known> = {}) =>
    github.pullRequests.push({ number, title, merge_commit_sha: commit, merged_at: "2026-01-31T12:00:00Z", ...over });

  it("are one release if they were rebased, however many commits they have", async () => {
    await clone.commit("fix: before");
    const commits: string[] = [];
    for (const subject of ["feat: one", "feat: two", "fix!: three", "feat: four", "feat: five"])
      commits.push(await clone.commit(subject));
    merged(7, commits.at(-1) ?? "", "feat: add gift cards", { commits });
    expect((await next(clone)).version).toMatch(/^v1\.3\.0-/);
    await clone.commit("fix: after");
    expect((await next(clone)).version).toMatch(/^v1\.3\.1-/);
  });

  it("count as the largest of their commits if their title says nothing", async () => {
    const commits = [await clone.commit("fix: one"), await clone.commit("feat: two"), await clone.commit("three")];
    merged(7, commits.at(-1) ?? "", "Gift cards", { commits });
    expect((await next(clone)).version).toMatch(/^v1\.3\.0-/);
  });

  it("are decided by a label, known or of the config, whatever the title says", async () => {
    rules('{ labels: { "큰 변경": major } }');
    merged(6, await clone.commit("feat: one"), "feat: one", { labels: [{ name: "release: patch" }] });
    expect(await bumpOf()).toBe("patch");
    merged(7, await clone.commit("fix: two"), "fix: two", { labels: [{ name: "shop" }, { name: "큰 변경" }] });
    expect(await bumpOf()).toBe("major");
  });

  it("are patches if a bot opened them, whatever label says how far the dependency goes", async () => {
    const user = { login: "dependabot[bot]", type: "Bot" };
    merged(6, await clone.commit("lodash"), "Raise lodash to 5", { user, labels: [{ name: "major" }] });
    rules("{ default: refuse }");
    expect(await bumpOf()).toBe("patch");
  });
});

it("counts a bot's commit as a patch without GitHub, too", async () => {
  rules("{ default: refuse }");
  const author = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>";
  await clone.git("commit", "--quiet", "--allow-empty", "--message", "Raise lodash", `--author=${author}`);
  expect(await bumpOf()).toBe("patch");
});
