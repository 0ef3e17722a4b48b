import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import envCi from "env-ci";
import type { Git } from "./git/repository.ts";

/** The CI run that a command is part of, or a person's machine. */
export interface CiRun {
  isCi: boolean;
  /** The person who started it: a name or a login. */
  actor: string;
  /** URL of the log; undefined on a person's machine. */
  url?: string;
  /** Unique number of the run. In GitHub Actions the run's id, because run numbers repeat across workflows. */
  build?: string;
  /** Branch that is built; undefined on a detached HEAD of a person's machine. */
  branch?: string;
  /** Number of the pull request that is built. */
  pullRequest?: number;
  /** Id of a run of GitHub Actions. */
  workflowRun?: number;
}

/** Variables in which CI systems name the person who started a run; env-ci does not read them. */
const ACTORS = [
  "SLIPWAY_ACTOR",
  "GITHUB_TRIGGERING_ACTOR",
  "GITHUB_ACTOR",
  "GITLAB_USER_LOGIN",
  "BUILD_USER",
  "CHANGE_AUTHOR",
];

/** The login name. A container may run under a user id that has none. */
function loginName(environment: NodeJS.ProcessEnv): string {
  try {
    return os.userInfo().username;
  } catch {
    return environment.USER || environment.LOGNAME || `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

export async function detectCiRun(git: Git | undefined, root: string, environment = process.env): Promise<CiRun> {
  const ci = envCi({ env: environment, cwd: root }) as Partial<
    Record<"build" | "buildUrl" | "branch" | "pr", string>
  > & {
    isCi: boolean;
  };
  const named = ACTORS.map((name) => environment[name]).find(Boolean);
  const actor = named || (await git?.textOrEmpty("config", "--get", "user.name")) || loginName(environment);
  // Jenkins names the remote as well: origin/main.
  const branch = ci.branch?.replace(/^origin\//, "");
  const workflowRun = environment.GITHUB_RUN_ID;
  return {
    isCi: ci.isCi,
    actor,
    ...(ci.buildUrl && { url: ci.buildUrl }),
    ...(ci.build && { build: ci.build }),
    ...(branch && branch !== "HEAD" && { branch }),
    ...(ci.pr && { pullRequest: Number(ci.pr) }),
    ...(workflowRun && { workflowRun: Number(workflowRun) }),
  };
}

/** What CI says about the pull request that it builds. */
export interface BuiltPullRequest {
  title: string;
  labels: string[];
  /** Whether a bot opened it, such as Dependabot. */
  isBot: boolean;
}

/** Variables in which CI systems give the title, and GitLab the labels too. GitHub writes both into a file. */
export function readBuiltPullRequest(environment = process.env): BuiltPullRequest | undefined {
  const { GITHUB_EVENT_PATH: file, CHANGE_TITLE, CI_MERGE_REQUEST_TITLE, CI_MERGE_REQUEST_LABELS } = environment;
  const title = CHANGE_TITLE || CI_MERGE_REQUEST_TITLE;
  if (title) return { title, labels: CI_MERGE_REQUEST_LABELS?.split(",") ?? [], isBot: false };
  if (!file || !existsSync(file)) return undefined;
  const { pull_request } = JSON.parse(readFileSync(file, "utf8")) as {
    pull_request?: { title?: string; labels?: { name: string }[]; user?: { type?: string } };
  };
  if (pull_request?.title === undefined) return undefined;
  const labels = (pull_request.labels ?? []).map(({ name }) => name);
  return { title: pull_request.title, labels, isBot: pull_request.user?.type === "Bot" };
}
