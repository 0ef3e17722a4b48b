import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { refuseFlagsTakenByNpm } from "../../delivery/npm-flags.ts";
import { createProgram } from "../../delivery/program.ts";
import { projectRoot } from "../project-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { runCommand } from "./shop.ts";

const program = createProgram(projectRoot);
const all = program.commands.flatMap(({ options }) => options);
const options = [...new Set(all.map(({ long }) => long ?? ""))];
const takesValue = (flag: string) =>
  all.some(({ long, required, optional }) => long === flag && (required || optional));
const refusal = (args: string[], environment: NodeJS.ProcessEnv) => {
  try {
    refuseFlagsTakenByNpm(program, args, { npm_command: "run", ...environment });
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

/** What npm sets for a script if it gets these flags before `--`. */
async function npmVariables(flags: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const folder = temporaryFolder();
  const scripts = { variables: 'node -p "JSON.stringify(process.env)"' };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "flags", version: "1.0.0", scripts }));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|CI$)/i.test(name)));
  const args = ["run", "--silent", "variables", ...flags];
  const { stdout } = await execa("npm", args, { cwd: folder, env, extendEnv: false });
  return JSON.parse(stdout);
}

describe("every flag that npm takes for its own", { timeout: 60_000 }, () => {
  it("is noticed: all but --verbose, which npm understands in the same way", async () => {
    const positive = options.filter((option) => !option.startsWith("--no-") && option !== "--verbose");
    const message = refusal(
      ["deploy"],
      await npmVariables(positive.map((flag) => (takesValue(flag) ? `${flag}=1` : flag))),
    );
    for (const option of positive) expect(message?.split("\n")[0]).toMatch(new RegExp(`${option}\\b(?!-)`));
  });

  it("is noticed if it negates", async () => {
    const negative = options.filter((option) => option.startsWith("--no-"));
    const message = refusal(["deploy"], await npmVariables(negative));
    for (const option of negative) expect(message).toContain(option);
  });

  it("is none if there is none", async () => {
    expect(refusal(["deploy"], await npmVariables([]))).toBeUndefined();
  });
});

describe("a flag before --", () => {
  it("stops the command, and the right command line is shown", async () => {
    // A stack that does not exist: if this ever fails, nothing is deployed.
    const args = ["deploy", "--stack", "nowhere", "--release", "v2"];
    const environment = { npm_command: "run", npm_config_dry_run: "true" };
    const { exitCode, stderr } = await runCommand(args, projectRoot, environment);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("npm took --dry-run for its own");
    expect(stderr).toContain("npm run slipway -- deploy --stack nowhere --release v2 --dry-run\n");
  });

  it.each([
    [{ npm_config_stack: "prod" }, ["deploy"], "npm run slipway -- deploy --stack=prod"],
    [
      { npm_config_stack: "true", npm_config_release: "true" },
      ["deploy", "dev", "v3"],
      "deploy --stack <name> --release <tag>",
    ],
    [{ npm_config_token_description: "v1" }, ["rollback"], "rollback --to=v1"],
    [{ npm_config_commit_hooks: "" }, ["deploy"], "deploy --no-commit"],
    [{ npm_config_tag: "false" }, ["deploy"], "deploy --no-tag"],
  ])("is shown where it belongs: %j", (environment, args, corrected) => {
    expect(refusal(args, environment)).toContain(corrected);
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ["a tag for npm publish", { npm_config_tag: "next" }],
    ["--yes of npx", { npm_command: "exec", npm_config_yes: "true" }],
    ["--yes for npx in CI", { CI: "true", npm_config_yes: "true" }],
    ["a default", { npm_config_yes: "", npm_config_dry_run: "" }],
    ["no npm", { npm_command: undefined, npm_config_dry_run: "true" }],
  ])("is not suspected in settings of npm: %s", (_, environment) => {
    expect(refusal(["deploy"], environment)).toBeUndefined();
  });
});
