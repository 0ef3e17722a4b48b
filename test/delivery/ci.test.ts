import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type SimpleGit, simpleGit } from "simple-git";
import { describe, expect, it } from "vitest";
import { detectCiRun } from "../../delivery/ci.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const run = (environment: NodeJS.ProcessEnv, git?: SimpleGit, root = temporaryFolder()) =>
  detectCiRun(git, root, environment);

/** A repository with one commit on the branch `topic`, of nobody but Grace. */
async function repository(): Promise<{ git: SimpleGit; root: string }> {
  const root = temporaryFolder();
  const git = simpleGit(root);
  await git.init(["--initial-branch", "topic"]);
  await git.addConfig("user.name", "Grace Hopper");
  await git.addConfig("user.email", "grace@example.com");
  await git.commit("Begin", { "--allow-empty": null, "--no-gpg-sign": null });
  return { git, root };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/variables */
const github = {
  CI: "true",
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "example/shop",
  GITHUB_RUN_ID: "9123456789",
  GITHUB_RUN_NUMBER: "12",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_ACTOR: "ada",
};

describe("currentRun in GitHub Actions", () => {
  const known = {
    isCi: true,
    actor: "ada",
    url: "https://github.com/example/shop/actions/runs/9123456789",
    build: "9123456789",
    workflowRun: 9123456789,
  };

  it("knows log, branch and run of a push", async () => {
    expect(await run(github)).toStrictEqual({ ...known, branch: "main" });
  });

  it("goes by who set it off again, if somebody did", async () => {
    expect((await run({ ...github, GITHUB_TRIGGERING_ACTOR: "grace" })).actor).toBe("grace");
  });

  it("knows the pull request, and the branch it is for", async () => {
    const event = join(temporaryFolder(), "event.json");
    writeFileSync(event, JSON.stringify({ pull_request: { number: 7, base: { ref: "main" } } }));
    const pullRequest = {
      GITHUB_EVENT_NAME: "pull_request",
      GITHUB_REF: "refs/pull/7/merge",
      GITHUB_EVENT_PATH: event,
    };
    expect(await run({ ...github, ...pullRequest })).toStrictEqual({ ...known, branch: "main", pullRequest: 7 });
  });
});

describe("currentRun in Jenkins", () => {
  /** https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables, with the Git plugin's. */
  const jenkins = {
    JENKINS_URL: "https://ci.example.com/",
    BUILD_NUMBER: "41",
    BUILD_URL: "https://ci.example.com/job/shop/41/",
    GIT_BRANCH: "origin/main",
    BRANCH_NAME: "main",
  };
  const known = { isCi: true, url: "https://ci.example.com/job/shop/41/", build: "41" };

  it("takes the remote's name off the branch", async () => {
    const { git } = await repository();
    expect(await run(jenkins, git)).toStrictEqual({ ...known, actor: "Grace Hopper", branch: "main" });
    expect((await run({ ...jenkins, GIT_BRANCH: "origin/fix/origin/x" }, git)).branch).toBe("fix/origin/x");
  });

  it("goes by who approved it, by the name that the Jenkinsfile gives", async () => {
    expect((await run({ ...jenkins, BUILD_USER: "Ada", SLIPWAY_ACTOR: "grace" })).actor).toBe("grace");
    expect((await run({ ...jenkins, BUILD_USER: "Ada" })).actor).toBe("Ada");
  });

  it("knows the pull request of a multibranch job, and no branch to push to", async () => {
    const change = { CHANGE_ID: "7", CHANGE_AUTHOR: "ada", BRANCH_NAME: "PR-7", GIT_BRANCH: "PR-7" };
    expect(await run({ ...jenkins, ...change })).toStrictEqual({ ...known, actor: "ada", pullRequest: 7 });
  });
});

describe("currentRun in Bitbucket Pipelines", () => {
  it("knows log and branch", async () => {
    // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
    const bitbucket = {
      CI: "true",
      BITBUCKET_BUILD_NUMBER: "41",
      BITBUCKET_REPO_FULL_NAME: "example/shop",
      BITBUCKET_BRANCH: "main",
      SLIPWAY_ACTOR: "{8f2c}",
    };
    expect(await run(bitbucket)).toStrictEqual({
      isCi: true,
      actor: "{8f2c}",
      url: "https://bitbucket.org/example/shop/addon/pipelines/home#!/results/41",
      build: "41",
      branch: "main",
    });
  });
});

describe("currentRun on a person's machine", () => {
  it("knows the person and the branch, and no log", async () => {
    const { git, root } = await repository();
    expect(await run({}, git, root)).toStrictEqual({ isCi: false, actor: "Grace Hopper", branch: "topic" });
  });

  it("has no branch on a detached HEAD", async () => {
    const { git, root } = await repository();
    await git.checkout(["--detach"]);
    expect(await run({}, git, root)).toStrictEqual({ isCi: false, actor: "Grace Hopper" });
  });

  it("goes by the login where there is no repository", async () => {
    expect(await run({})).toStrictEqual({ isCi: false, actor: userInfo().username });
  });

  it("is CI where the variable CI says so, whatever system that is", async () => {
    expect(await run({ CI: "true", GITLAB_USER_LOGIN: "ada" })).toStrictEqual({ isCi: true, actor: "ada" });
  });
});
