import { vi } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

/** By which tools learn where they run, for whom, and what to talk to. */
const TELLING =
  /^(CI$|GITHUB_|GITLAB_|JENKINS_|BITBUCKET_|BUILD|BRANCH_NAME|CHANGE_|SLIPWAY_|SLACK_|AWS_|PULUMI_|GIT_|KUBECONFIG|DOCKER_|DEBUG$)/;

/**
 * A machine of nobody's: no CI, no login, no identity of git. Of the test alone, by vi.unstubAllEnvs().
 *
 * @param environment what it has all the same
 */
export function stubMachine(environment: Record<string, string> = {}): void {
  for (const name of Object.keys(process.env)) if (TELLING.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", temporaryFolder());
  vi.stubEnv("XDG_CONFIG_HOME", undefined);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}

/** What is printed from now on, by stream, until vi.restoreAllMocks(). */
export function captureOutput(): { stdout: string; stderr: string } {
  const heard = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      heard[stream] += String(text);
      return true;
    });
  }
  return heard;
}
