import { randomUUID } from "node:crypto";
import { type Git, identityArguments } from "../git/repository.ts";

/** What a folder shall hold: these files, the tree of an earlier commit, or nothing. */
export type FolderContent = ReadonlyMap<string, string> | { tree: string } | undefined;

/** A commit to make. */
export interface NewCommit {
  /** The first one's content stays outside of the changed folders, unless `base` says otherwise. None for the first commit of a branch. */
  parents: readonly string[];
  /** Commit whose content stays outside of the changed folders. @default - the first parent */
  base?: string;
  message: string;
  /** Committer and author, if git has no identity. */
  actor: string;
  /** `Name <address>`. @default - the committer */
  author?: string;
  /** By their path in the repository. */
  folders: ReadonlyMap<string, FolderContent>;
}

/**
 * Creates a commit by one command, without a checkout: no line ends are changed, no filters or hooks run, and links in the repository
 * lead nowhere.
 *
 * @returns the commit
 */
export async function createFoldersCommit(git: Git, commit: NewCommit): Promise<string> {
  // Of this repository alone. git moves no existing ref to a commit that does not come after it.
  const ref = `refs/slipway/new/${randomUUID()}`;
  const identity = await git.text(...(await identityArguments(git, commit.actor)), "var", "GIT_COMMITTER_IDENT");
  const date = identity.slice(identity.lastIndexOf(">") + 1);
  const [from, ...merged] = commit.parents;
  const lines = [
    `commit ${ref}`,
    `author ${commit.author === undefined ? identity : commit.author + date}`,
    `committer ${identity}`,
    dataOf(commit.message),
    ...(from ? [`from ${from}`] : []),
    ...merged.map((parent) => `merge ${parent}`),
    ...(commit.base ? [`M 040000 ${await git.text("rev-parse", `${commit.base}^{tree}`)} ""`] : []),
    ...[...commit.folders].flatMap(([folder, content]) => changesOf(folder, content)),
  ];
  await git.feed(`${lines.join("\n")}\n`, "fast-import", "--quiet");
  return git.text("rev-parse", "--verify", ref);
}

function changesOf(folder: string, content: FolderContent): string[] {
  if (content === undefined) return [`D ${folder}`];
  if ("tree" in content) return [`M 040000 ${content.tree} ${folder}`];
  // Sorted, so that the same files are the same pack, whatever order they came in.
  const files = [...content].sort(([a], [b]) => (a < b ? -1 : 1));
  return [`D ${folder}`, ...files.map(([file, text]) => `M 100644 inline ${folder}/${file}\n${dataOf(text)}`)];
}

/** https://git-scm.com/docs/git-fast-import#_data */
function dataOf(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/**
 * @param what names the path in the error
 * @throws Error for a path that leaves its folder, or that git or its commands read as something else.
 */
export function checkPath(path: string, what: string): void {
  const parts = path.split("/");
  if (
    parts.some((part) => part === "" || part === "." || part === ".." || /^\.git$/i.test(part)) ||
    /[\p{Cc}"\\]/u.test(path)
  ) {
    throw new Error(`${what} "${path}" is no path inside of the manifests repository`);
  }
}
