import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Git, identityArguments, withIndex } from "./repository.ts";

/** A file's new content. */
export interface FileChange {
  /** In the repository. */
  path: string;
  text: string;
  /** Of the commit. */
  message: string;
  /** Author, if git has no identity. */
  actor: string;
}

/** Creates a commit that changes one file, without a checkout. @returns the commit */
export async function createCommit(
  git: Git,
  parent: string,
  { path, text, message, actor }: FileChange,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-record-"));
  try {
    const content = join(folder, "content");
    writeFileSync(content, text);
    const blob = await git.text("hash-object", "-w", "--no-filters", content);
    const [mode = "100644"] = (await git.text("ls-tree", "--full-tree", parent, path)).split(" ");
    const staged = await withIndex(git, join(folder, "index"));
    await staged.run("read-tree", parent);
    await staged.run("update-index", "--add", "--cacheinfo", `${mode},${blob},${path}`);
    const tree = await staged.text("write-tree");
    const identity = await identityArguments(git, actor);
    return await git.text(...identity, "commit-tree", tree, "-p", parent, "-m", message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
