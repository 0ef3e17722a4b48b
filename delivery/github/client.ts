import { Octokit } from "@octokit/rest";
import type { SimpleGit } from "simple-git";
import { REMOTE } from "../git/repository.ts";

/** GitHub in good days answers in a second. */
const TIMEOUT_MILLISECONDS = 15_000;

/** A pull request, as far as a deploy's story tells of it. */
export interface PullRequest {
  number: number;
  title: string;
  url: string;
  /** Undefined while it is not merged. */
  mergedBy?: { login: string; url: string };
}

/** A job of a workflow's run. */
export interface Job {
  name: string;
  /** Undefined while it runs. */
  seconds?: number;
  result: string;
}

/** What of GitHub the delivery uses, for one repository. */
export class GitHub {
  private constructor(
    private readonly api: Octokit,
    private readonly place: { owner: string; repo: string },
  ) {}

  /** @returns undefined without GITHUB_TOKEN, or where the repository is none of GitHub's. */
  static async connect(git: SimpleGit | undefined, environment = process.env): Promise<GitHub | undefined> {
    const { GITHUB_TOKEN: auth, GITHUB_API_URL: baseUrl } = environment;
    const slug = environment.GITHUB_REPOSITORY ?? (git && (await slugOf(git)));
    const [owner, repo] = slug?.split("/") ?? [];
    if (!auth || !owner || !repo) return undefined;
    const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const timed: typeof fetch = (url, init) =>
      fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const api = new Octokit({ auth, log: quiet, request: { fetch: timed }, ...(baseUrl && { baseUrl }) });
    return new GitHub(api, { owner, repo });
  }

  /** The merged pull request that brought a commit, or the open one that it is the head of. */
  async findPullRequest(commit: string): Promise<PullRequest | undefined> {
    const { data } = await this.api.repos.listPullRequestsAssociatedWithCommit({ ...this.place, commit_sha: commit });
    const found = data.find(({ merge_commit_sha, merged_at }) => merged_at && merge_commit_sha === commit) ?? data[0];
    if (found === undefined) return undefined;
    // Who merged is told of one alone, not in a list.
    const { data: whole } = await this.api.pulls.get({ ...this.place, pull_number: found.number });
    const { number, title, html_url: url, merged_by } = whole;
    return { number, title, url, ...(merged_by && { mergedBy: { login: merged_by.login, url: merged_by.html_url } }) };
  }

  /** The comment on a pull request that begins with a marker, however many others there are, and that quote it. */
  async findComment(pullRequest: number, marker: string): Promise<{ id: number; body: string } | undefined> {
    const pages = this.api.paginate.iterator(this.api.issues.listComments, {
      ...this.place,
      issue_number: pullRequest,
      per_page: 100,
    });
    for await (const { data } of pages) {
      const found = data.find(({ body }) => body?.startsWith(marker));
      if (found) return { id: found.id, body: found.body ?? "" };
    }
    return undefined;
  }

  async createComment(pullRequest: number, body: string): Promise<void> {
    await this.api.issues.createComment({ ...this.place, issue_number: pullRequest, body });
  }

  async updateComment(id: number, body: string): Promise<void> {
    await this.api.issues.updateComment({ ...this.place, comment_id: id, body });
  }

  /** Jobs of a workflow's run, of its newest attempt, in the order in which they began. */
  async listJobs(run: number): Promise<Job[]> {
    const jobs = await this.api.paginate(this.api.actions.listJobsForWorkflowRun, { ...this.place, run_id: run });
    return jobs
      .filter(({ conclusion }) => conclusion !== "skipped")
      .map(({ name, started_at, completed_at, conclusion, status }) => ({
        name,
        result: conclusion ?? status,
        ...(completed_at && { seconds: (Date.parse(completed_at) - Date.parse(started_at)) / 1000 }),
      }));
  }
}

/** `owner/name` of a remote at GitHub: https://github.com/owner/name.git, git@github.com:owner/name. */
async function slugOf(git: SimpleGit): Promise<string | undefined> {
  const url = (await git.getRemotes(true)).find(({ name }) => name === REMOTE)?.refs.fetch ?? "";
  return /github\.com[:/]([^/]+\/[^/]+?)(\.git)?\/?$/.exec(url)?.[1];
}
