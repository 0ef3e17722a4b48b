import type { Git } from "../git/repository.ts";

/** What a commit by Slipway in the manifests repository was for. Its message keeps it as git trailers. */
export interface Deploy {
  stack: string;
  /** Such as deploy, rollback or restart. */
  action: string;
  /** The desired releases: `v1.3.0, api v1.2.9`. */
  release: string;
  /** Services that the commit changes. */
  services: readonly string[];
  /** Commit of the project that was rendered. */
  source?: string;
  actor: string;
  /** Of a revert: Jobs of migrations that have failed. The next attempt needs another name. */
  failedJobs?: readonly string[];
}

/** The message of a commit by Slipway. */
export interface DeployMessage {
  /** Such as "Deploy v1.3.0 to prod". */
  subject: string;
  /** @default - none */
  body?: string;
  deploy: Deploy;
}

/** A commit of the manifests repository. */
export interface ManifestsCommit {
  commit: string;
  subject: string;
  /** Name and address. */
  author: string;
  /** RFC 3339. */
  date: string;
  /** Undefined if somebody else made it. */
  deploy?: Deploy;
}

/** Its presence says that Slipway made the commit. */
const DEPLOY_TRAILER = "Slipway-Deploy";
const STACK_TRAILER = "Slipway-Stack";
const ACTION_TRAILER = "Slipway-Action";
const SERVICES_TRAILER = "Slipway-Services";
const SOURCE_TRAILER = "Slipway-Source";
const ACTOR_TRAILER = "Slipway-By";
const FAILED_JOBS_TRAILER = "Slipway-Failed-Jobs";

export function deployMessage({ subject, body, deploy }: DeployMessage): string {
  return [oneLine(subject), ...(body?.trim() ? [body.trim()] : []), deployTrailers(deploy)].join("\n\n").concat("\n");
}

/** The trailers as text. The description of a pull request ends with them too, because a squash merge may take its message from there. */
export function deployTrailers({ stack, action, release, services, source, actor, failedJobs = [] }: Deploy): string {
  const trailers = {
    [DEPLOY_TRAILER]: release,
    [STACK_TRAILER]: stack,
    [ACTION_TRAILER]: action,
    [SERVICES_TRAILER]: services.join(", ") || "none",
    ...(source && { [SOURCE_TRAILER]: source }),
    [ACTOR_TRAILER]: actor,
    ...(failedJobs.length > 0 && { [FAILED_JOBS_TRAILER]: failedJobs.join(", ") }),
  };
  return Object.entries(trailers)
    .map(([key, value]) => `${key}: ${oneLine(value)}`)
    .join("\n");
}

/** With zero bytes between them, which no text of a commit can have. */
const FIELDS = ["%H", "%an <%ae>", "%cI", "%s", "%b", "%(trailers:only,unfold)"];

/**
 * Commits with what they say about themselves.
 *
 * @param selection further arguments of `git log`
 */
export async function readCommits(git: Git, ...selection: string[]): Promise<ManifestsCommit[]> {
  const log = await git.run("log", "-z", `--format=${FIELDS.join("%x00")}`, ...selection);
  const fields = log.split("\0");
  return Array.from({ length: Math.floor(fields.length / FIELDS.length) }, (_, at) => {
    const [commit = "", author = "", date = "", subject = "", body = "", trailers = ""] = fields.slice(
      at * FIELDS.length,
    );
    const deploy = readDeploy(trailers) ?? readDeploy(squashedTrailers(body));
    return { commit, subject, author, date, ...(deploy && { deploy }) };
  });
}

/** What GitHub and Bitbucket add below the message of a squash merge, after which git sees only these trailers. */
const ADDED = /(\n+-{3,})?(\n+(Co-authored-by|Approved-by|Signed-off-by): .*)+\s*$/i;

function squashedTrailers(body: string): string {
  if (!ADDED.test(body)) return "";
  const last =
    body
      .replace(ADDED, "")
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? "";
  return last.split("\n").every((line) => /^[\w-]+: \S/.test(line)) ? last : "";
}

function readDeploy(trailers: string): Deploy | undefined {
  const values = new Map(
    trailers.split("\n").map((line) => {
      const [, key = "", value = ""] = /^([\w-]+): (.*)$/.exec(line.trim()) ?? [];
      return [key, value] as const;
    }),
  );
  const release = values.get(DEPLOY_TRAILER);
  if (release === undefined) return undefined;
  const services = values.get(SERVICES_TRAILER) ?? "none";
  const source = values.get(SOURCE_TRAILER);
  const failedJobs = values.get(FAILED_JOBS_TRAILER);
  return {
    stack: values.get(STACK_TRAILER) ?? "",
    action: values.get(ACTION_TRAILER) ?? "deploy",
    release,
    services: services === "none" ? [] : services.split(", "),
    ...(source && { source }),
    actor: values.get(ACTOR_TRAILER) ?? "",
    ...(failedJobs && { failedJobs: failedJobs.split(", ") }),
  };
}

/** What comes from elsewhere could otherwise add trailers of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
}
