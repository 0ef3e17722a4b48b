import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { gitErrorReason } from "../git/repository.ts";
import { TOKEN_VARIABLE } from "./manifests-login.ts";

/** Where manifests are. */
export interface ManifestsPlace {
  url: string;
  branch: string;
}

const LOGIN =
  /authentication failed|could not read (username|password)|terminal prompts disabled|permission (to .+ )?denied|returned error: 40[13]|repository .+ not found|host key verification failed/i;

/** The server has decided, so nothing was changed. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && /remote rejected|declined|protected branch|GH0\d\d/i.test(error.message);
}

export function isLoginFailure(error: unknown): boolean {
  return error instanceof Error && LOGIN.test(error.message);
}

/** A repository that cannot be read. Nothing was changed. */
export function fetchFailure(error: unknown, { url, branch }: ManifestsPlace): Failure {
  return new Failure(
    `${url}, which keeps the manifests, cannot be read: ${gitErrorReason(error)}. Branch ${branch}; nothing was changed. ${adviceOn(error)}`,
  );
}

/** The server does not take the push. Nothing was changed. */
export function refusedPush(error: unknown, { url, branch }: ManifestsPlace): Failure {
  return new Failure(
    `${url} does not take commits on ${branch}; nothing was changed. It says: ${serversWords(error)}. If ${branch} takes only pull ` +
      "requests, set delivery.gitops.review: pull-request in the stack's file. If Slipway may push there, use a token that may bypass the rule.",
  );
}

/** A push that may not even have begun, or one whose answer was lost. */
export function failedPush(error: unknown, { url, branch }: ManifestsPlace, isKnown: boolean): Failure {
  const reason = gitErrorReason(error);
  if (isKnown)
    return new Failure(
      `${url} cannot be pushed to: ${reason}. Branch ${branch}; nothing was changed. ${adviceOn(error)}`,
    );
  return new Failure(
    `${url} cannot be pushed to: ${reason}. It cannot be asked either, so it is not known whether ${branch} has the commit. Once it ` +
      "answers again, run the same command: it goes on from what is there.",
    EXIT.failed,
  );
}

/** Others have pushed before each attempt. */
export function lostRaces({ url, branch }: ManifestsPlace, attempts: number): Failure {
  return new Failure(
    `Others pushed to ${branch} of ${url} before each of ${attempts} attempts; nothing was changed. Run the same command again.`,
  );
}

function adviceOn(error: unknown): string {
  if (isLoginFailure(error)) {
    return process.env[TOKEN_VARIABLE]
      ? `Check that the token in ${TOKEN_VARIABLE} has not expired and may read and write this repository.`
      : `Set ${TOKEN_VARIABLE} to a token that may read and write this repository, or set up a credential helper or an SSH key for it.`;
  }
  return "Check the address (delivery.gitops.repository) and the network, then run the same command again.";
}

/** What the remote's hooks and rules wrote, in one line. */
function serversWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const words = message
    .split("\n")
    .flatMap((line) => /^remote: *(?:error: )?(.*\S)/.exec(line.trim())?.[1] ?? [])
    .filter((line) => !/^(Resolving deltas|Enumerating|Counting|Compressing|Total )/.test(line));
  return [...words, gitErrorReason(error)].slice(0, 8).join(" / ").replace(/\.$/, "");
}
