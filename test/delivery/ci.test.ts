import { writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { detectCiRun } from "../../delivery/ci.ts";
import { Git } from "../../delivery/git/repository.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const run = (environment: NodeJS.ProcessEnv, git?: Git, root = temporaryFolder()) =>
  detectCiRun(git, root, environment);

/** A repository with one commit by Grace on the branch `topic`. */
async function repository(): Promise<{ git: Git; root: string }> {
  const root = temporaryFolder();
  const git = new Git(root);
  await git.run("init", "--quiet", "--initial-branch", "topic");
  await git.run("config", "user.name", "Grace Hopper");
  await git.run("config", "user.email", "grace@example.com");
  await git.run("commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message", "Begin");
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

describe("detectCiRun in GitHub Actions", () => {
  const known = {
    isCi: true,
    actor: "ada",
    url: "https://github.com/example/shop/actions/runs/9123456789",
    build: "9123456789",
    workflowRun: 9123456789,
  };

  it("finds the log, the branch and the run of a push", async () => {
    expect(await run(github)).toStrictEqual({ ...known, branch: "main" });
  });

  it("names the person who started a re-run", async () => {
    expect((await run({ ...github, GITHUB_TRIGGERING_ACTOR: "grace" })).actor).toBe("grace");
  });

  it("finds the pull request and its target branch", async () => {
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

describe("detectCiRun in Jenkins", () => {
  /** https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables, with the Git plugin's. */
  const jenkins = {
    JENKINS_URL: "https://ci.example.com/",
    BUILD_NUMBER: "41",
    BUILD_URL: "https://ci.example.com/job/shop/41/",
    GIT_BRANCH: "origin/main",
    BRANCH_NAME: "main",
  };
  const known = { isCi: true, url: "https://ci.example.com/job/shop/41/", build: "41" };

  it("removes the remote's name from the branch", async () => {
    const { git } = await repository();
    expect(await run(jenkins, git)).toStrictEqual({ ...known, actor: "Grace Hopper", branch: "main" });
    expect((await run({ ...jenkins, GIT_BRANCH: "origin/fix/origin/x" }, git)).branch).toBe("fix/origin/x");
  });

  it("names the person who approved, as the Jenkinsfile passes it", async () => {
    expect((await run({ ...jenkins, BUILD_USER: "Ada", SLIPWAY_ACTOR: "grace" })).actor).toBe("grace");
    expect((await run({ ...jenkins, BUILD_USER: "Ada" })).actor).toBe("Ada");
  });

  it("finds the pull request of a multibranch job, and no branch to push to", async () => {
    const change = { CHANGE_ID: "7", CHANGE_AUTHOR: "ada", BRANCH_NAME: "PR-7", GIT_BRANCH: "PR-7" };
    expect(await run({ ...jenkins, ...change })).toStrictEqual({ ...known, actor: "ada", pullRequest: 7 });
  });
});

describe("detectCiRun in Bitbucket Pipelines", () => {
  it("finds the log and the branch", async () => {
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

describe("detectCiRun on a person's machine", () => {
  it("finds the person and the branch, and no log", async () => {
    const { git, root } = await repository();
    expect(await run({}, git, root)).toStrictEqual({ isCi: false, actor: "Grace Hopper", branch: "topic" });
  });

  it("has no branch on a detached HEAD", async () => {
    const { git, root } = await repository();
    await git.run("checkout", "--quiet", "--detach");
    expect(await run({}, git, root)).toStrictEqual({ isCi: false, actor: "Grace Hopper" });
  });

  it("is started by somebody if the user id has no name, as in a container", async () => {
    const userInfo = vi.spyOn(os, "userInfo").mockImplementation(() => {
      throw new Error("uv_os_get_passwd returned ENOENT");
    });
    try {
      expect((await run({})).actor).toMatch(/^uid \d+$/);
      expect((await run({ USER: "builder" })).actor).toBe("builder");
    } finally {
      userInfo.mockRestore();
    }
  });

  it("uses the login name outside of a repository", async () => {
    expect(await run({})).toStrictEqual({ isCi: false, actor: os.userInfo().username });
  });

  it("recognises any CI by the variable CI", async () => {
    expect(await run({ CI: "true", GITLAB_USER_LOGIN: "ada" })).toStrictEqual({ isCi: true, actor: "ada" });
  });
});
