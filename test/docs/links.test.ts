import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { anchors, markdownFiles, prose, ROOT, readText } from "./markdown.ts";

/** Links of a file that lead nowhere inside the repository. */
function brokenLinks(file: string, markdown: string): string[] {
  const targets = [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const linked = path === "" ? file : normalize(join(dirname(file), path));
    if (path !== "" && !existsSync(join(ROOT, linked))) return true;
    if (anchor === undefined) return false;
    return !anchors(linked === file ? markdown : readText(linked)).includes(anchor);
  });
}

describe("links", () => {
  it.each(markdownFiles())("of %s lead to files and headings that exist", (file) => {
    expect(brokenLinks(file, readText(file))).toEqual([]);
  });

  it("to a missing file or heading are found", () => {
    const markdown = "# One\n[a](missing.md) [b](#two) [c](#one) [d](../README.md#slipway) [e](https://example.com/x)";
    expect(brokenLinks("docs/page.md", markdown)).toEqual(["missing.md", "#two"]);
  });
});
