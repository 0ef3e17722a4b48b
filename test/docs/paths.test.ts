import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readText } from "./markdown.ts";

/** Pages that name files of this repository. */
const PAGES = ["README.md", "CONTRIBUTING.md", "docs/architecture.md"];
const FOLDERS = "charts|components|config|delivery|docs|examples|sandbox|stacks|test|\\.github|\\.ci";

/** Paths in backticks that do not exist. `<name>` and `*` stand for something that varies: only what comes before is checked. */
function missingPaths(markdown: string): string[] {
  const paths = [...markdown.matchAll(new RegExp(`\`((?:${FOLDERS})/[^\`\\s]*)\``, "g"))].map(([, path = ""]) => path);
  return paths.filter((path) => !existsSync(join(ROOT, path.replace(/[^/]*[<*{].*$/, ""))));
}

describe("paths", () => {
  it.each(PAGES)("in %s exist", (page) => {
    expect(missingPaths(readText(page))).toEqual([]);
  });

  it("that are missing are found", () => {
    expect(missingPaths("`config/index.ts` `config/no.ts` `stacks/Pulumi.<env>.yaml` `nowhere/<name>`")).toEqual([
      "config/no.ts",
    ]);
  });
});
