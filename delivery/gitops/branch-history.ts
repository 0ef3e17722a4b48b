import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Git, GitError, unlessGitError } from "../git/repository.ts";

/** Commits of a branch that are fetched at first: those of a few days. More follow if a question needs them. */
const FIRST_DEPTH = 50;
const GROWTH = 8;
const MOST_STEPS = 2;

/** The remote's branches in a repository of ours that holds only the newest commits of each. */
export class BranchHistory {
  readonly git: Git;
  private readonly url: string;
  private depth = FIRST_DEPTH;

  constructor(git: Git, url: string) {
    this.git = git;
    this.url = url;
  }

  /**
   * @returns the branch's newest commit; undefined if the remote does not have the branch.
   * @throws GitError if the remote cannot be reached.
   */
  async fetch(branch: string): Promise<string | undefined> {
    const ref = refOf(branch);
    const isKnown = (await this.git.findCommit(ref)) !== undefined;
    try {
      await this.fetchRef(branch, isKnown ? [] : [`--depth=${this.depth}`]);
    } catch (error) {
      if (!(error instanceof GitError) || !/couldn't find remote ref/.test(error.message)) throw error;
      if (isKnown) await this.git.run("update-ref", "-d", ref);
      return undefined;
    }
    return this.git.findCommit(ref);
  }

  private async fetchRef(branch: string, depth: string[]): Promise<void> {
    // The progress says that the remote is alive, or the fetch would be ended as silent.
    const quick = ["--no-tags", "--progress", "--no-write-fetch-head"];
    await this.git.run("fetch", ...quick, ...depth, this.url, `+refs/heads/${branch}:${refOf(branch)}`);
  }

  /** Commits whose parents are not here. Git shows them as if they had created all of their files. */
  boundaries(): ReadonlySet<string> {
    const file = join(this.git.folder, "shallow");
    return new Set(existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : []);
  }

  /** Fetches older commits: some, and at last all. @returns false if there are none */
  async deepen(branch: string, everything = false): Promise<boolean> {
    if (this.boundaries().size === 0) return false;
    this.depth *= GROWTH;
    const isLast = everything || this.depth > FIRST_DEPTH * GROWTH ** (MOST_STEPS - 1);
    await this.fetchRef(branch, [isLast ? "--unshallow" : `--depth=${this.depth}`]);
    return true;
  }

  /**
   * Whether a commit of the branch is another one or comes after it.
   *
   * @throws GitError if the remote has to be asked and cannot be reached.
   */
  async isDescendant(branch: string, commit: string, of: string): Promise<boolean> {
    if (commit === of) return true;
    if (!(await this.git.findCommit(commit))) await this.fetch(branch);
    for (;;) {
      const known = (await this.git.findCommit(commit)) !== undefined && (await this.git.findCommit(of)) !== undefined;
      if (known && (await this.isAncestor(of, commit))) return true;
      // The other way round is an answer, too, and needs no older commits.
      if (known && (await this.isAncestor(commit, of))) return false;
      if (!(await this.deepen(branch, true))) return false;
    }
  }

  /** As far as the commits that are here say it. */
  async isAncestor(ancestor: string, of: string): Promise<boolean> {
    // Unlike rev-list, it does not trust the dates of commits.
    return (await unlessGitError(this.git.run("merge-base", "--is-ancestor", ancestor, of))) !== undefined;
  }
}

function refOf(branch: string): string {
  return `refs/slipway/remote/${branch}`;
}
