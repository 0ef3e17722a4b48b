import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { projectRoot } from "../project-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const command = join(projectRoot, packageJson.bin.slipway);

const run = (path: string, args: readonly string[], cwd: string) =>
  execa(path, args, { cwd, reject: false, extendEnv: false, env: { PATH: process.env.PATH, HOME: process.env.HOME } });

/** A folder that looks like a checkout, whose command line prints where it is. */
function checkout(): string {
  const folder = temporaryFolder();
  for (const sub of ["delivery", "stacks/deep", "node_modules"]) mkdirSync(join(folder, sub), { recursive: true });
  symlinkSync(join(projectRoot, "node_modules/commander"), join(folder, "node_modules/commander"));
  for (const file of ["Pulumi.yaml", "package.json"]) cpSync(join(projectRoot, file), join(folder, file));
  writeFileSync(join(folder, "delivery/cli.ts"), "console.log(import.meta.dirname as string);\n");
  return folder;
}

describe("the command slipway", () => {
  it("runs through a link from any folder, and calls itself so in the help", async () => {
    const folder = temporaryFolder();
    symlinkSync(command, join(folder, "slipway"));
    const version = await run(join(folder, "slipway"), ["--version"], folder);
    expect([version.exitCode, version.stdout]).toEqual([0, packageJson.version]);
    const { stdout } = await run(join(folder, "slipway"), ["deploy", "--help"], folder);
    expect(stdout).toContain("Usage: slipway deploy [options]");
  });

  it("acts on the project around the working folder, with that project's own commands", async () => {
    const folder = checkout();
    const { stdout } = await run(command, [], join(folder, "stacks/deep"));
    expect(stdout).toBe(join(folder, "delivery"));
  });

  it("passes on the exit code", async () => {
    expect((await run(command, ["deploi"], projectRoot)).exitCode).toBe(64);
  });

  it("says how to install the packages if they are missing", async () => {
    const folder = temporaryFolder();
    cpSync(join(checkout(), "delivery"), join(folder, "delivery"), { recursive: true });
    for (const file of ["Pulumi.yaml", "package.json"]) cpSync(join(projectRoot, file), join(folder, file));
    const { exitCode, stderr } = await run(command, [], folder);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("npm ci --ignore-scripts")]);
  });
});
