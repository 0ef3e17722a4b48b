import { Failure } from "../failure.ts";
import { redact } from "../secrets.ts";

/** A token that may read and write the manifests repository: of a GitHub App, a deploy user or a repository. */
export const TOKEN_VARIABLE = "SLIPWAY_MANIFESTS_TOKEN";

/** The user that belongs to the token, where the server asks for a certain one. */
export const USER_VARIABLE = "SLIPWAY_MANIFESTS_USER";

/**
 * Answers git with the token. The shell of the helper reads it from its environment, so it is in no argument, URL or file.
 * https://git-scm.com/docs/gitcredentials
 */
const HELPER = `!f() { test "$1" = get || exit 0; printf 'username=%s\\npassword=%s\\n' "$${USER_VARIABLE}" "$${TOKEN_VARIABLE}"; }; f`;

/** A user this long, without a password, is a token. */
const SHORTEST_USER_TOKEN = 16;

/**
 * Refuses what is no address of a repository, and logins in it: every process of the machine, and git's messages, would show them.
 *
 * @throws Failure
 */
export function checkRepositoryUrl(url: string): void {
  const allowed = "https://<host>/<path>.git, ssh://git@<host>/<path>.git, git@<host>:<path>.git or file:///<path>";
  if (!/^(https?|ssh|file):\/\/\S+$|^[\w.-]+@[\w.-]+:[^\s:]\S*$|^\/\S+$/.test(url)) {
    throw new Failure(
      `delivery.gitops.repository: ${redact(url)} is no address of a git repository. Allowed: ${allowed}`,
    );
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && (parsed.password !== "" || parsed.username.length >= SHORTEST_USER_TOKEN)) {
    throw new Failure(
      `delivery.gitops.repository: the address at ${parsed.host} has a password or token in it. Take it out, revoke it, and set a ` +
        `new one as ${TOKEN_VARIABLE} in the environment.`,
    );
  }
}

/**
 * Variables by which git logs in: with the token if there is one, else as git is set up on this machine. git never asks at a
 * terminal or in a window.
 */
export function loginEnvironment(url: string, environment = process.env): NodeJS.ProcessEnv {
  const quiet = { GIT_TERMINAL_PROMPT: "0", GCM_INTERACTIVE: "never", SSH_ASKPASS: "" };
  const { [TOKEN_VARIABLE]: token, [USER_VARIABLE]: user } = environment;
  if (!token || !/^https?:/.test(url)) return quiet;
  const { protocol, host, hostname, username } = new URL(url);
  const helper = `credential.${protocol}//${host}.helper`;
  return {
    ...quiet,
    [TOKEN_VARIABLE]: token,
    [USER_VARIABLE]: user || decodeURIComponent(username) || defaultUser(hostname),
    // An empty helper takes away those of the machine: they would be asked first, and would store the token.
    ...gitConfig({ [helper]: ["", HELPER] }, environment),
  };
}

/** GitHub, GitLab and Azure DevOps take any user. https://support.atlassian.com/bitbucket-cloud/docs/using-repository-access-tokens/ */
function defaultUser(hostname: string): string {
  return hostname === "bitbucket.org" ? "x-token-auth" : "x-access-token";
}

/** Settings of git by environment, after those that it has already. */
function gitConfig(settings: Record<string, string[]>, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const first = Number(environment.GIT_CONFIG_COUNT ?? 0) || 0;
  const pairs = Object.entries(settings).flatMap(([key, values]) => values.map((value) => [key, value] as const));
  const variables = pairs.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${first + at}`, key],
    [`GIT_CONFIG_VALUE_${first + at}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(first + pairs.length), ...Object.fromEntries(variables) };
}
