import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { markdownFiles, ROOT, readText } from "./markdown.ts";

const scripts: Record<string, string> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;
let sandboxCommands: string[];

beforeAll(async () => {
  const help = await execa("node", ["sandbox/cli.ts", "--help"], { cwd: ROOT });
  sandboxCommands = [...help.stdout.matchAll(/^ {2}([a-z|]+)/gm)].flatMap(([, names = ""]) => names.split("|"));
}, 60_000);

/** `npm run <script>` and `npm run sandbox -- <command>` that do not exist. */
function unknownCommands(markdown: string): string[] {
  const npm = [...markdown.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)(?: -- ([a-z]+)\b)?/g)];
  return npm
    .filter(([, script = "", command]) => {
      if (!(script in scripts)) return true;
      return script === "sandbox" && command !== undefined && !sandboxCommands.includes(command);
    })
    .map(([call]) => call);
}

describe("commands", () => {
  it.each(markdownFiles())("of npm in %s exist", (file) => {
    expect(unknownCommands(readText(file))).toEqual([]);
  });

  it("that do not exist are found", () => {
    const markdown = "`npm run sandbox -- up`, `npm run --silent sandbox -- upp`, `npm run chekc`";
    expect(unknownCommands(markdown)).toEqual(["npm run --silent sandbox -- upp", "npm run chekc"]);
  });
});
