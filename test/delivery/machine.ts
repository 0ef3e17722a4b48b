import { vi } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

/** Variables that tell tools where they run, who runs them and which servers to use. */
const SETTINGS =
  /^(CI$|GITHUB_|GITLAB_|JENKINS_|BITBUCKET_|BUILD|BRANCH_NAME|CHANGE_|SLIPWAY_|SLACK_|AWS_|PULUMI_|GIT_|KUBECONFIG|DOCKER_|DEBUG$)/;

/**
 * Stubs the environment of a machine without CI, logins or a git identity. Undone by vi.unstubAllEnvs().
 *
 * @param environment variables to set
 */
export function stubMachine(environment: NodeJS.ProcessEnv = {}): void {
  for (const name of Object.keys(process.env)) if (SETTINGS.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", temporaryFolder());
  vi.stubEnv("XDG_CONFIG_HOME", undefined);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}

/** What is printed from now on, by stream, until vi.restoreAllMocks(). */
export function captureOutput(): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) capture(stream, output);
  return output;
}

/** What `work` prints. Other mocks stay. */
export async function captureOutputOf<T>(
  work: () => Promise<T>,
): Promise<{ result: T; stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  const mocks = (["stdout", "stderr"] as const).map((stream) => capture(stream, output));
  try {
    return { result: await work(), ...output };
  } finally {
    for (const mock of mocks) mock.mockRestore();
  }
}

function capture(stream: "stdout" | "stderr", output: { stdout: string; stderr: string }) {
  return vi.spyOn(process[stream], "write").mockImplementation((text) => {
    output[stream] += String(text);
    return true;
  });
}
