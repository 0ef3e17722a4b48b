import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Git, unlessGitError } from "./repository.ts";

/** A folder that images are built from, in the project's repository or in a submodule of it. */
export interface SourceFolder {
  /** Runs in the top folder of that repository. */
  git: Git;
  /** Path of the folder from there. It may not exist now. */
  path: string;
  /** The commit of the folder's own repository that belongs to a commit of the project; undefined if there is none. */
  commitAt: (commit: string) => Promise<string | undefined>;
}

/**
 * @param git in the project's folder
 * @param folder from there, such as `api` or `../billing`
 * @returns undefined for a folder of another repository, or of none: no commit of the project says what is in it.
 */
export async function openSourceFolder(git: Git, folder: string): Promise<SourceFolder | undefined> {
  const path = resolve(git.folder, folder);
  let parent = path;
  while (!existsSync(parent)) parent = dirname(parent);
  const [top, project] = await Promise.all([topOf(new Git(parent)), topOf(git)]);
  if (top === "" || !(await isPartOf(top, project))) return undefined;
  return {
    git: new Git(top),
    // git resolves symbolic links.
    path: join(relative(top, realpathSync(parent)), relative(parent, path)),
    commitAt: (commit) => commitIn(top, project, commit),
  };
}

const topOf = async (git: Git) => (await unlessGitError(git.layout()))?.top ?? "";
const outerOf = (top: string) => new Git(top).textOrEmpty("rev-parse", "--show-superproject-working-tree");

async function isPartOf(top: string, project: string): Promise<boolean> {
  if (top === project) return true;
  const outer = await outerOf(top);
  return outer !== "" && isPartOf(outer, project);
}

/** Submodules can be nested: each is at the commit that its outer repository names. */
async function commitIn(top: string, project: string, commit: string): Promise<string | undefined> {
  if (top === project) return commit;
  const outer = await outerOf(top);
  const outerCommit = await commitIn(outer, project, commit);
  if (outerCommit === undefined) return undefined;
  const entry = await new Git(outer).textOrEmpty("ls-tree", "--full-tree", outerCommit, "--", relative(outer, top));
  return /^160000 commit ([0-9a-f]+)/.exec(entry)?.[1];
}
