import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../delivery/program.ts";
import { projectRoot } from "../project-root.ts";

/** Pipelines start Node themselves where a signal has to reach the command. */
const NODE = "node delivery/cli.ts";
const read = (file: string) => readFileSync(join(projectRoot, file), "utf8").replaceAll(NODE, "npm run slipway --");
const under = (folder: string, end: RegExp) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => end.test(file))
    .map((file) => join(folder, file));

const GITHUB = under(".github", /\.ya?ml$/);
const CI = [...GITHUB, "Jenkinsfile", "bitbucket-pipelines.yml"];
const DOCS = ["README.md", ...under("docs", /\.md$/)];

describe("GitHub actions", () => {
  const uses = GITHUB.flatMap((file) =>
    [...read(file).matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, used]) => used ?? ""),
  );

  it("of other repositories are pinned to a commit, with the version as a comment", () => {
    const others = uses.filter((used) => !used.startsWith("./"));
    expect(others.length).toBeGreaterThan(5);
    expect(others.filter((used) => !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))).toEqual([]);
  });

  it("of this project exist", () => {
    const own = uses.filter((used) => used.startsWith("./"));
    const files = own.map((used) => (/\.ya?ml$/.test(used) ? used : `${used}/action.yaml`).replace("./", ""));
    expect(files.filter((file) => !GITHUB.includes(file))).toEqual([]);
    expect(files).toContain(".github/actions/setup/action.yaml");
  });
});

describe("slipway commands in CI files and documents", () => {
  /** Options by command. */
  const options = new Map(
    createProgram(projectRoot).commands.map((command) => [
      command.name(),
      command.options.map(({ long }) => long ?? ""),
    ]),
  );

  const optionsIn = (text: string) => [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);

  /** Each `slipway -- <command>` with its options, up to the end of the command or the sentence. */
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

  it("exist with all their options", () => {
    const texts = [...CI, ...DOCS].map(read);
    expect(texts.flatMap(callsIn).length).toBeGreaterThan(30);
    expect(texts.flatMap(faultsIn)).toEqual([]);
  });

  it("have options that scripts put together elsewhere, and those exist too", () => {
    const known = new Set([...options.values()].flat());
    // Options of git and npm, up to the next command.
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
  ])("are found if they are wrong: %j", (text) => {
    expect(faultsIn(text)).toHaveLength(1);
  });
});
