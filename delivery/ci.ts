import { userInfo } from "node:os";
import envCi from "env-ci";
import type { SimpleGit } from "simple-git";

/** The CI run that this is part of, or a person's machine. */
export interface Run {
  isCi: boolean;
  /** Who set it off: a person's name or login. */
  actor: string;
  /** Where the log is; undefined on a person's machine. */
  url?: string;
  /** Number of the run that no other run has: of GitHub the id, for a run's number is of its workflow. */
  build?: string;
  /** Branch that is built; undefined on a detached HEAD of nobody's. */
  branch?: string;
  /** Number of the pull request that is built. */
  pullRequest?: number;
  /** Id of a run of GitHub Actions. */
  workflowRun?: number;
}

/** Names by which CI systems say who set a run off; env-ci does not read them. */
const ACTORS = [
  "SLIPWAY_ACTOR",
  "GITHUB_TRIGGERING_ACTOR",
  "GITHUB_ACTOR",
  "GITLAB_USER_LOGIN",
  "BUILD_USER",
  "CHANGE_AUTHOR",
];

export async function detectCiRun(git: SimpleGit | undefined, root: string, environment = process.env): Promise<Run> {
  const ci = envCi({ env: environment, cwd: root }) as Partial<
    Record<"build" | "buildUrl" | "branch" | "pr", string>
  > & {
    isCi: boolean;
  };
  const named = ACTORS.map((name) => environment[name]).find(Boolean);
  const actor = named ?? (await git?.getConfig("user.name"))?.value ?? userInfo().username;
  // As Jenkins has it: origin/main.
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
