import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";

export const ROOT = join(import.meta.dirname, "../..");

/** Every Markdown file of the repository, tracked or new. */
export function markdownFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.md"];
  return execaSync("git", args, { cwd: ROOT })
    .stdout.split("\n")
    .filter((file) => file !== "" && existsSync(join(ROOT, file)));
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** Markdown without its code blocks. */
export function prose(markdown: string): string {
  return markdown.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "");
}

/** Anchors of the headings, as GitHub makes them: lower case, no punctuation, dashes for spaces. */
export function anchors(markdown: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
