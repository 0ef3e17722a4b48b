import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../project-root.ts";

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const under = (folder: string, end: RegExp) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => end.test(file))
    .map((file) => join(folder, file));

const GITHUB = under(".github", /\.ya?ml$/);
const CI = [...GITHUB, "Jenkinsfile", "bitbucket-pipelines.yml"];
const DOCS = ["README.md", ...under("docs", /\.md$/)];

describe("GitHub's actions", () => {
  const uses = GITHUB.flatMap((file) =>
    [...read(file).matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, used]) => used ?? ""),
  );

  it("of others are pinned by their commit, with the version beside it", () => {
    const others = uses.filter((used) => !used.startsWith("./"));
    expect(others.length).toBeGreaterThan(5);
    expect(others.filter((used) => !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))).toEqual([]);
  });

  it("of this project are there", () => {
    const own = uses.filter((used) => used.startsWith("./"));
    const files = own.map((used) => (/\.ya?ml$/.test(used) ? used : `${used}/action.yaml`).replace("./", ""));
    expect(files.filter((file) => !GITHUB.includes(file))).toEqual([]);
    expect(files).toContain(".github/actions/setup/action.yaml");
  });
});

it.each(["Jenkinsfile", "bitbucket-pipelines.yml"])("%s is short, for all that matters is in the commands", (file) => {
  expect(read(file).trimEnd().split("\n").length).toBeLessThan(60);
});

describe("the commands that are called", () => {
  /** Options by command, as --help has them. */
  const options = new Map<string, string[]>();

  beforeAll(async () => {
    const help = async (...args: string[]) =>
      (await execa("node", ["--import", "tsx", "delivery/cli.ts", ...args, "--help"], { cwd: projectRoot })).stdout;
    const names = [...(await help()).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name ?? "");
    const helps = await Promise.all(names.map((name) => help(name)));
    for (const [index, name] of names.entries())
      options.set(
        name,
        [...(helps[index] ?? "").matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? ""),
      );
  }, 60_000);

  const optionsIn = (text: string) => [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);

  /** Each `slipway -- <command>` with what follows on its line, up to where the shell, or the sentence, goes on. */
  const callsIn = (text: string) =>
    [...text.replaceAll(/\\\n\s*/g, " ").matchAll(/slipway -- ([a-z]+)([^\n`;|)&#]*)/g)].map(([call, name, rest]) => ({
      call,
      name: name ?? "",
      used: optionsIn(rest ?? ""),
    }));

  const faultsIn = (text: string) =>
    callsIn(text)
      .filter(({ name, used }) => used.some((option) => !options.get(name)?.includes(option)) || !options.has(name))
      .map(({ call }) => call);

  it("are there with all their options, in CI and in the documents", () => {
    const texts = [...CI, ...DOCS].map(read);
    expect(texts.flatMap(callsIn).length).toBeGreaterThan(30);
    expect(texts.flatMap(faultsIn)).toEqual([]);
  });

  it("have options that are put together elsewhere in CI's scripts, and those are there, too", () => {
    const known = new Set([...options.values()].flat());
    // What is git's or npm's own, up to where another command begins.
    const others = /\b(git|npm ci|npm run --silent|grep)\b[^\n;|&'")]*('[^']*')?[^\n;|&'")]*/g;
    const used = CI.filter((file) => read(file).includes("slipway --")).flatMap((file) =>
      optionsIn(
        read(file)
          .replaceAll(/#.*|\/\/.*/g, "")
          .replaceAll(others, ""),
      ),
    );
    expect(new Set(used)).toContain("--to");
    expect(used.filter((option) => !known.has(option))).toEqual([]);
  });

  it.each([
    "npm run slipway -- deploi --stack prod",
    "npm run slipway -- deploy --stack prod --to v1",
    "npm run slipway -- rollback \\\n  --stack prod --too=v1; echo",
  ])("would be found out: %j", (text) => {
    expect(faultsIn(text)).toHaveLength(1);
  });
});
