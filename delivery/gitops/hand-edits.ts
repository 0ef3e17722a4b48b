import type { Git } from "../git/repository.ts";
import type { BranchHistory } from "./branch-history.ts";
import { type ManifestsCommit, readCommits } from "./deploy-commit.ts";

/** A file that somebody changed, created or deleted in the manifests repository after Slipway's last change of it. */
export interface HandEdit {
  /** In the repository. */
  file: string;
  commit: ManifestsCommit;
}

/**
 * Those of some files whose last change is not a commit by Slipway. A merge counts only for what it changed itself.
 *
 * @param head of the branch
 * @param files in the repository. One that is not there now was deleted by hand if one of the newest commits says so.
 */
export async function findHandEdits(
  history: BranchHistory,
  branch: string,
  head: string,
  files: readonly string[],
): Promise<HandEdit[]> {
  if (files.length === 0) return [];
  const present = new Set(await listFiles(history.git, head, files));
  for (;;) {
    const last = await lastChanges(history, head, files);
    const isComplete = [...present].every((file) => last.has(file));
    if (!isComplete && (await history.deepen(branch))) continue;
    const commits = await commitsOf(history.git, [...new Set(last.values())]);
    return files.flatMap((file) => {
      const commit = commits.get(last.get(file) ?? "");
      return commit && commit.deploy === undefined ? [{ file, commit }] : [];
    });
  }
}

/** Commits after another one that are not by Slipway, of those that changed files themselves. Newest first. */
export async function findForeignCommits(git: Git, after: string, head: string): Promise<ManifestsCommit[]> {
  const changed = new Set((await changesSince(git, [`${after}..${head}`])).map(([commit]) => commit));
  const commits = await commitsOf(git, [...changed]);
  return [...commits.values()].filter(({ deploy }) => deploy === undefined);
}

/** The newest commit that changed each of the files. */
async function lastChanges(
  history: BranchHistory,
  head: string,
  files: readonly string[],
): Promise<Map<string, string>> {
  const boundaries = history.boundaries();
  const wanted = new Set(files);
  const last = new Map<string, string>();
  for (const [commit, file] of await changesSince(history.git, [head, "--", ...foldersOf(files)])) {
    if (wanted.has(file) && !last.has(file) && !boundaries.has(commit)) last.set(file, commit);
  }
  return last;
}

/** Pairs of commit and changed file, newest first. Of a merge, files that differ from all of its parents. */
async function changesSince(git: Git, selection: readonly string[]): Promise<[commit: string, file: string][]> {
  const log = await git.run(
    "log",
    "-z",
    "-c",
    "--root",
    "--name-only",
    "--no-renames",
    "--format=commit:%H",
    ...selection,
  );
  let commit = "";
  return log.split("\0").flatMap((token): [string, string][] => {
    const [, found] = /^commit:([0-9a-f]{40,64})$/.exec(token) ?? [];
    commit = found ?? commit;
    // A line break comes before the first file.
    return found !== undefined || token === "" ? [] : [[commit, token.replace(/^\n/, "")]];
  });
}

/** Fewer arguments than files: a command line is limited. */
function foldersOf(files: readonly string[]): string[] {
  const folders = files.map((file) => file.split("/")[0] ?? file);
  return [...new Set(folders)];
}

async function commitsOf(git: Git, names: readonly string[]): Promise<Map<string, ManifestsCommit>> {
  if (names.length === 0) return new Map();
  const commits = await readCommits(git, "--no-walk=unsorted", ...names);
  return new Map(commits.map((commit) => [commit.commit, commit]));
}

/** Those of some files that a commit has. */
async function listFiles(git: Git, commit: string, files: readonly string[]): Promise<string[]> {
  const tree = await git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit);
  const wanted = new Set(files);
  return tree.split("\0").filter((file) => wanted.has(file));
}
