import { Failure } from "../failure.ts";
import { GitError, unlessGitError } from "../git/repository.ts";
import { BranchHistory } from "./branch-history.ts";
import { type DeployMessage, deployMessage, type ManifestsCommit, readCommits } from "./deploy-commit.ts";
import { checkPath, createFoldersCommit, type FolderContent } from "./folder-changes.ts";
import { findHandEdits, type HandEdit } from "./hand-edits.ts";
import { checkRepositoryUrl } from "./manifests-login.ts";
import { type Proposal, proposeFolders } from "./proposed-deploy.ts";
import { fetchFailure } from "./push-failure.ts";
import { listChanges, type Pushed, pushFolders } from "./push-folders.ts";
import { type TemporaryRepositoryOptions, withTemporaryRepository } from "./temporary-repository.ts";

/** Where a stack's manifests are. */
export interface ManifestsSource extends TemporaryRepositoryOptions {
  /** `https://…`, `ssh://…`, `git@host:path` or `file:///…`, without a login. */
  repository: string;
  /** Created by the first commit if the repository does not have it. */
  branch: string;
  /** Folder of the branch that belongs to the stack. @default - the whole branch */
  path?: string;
}

/**
 * Opens the manifests repository: the branch's newest commits, in a temporary folder that is deleted at the end, whatever happens.
 * There is no checkout. Changes are collected, and reach the repository by `commitAndPush` or `propose` alone.
 *
 * @throws Failure if the repository cannot be read within the time limit, or a signal ended it; nothing was changed.
 */
export async function withManifests<T>(source: ManifestsSource, use: (manifests: Manifests) => Promise<T>): Promise<T> {
  const { repository: url, branch } = source;
  const path = source.path?.replace(/^\/+|\/+$/g, "") ?? "";
  checkRepositoryUrl(url);
  if (path !== "") checkPath(path, "The path");
  return withTemporaryRepository(url, source, async (git) => {
    const manifests = new Manifests(new BranchHistory(git, url), { url, branch }, path);
    await manifests.refresh();
    return use(manifests);
  });
}

/** A stack's manifests in the repository. Files and folders are named from the stack's path. */
export class Manifests {
  /** The branch's newest commit that is known. Undefined if the repository does not have the branch. */
  head: string | undefined;
  private readonly remote: BranchHistory;
  private readonly place: { url: string; branch: string };
  private readonly prefix: string;
  /** By their path in the repository. */
  private readonly folders = new Map<string, FolderContent>();

  constructor(history: BranchHistory, place: { url: string; branch: string }, path: string) {
    this.remote = history;
    this.place = place;
    this.prefix = path === "" ? "" : `${path}/`;
  }

  /** Asks the repository for newer commits. @throws Failure if it cannot be read. */
  async refresh(): Promise<void> {
    this.head = await this.ask((history) => history.fetch(this.place.branch));
  }

  /** Files of the newest commit, without the changes that are not pushed. @param folder @default - all of the stack */
  async files(folder = "", commit = this.head): Promise<string[]> {
    if (commit === undefined) return [];
    const within = `${this.prefix}${folder}`.replace(/\/$/, "");
    const listed = await this.git.run("ls-tree", "-r", "-z", "--name-only", commit, ...(within ? ["--", within] : []));
    return listed
      .split("\0")
      .filter(Boolean)
      .map((file) => file.slice(this.prefix.length));
  }

  /** A file of the newest commit, or of another one; undefined if it is not there. */
  async read(file: string, commit = this.head): Promise<string | undefined> {
    return commit === undefined
      ? undefined
      : unlessGitError(this.git.run("cat-file", "blob", `${commit}:${this.prefix}${file}`));
  }

  /** Makes the folder hold these files and no others, by their paths in it. */
  replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
    for (const file of files.keys()) checkPath(file, "The file");
    this.change(folder, new Map(files));
  }

  removeFolder(folder: string): void {
    this.change(folder, undefined);
  }

  /** Makes the folder what it was in an earlier commit of the branch; removes it if that commit does not have it. */
  async restoreFolder(folder: string, commit: string): Promise<void> {
    await this.requireCommit(commit);
    const tree = await this.treeOf(folder, commit);
    this.change(folder, tree === "" ? undefined : { tree });
  }

  /** Whether the folder of the newest commit is as it was in another one. */
  async isSameFolder(folder: string, commit: string): Promise<boolean> {
    await this.requireCommit(commit);
    const [now, then] = await Promise.all([this.treeOf(folder, this.head), this.treeOf(folder, commit)]);
    return now === then;
  }

  private async requireCommit(commit: string): Promise<void> {
    if (!(await this.git.findCommit(commit))) await this.ask((history) => history.deepen(this.place.branch, true));
    if (!(await this.git.findCommit(commit)))
      throw new Failure(`${this.place.branch} of ${this.place.url} has no commit ${commit}`);
  }

  /** Empty if the commit does not have the folder. */
  private async treeOf(folder: string, commit: string | undefined): Promise<string> {
    if (commit === undefined) return "";
    return this.git.textOrEmpty("rev-parse", "--verify", "--quiet", `${commit}:${this.prefix}${folder}`);
  }

  private change(folder: string, content: FolderContent): void {
    checkPath(folder, "The folder");
    const path = `${this.prefix}${folder}`;
    const other = [...this.folders.keys()].find(
      (known) => known !== path && `${known}/`.startsWith(`${path}/`) !== `${path}/`.startsWith(`${known}/`),
    );
    if (other) throw new Error(`The folder "${path}" and "${other}" contain each other`);
    this.folders.set(path, content);
  }

  /** Files of the stack whose last change is not a commit by Slipway. @throws Failure if older commits are needed and cannot be fetched. */
  async editedByHand(): Promise<HandEdit[]> {
    return this.handEditsOf((await this.files()).map((file) => `${this.prefix}${file}`));
  }

  /** Edits by hand that the changes collected so far would undo: show them before anything is pushed. */
  async undoneEdits(): Promise<HandEdit[]> {
    if (this.head === undefined || this.folders.size === 0) return [];
    const commit = await this.collected();
    const changed = await this.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", this.head, commit);
    return this.handEditsOf(changed.split("\0").filter(Boolean));
  }

  /** Top folders of the stack that the changes collected so far would change. */
  async changedFolders(): Promise<Set<string>> {
    if (this.folders.size === 0) return new Set();
    const files = this.named(await listChanges(this.git, this.head, await this.collected()));
    return new Set(files.map(({ file }) => file.split("/")[0] ?? file));
  }

  /** The changes collected so far as a unified diff, files named from the repository. Empty if the branch already has them. */
  async diff(): Promise<string> {
    if (this.folders.size === 0) return "";
    const commit = await this.collected();
    const ends = this.head === undefined ? ["--root", commit] : [this.head, commit];
    return this.git.run(
      "diff-tree",
      "-r",
      "-p",
      "--no-commit-id",
      "--no-renames",
      "--no-ext-diff",
      "--no-color",
      ...ends,
    );
  }

  /** A commit of the changes that no branch has. */
  private collected(): Promise<string> {
    const parents = this.head === undefined ? [] : [this.head];
    return createFoldersCommit(this.git, { parents, message: "", actor: "slipway", folders: this.folders });
  }

  private async handEditsOf(files: readonly string[]): Promise<HandEdit[]> {
    const { head } = this;
    if (head === undefined) return [];
    const edits = await this.ask((history) => findHandEdits(history, this.place.branch, head, files));
    return edits.map((edit) => ({ ...edit, file: edit.file.slice(this.prefix.length) }));
  }

  /**
   * Commits the changes on top of the branch and pushes them, never with force. If somebody pushes at the same time, the changes are
   * applied to the new commit and pushed again, up to five times.
   *
   * @returns what was pushed; undefined if the branch already holds all of it.
   * @throws Failure if the other push changed the same folders, if the server refuses, or if it cannot be reached.
   */
  async commitAndPush(message: DeployMessage & { author?: string }): Promise<Pushed | undefined> {
    const { pushed, head } = await pushFolders(this.remote, this.place, this.head, this.newCommit(message));
    this.head = head;
    this.folders.clear();
    return pushed && { ...pushed, files: this.named(pushed.files) };
  }

  /**
   * The same on a branch for a pull request, such as `deploy/prod/v1.3.0`. If that branch exists, a commit is added to it.
   *
   * @returns undefined if the stack's own branch already holds all of it.
   */
  async propose(branch: string, message: DeployMessage & { author?: string }): Promise<Proposal | undefined> {
    const proposal = await proposeFolders(this.remote, this.place, this.head, { ...this.newCommit(message), branch });
    this.folders.clear();
    return proposal && { ...proposal, files: this.named(proposal.files) };
  }

  private newCommit(message: DeployMessage & { author?: string }) {
    const { author } = message;
    const { actor } = message.deploy;
    return { message: deployMessage(message), actor, folders: new Map(this.folders), ...(author && { author }) };
  }

  private named<T extends { file: string }>(files: readonly T[]): T[] {
    return files.map((changed) => ({ ...changed, file: changed.file.slice(this.prefix.length) }));
  }

  /** Whether a commit of the branch is another one or comes after it. The repository is asked if it has to be. */
  async isDescendant(commit: string, of: string): Promise<boolean> {
    return this.ask((history) => history.isDescendant(this.place.branch, commit, of));
  }

  /** Commits by Slipway that changed the stack, newest first. @param limit number of them */
  async history(limit: number): Promise<ManifestsCommit[]> {
    const path = this.prefix === "" ? [] : ["--", this.prefix.slice(0, -1)];
    for (;;) {
      if (this.head === undefined) return [];
      const boundaries = this.remote.boundaries();
      const commits = await readCommits(this.git, this.head, ...path);
      // What a commit without parents changed is not known.
      const known = commits.filter(({ commit, deploy }) => deploy !== undefined && !boundaries.has(commit));
      if (known.length >= limit || !(await this.ask((history) => history.deepen(this.place.branch))))
        return known.slice(0, limit);
    }
  }

  private get git() {
    return this.remote.git;
  }

  /** @throws Failure in place of what git says about the remote. */
  private async ask<T>(question: (history: BranchHistory) => Promise<T>): Promise<T> {
    try {
      return await question(this.remote);
    } catch (error) {
      if (!(error instanceof GitError) || / was interrupted$/.test(error.message)) throw error;
      throw fetchFailure(error, this.place);
    }
  }
}
