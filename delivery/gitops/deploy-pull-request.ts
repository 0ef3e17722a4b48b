import { Failure, reasonOf } from "../failure.ts";
import { GitHub } from "../github/client.ts";
import { info, warn } from "../output.ts";
import { truncate } from "../truncate.ts";
import { type DeployMessage, deployTrailers } from "./deploy-commit.ts";
import { TOKEN_VARIABLE } from "./manifests-login.ts";
import type { Proposal } from "./proposed-deploy.ts";

/** GitHub's limit is 65,536: https://docs.github.com/rest/pulls/pulls. Trailers and links need the rest. */
const MOST_CHARACTERS = 50_000;
/** Files of a service that are listed. The diff is one click away. */
const MOST_FILES = 20;

/** The pull request of a deploy. */
export interface DeployPullRequest {
  branch: string;
  /** Undefined if it could not be opened. */
  url?: string;
  /** Where a person opens it, if it could not be opened. Undefined for a server that is not known. */
  link?: string;
}

/**
 * Opens the pull request of a deploy, or changes the text of the open one. The deploy is safe on its branch, so one that cannot be opened
 * is a warning with the link to open it.
 *
 * @param repository address of the manifests repository
 */
export async function openDeployPullRequest(
  repository: string,
  proposal: Proposal,
  message: DeployMessage,
  environment = process.env,
): Promise<DeployPullRequest> {
  const { branch, base } = proposal;
  const link = newPullRequestLink(repository, branch, base);
  const byHand = `The deploy is on ${branch}. Open its pull request into ${base}${link ? `: ${link}` : " yourself."}`;
  const failed = { branch, ...(link && { link }) };
  try {
    const github = connect(repository, environment);
    if (github === undefined) {
      const isOnGitHub = slugOf(repository, environment) !== undefined;
      info(isOnGitHub ? `${byHand}\nWith ${TOKEN_VARIABLE} or GITHUB_TOKEN, Slipway opens it.` : byHand);
      return failed;
    }
    const { stack } = message.deploy;
    const others = await github.listOpenPullRequests({ base, prefix: `deploy/${stack}/`, except: branch });
    const body = pullRequestText(proposal, message, others);
    const url = await github.openPullRequest({ branch, base, title: message.subject, body });
    info(`Pull request: ${url}`);
    if (others.length > 0) {
      warn(
        `Other deploys of ${stack} wait for their review: ${others.map(({ url }) => url).join(", ")}. Close those that are not wanted any more: ` +
          "whichever is merged last decides.",
      );
    }
    return { branch, url };
  } catch (error) {
    if (error instanceof Failure) throw error;
    warn(`The pull request could not be opened (${reasonOf(error)}). ${byHand}`);
    return failed;
  }
}

/** What a reviewer must see, and at the end the trailers: a squash merge may take its message from here. */
export function pullRequestText(
  { files, commit }: Pick<Proposal, "files" | "commit">,
  { body, deploy }: DeployMessage,
  others: readonly { number: number }[] = [],
): string {
  const groups = Map.groupBy(files, ({ file }) => file.split("/")[0] ?? file);
  const details = [...groups].map(([folder, changed]) => {
    const [added, removed] = [sum(changed.map(({ added }) => added)), sum(changed.map(({ removed }) => removed))];
    const shown = changed.slice(0, MOST_FILES).map(({ file, added, removed }) => `- \`${file}\` +${added} −${removed}`);
    const more = changed.length - shown.length;
    return [`**${folder}**: +${added} −${removed}`, ...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
  });
  const parts = [
    `${deploy.action} of ${deploy.release} to ${deploy.stack}, by ${deploy.actor}. Once this is merged, the cluster follows.`,
    ...(others.length > 0
      ? [`Also open: ${others.map(({ number }) => `#${number}`).join(", ")}. The last one that is merged decides.`]
      : []),
    ...(body?.trim() ? [body.trim()] : []),
    ...details,
    `Rendered in ${commit.slice(0, 7)}.`,
  ];
  return `${truncate(parts.join("\n\n"), MOST_CHARACTERS)}\n\n${deployTrailers(deploy)}\n`;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** GITHUB_TOKEN of a job reaches only the job's own repository. */
function connect(repository: string, environment: NodeJS.ProcessEnv): GitHub | undefined {
  const slug = slugOf(repository, environment);
  const token = environment[TOKEN_VARIABLE] || environment.GITHUB_TOKEN;
  // The API of the server that runs this job.
  const { GITHUB_API_URL: api, GITHUB_SERVER_URL: server } = environment;
  const isItsOwn = !server || new URL(server).host === addressOf(repository)?.host;
  return slug && token ? GitHub.of(slug, token, isItsOwn ? api : undefined) : undefined;
}

/** `owner/name` of a repository on GitHub, or on the GitHub Enterprise Server that runs this job. */
function slugOf(repository: string, environment: NodeJS.ProcessEnv): string | undefined {
  const { host, path } = addressOf(repository) ?? {};
  const own = environment.GITHUB_SERVER_URL && new URL(environment.GITHUB_SERVER_URL).host;
  return host && (host === "github.com" || host === own) && path?.split("/").length === 2 ? path : undefined;
}

/** Host and path of `https://host/path.git`, `ssh://git@host/path.git` or `git@host:path.git`. */
function addressOf(repository: string): { host: string; path: string } | undefined {
  const [, host, path] =
    /^(?:https?|ssh):\/\/(?:[^@/]+@)?([^/]+)\/(.+?)(?:\.git)?\/?$/.exec(repository) ??
    /^[^@/]+@([^:/]+):(.+?)(?:\.git)?\/?$/.exec(repository) ??
    [];
  return host && path ? { host, path } : undefined;
}

/** Where a person opens the pull request: GitHub, Bitbucket or GitLab. */
export function newPullRequestLink(repository: string, branch: string, base: string): string | undefined {
  const { host = "", path } = addressOf(repository) ?? {};
  const [from, into] = [encodeURIComponent(branch), encodeURIComponent(base)];
  if (host.startsWith("bitbucket.")) return `https://${host}/${path}/pull-requests/new?source=${from}&dest=${into}`;
  if (/(^|\.)gitlab\./.test(host)) {
    return `https://${host}/${path}/-/merge_requests/new?merge_request%5Bsource_branch%5D=${from}&merge_request%5Btarget_branch%5D=${into}`;
  }
  return /(^|\.)github\./.test(host) ? `https://${host}/${path}/compare/${into}...${from}?expand=1` : undefined;
}
