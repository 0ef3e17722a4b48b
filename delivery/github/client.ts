import { Octokit } from "@octokit/rest";
import { type Git, REMOTE } from "../git/repository.ts";

/** GitHub usually answers within a second. */
const TIMEOUT_MILLISECONDS = 15_000;

/** What a deploy's report says about a pull request. */
export interface PullRequest {
  number: number;
  title: string;
  url: string;
  labels: string[];
  /** Whether a bot opened it, such as Dependabot. */
  isBot: boolean;
  /** Undefined if it is not merged. */
  mergedBy?: { login: string; url: string };
}

/** A pull request to open. */
export interface NewPullRequest {
  branch: string;
  /** Branch to merge it into. */
  base: string;
  title: string;
  body: string;
}

/** A job of a workflow run. */
export interface Job {
  name: string;
  /** Undefined while the job runs. */
  seconds?: number;
  result: string;
}

/** The parts of GitHub's API that the commands use, for one repository. */
export class GitHub {
  private readonly api: Octokit;
  private readonly repository: { owner: string; repo: string };

  private constructor(api: Octokit, repository: { owner: string; repo: string }) {
    this.api = api;
    this.repository = repository;
  }

  /** @returns undefined without GITHUB_TOKEN, or if the repository is not on GitHub. */
  static async connect(git: Git | undefined, environment = process.env): Promise<GitHub | undefined> {
    const { GITHUB_TOKEN: auth, GITHUB_API_URL: baseUrl } = environment;
    const slug = environment.GITHUB_REPOSITORY ?? (git && (await readRemoteSlug(git)));
    const [owner, repo] = slug?.split("/") ?? [];
    return auth && owner && repo ? GitHub.of(`${owner}/${repo}`, auth, baseUrl) : undefined;
  }

  /**
   * @param slug `owner/name`
   * @param auth token
   * @param baseUrl of the API. @default - that of github.com
   */
  static of(slug: string, auth: string, baseUrl?: string): GitHub {
    const [owner = "", repo = ""] = slug.split("/");
    const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const timed: typeof fetch = (url, init) =>
      fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const api = new Octokit({ auth, log: quiet, request: { fetch: timed }, ...(baseUrl && { baseUrl }) });
    return new GitHub(api, { owner, repo });
  }

  /** The merged pull request that a commit came with, or the open one that contains it. */
  async findPullRequest(commit: string): Promise<PullRequest | undefined> {
    const { data } = await this.api.repos.listPullRequestsAssociatedWithCommit({
      ...this.repository,
      commit_sha: commit,
    });
    const found = data.find(({ merge_commit_sha, merged_at }) => merged_at && merge_commit_sha === commit) ?? data[0];
    if (found === undefined) return undefined;
    // merged_by is not in lists.
    const { data: whole } = await this.api.pulls.get({ ...this.repository, pull_number: found.number });
    const { number, title, html_url: url, merged_by } = whole;
    const labels = (whole.labels ?? []).map(({ name }) => name);
    const isBot = whole.user?.type === "Bot";
    return {
      number,
      title,
      url,
      labels,
      isBot,
      ...(merged_by && { mergedBy: { login: merged_by.login, url: merged_by.html_url } }),
    };
  }

  /**
   * Opens a pull request, or changes the title and text of the open one from that branch.
   *
   * @returns its URL
   */
  async openPullRequest({ branch, base, title, body }: NewPullRequest): Promise<string> {
    const head = `${this.repository.owner}:${branch}`;
    const { data } = await this.api.pulls.list({ ...this.repository, head, base, state: "open" });
    const [open] = data;
    const text = { ...this.repository, title, body };
    const { data: pullRequest } = open
      ? await this.api.pulls.update({ ...text, pull_number: open.number })
      : await this.api.pulls.create({ ...text, head: branch, base });
    return pullRequest.html_url;
  }

  /** Open pull requests into a branch, from branches of this repository whose names begin with a prefix. */
  async listOpenPullRequests({
    base,
    prefix,
    except,
  }: {
    base: string;
    prefix: string;
    except: string;
  }): Promise<{ number: number; url: string }[]> {
    const open = await this.api.paginate(this.api.pulls.list, {
      ...this.repository,
      base,
      state: "open",
      per_page: 100,
    });
    return open
      .filter(({ head }) => head.ref.startsWith(prefix) && head.ref !== except)
      .map(({ number, html_url: url }) => ({ number, url }));
  }

  /**
   * Our own comment on a pull request that starts with a marker. A comment that quotes it does not count, and neither does one that
   * somebody else wrote: they could edit it after we have updated it.
   */
  async findComment(pullRequest: number, marker: string): Promise<{ id: number; body: string } | undefined> {
    const pages = this.api.paginate.iterator(this.api.issues.listComments, {
      ...this.repository,
      issue_number: pullRequest,
      per_page: 100,
    });
    let login: string | undefined;
    for await (const { data } of pages) {
      for (const { id, body = "", user } of data.filter(({ body }) => body?.startsWith(marker))) {
        login ??= (await this.ownLogin()).toLowerCase();
        const author = user?.login.toLowerCase();
        if (author === login || (user?.type === "Bot" && author === `${login}[bot]`)) return { id, body };
      }
    }
    return undefined;
  }

  /** The login that writes our comments. */
  private async ownLogin(): Promise<string> {
    // A person's token may read /user; that of a job or of a GitHub App may not, but GraphQL tells it.
    const askGraphQl = async () =>
      (await this.api.graphql<{ viewer: { login: string } }>("{ viewer { login } }")).viewer;
    const asked = await this.api.users
      .getAuthenticated()
      .then(({ data }) => data)
      .catch(askGraphQl)
      .catch(() => undefined);
    return asked?.login ?? "github-actions[bot]";
  }

  async createComment(pullRequest: number, body: string): Promise<void> {
    await this.api.issues.createComment({ ...this.repository, issue_number: pullRequest, body });
  }

  async updateComment(id: number, body: string): Promise<void> {
    await this.api.issues.updateComment({ ...this.repository, comment_id: id, body });
  }

  /** The jobs of the newest attempt of a workflow run, in the order of their start. */
  async listJobs(run: number): Promise<Job[]> {
    const jobs = await this.api.paginate(this.api.actions.listJobsForWorkflowRun, { ...this.repository, run_id: run });
    return jobs
      .filter(({ conclusion }) => conclusion !== "skipped")
      .map(({ name, started_at, completed_at, conclusion, status }) => ({
        name,
        result: conclusion ?? status,
        ...(completed_at && { seconds: (Date.parse(completed_at) - Date.parse(started_at)) / 1000 }),
      }));
  }
}

/** `owner/name` of a remote on GitHub: https://github.com/owner/name.git, git@github.com:owner/name. */
async function readRemoteSlug(git: Git): Promise<string | undefined> {
  const url = await git.textOrEmpty("remote", "get-url", REMOTE);
  return /github\.com[:/]([^/]+\/[^/]+?)(\.git)?\/?$/.exec(url)?.[1];
}
