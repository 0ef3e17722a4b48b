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
    const staged = await withIndex(git, join(folder, "index"));
    const [blob, entry, identity] = await Promise.all([
      git.text("hash-object", "-w", "--no-filters", content),
      git.text("ls-tree", "--full-tree", parent, path),
      identityArguments(git, actor),
      staged.run("read-tree", parent),
    ]);
    const mode = entry.split(" ")[0] || "100644";
    await staged.run("update-index", "--add", "--cacheinfo", `${mode},${blob},${path}`);
    const tree = await staged.text("write-tree");
    return await git.text(...identity, "commit-tree", tree, "-p", parent, "-m", message);
  } finally {
    // After a failure, git may still be writing here.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
