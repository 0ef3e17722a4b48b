import { describe, expect, it } from "vitest";
import { createProgram } from "../../delivery/program.ts";
import { projectRoot } from "../project-root.ts";
import { runCommand, TOKEN } from "./shop.ts";

const COMMANDS = "artifacts deploy drift history notify preview release restart rollback status tag version".split(" ");

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  runCommand(args, projectRoot, environment);

describe("--help", () => {
  it("lists every command", async () => {
    const { exitCode, stdout } = await run(["--help"]);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
    expect([exitCode, listed.sort()]).toEqual([0, COMMANDS]);
  });

  it.each(COMMANDS)("of %s shows its usage, with --dry-run and --json", async (name) => {
    const { exitCode, stdout } = await run([name, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: npm run slipway -- ${name} [options]`);
    expect(stdout).toMatch(/^ {2}--dry-run .*^ {2}--json /ms);
  });

  it("describes each command and option", () => {
    const { commands } = createProgram(projectRoot);
    const described = commands.flatMap((command) => [command, ...command.options]);
    expect(described.filter(({ description }) => String(description) === "")).toEqual([]);
  });
});

describe("an invalid command line", () => {
  it.each([
    ["an unknown command", ["deploi", "--stack", "dev"], "unknown command 'deploi'"],
    ["an unknown option", ["deploy", "--stack", "dev", "--relase", "v1"], "unknown option '--relase'"],
    ["a missing stack", ["deploy", "--release", "v1"], "required option '--stack <name>' not specified"],
    ["a stack without a file", ["release", "v1", "--stack", "nowhere"], "stacks/Pulumi.nowhere.yaml does not exist"],
    ["an invalid number", ["history", "--stack", "dev", "--limit", "0"], "must be a whole number above 0"],
    ["an invalid status", ["notify", "--stack", "dev", "--status", "great"], "Allowed choices are success, failure"],
  ])("is refused with exit code 1 and no stack trace: %s", async (_, args, fault) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(fault);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it("is reported in JSON under --json, with a stack trace under DEBUG", async () => {
    const { exitCode, stdout, stderr } = await run(["release", "v1", "--stack", "nowhere", "--json"], { DEBUG: "1" });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toContain("stacks/Pulumi.nowhere.yaml does not exist");
    expect(stderr).toMatch(/^ {4}at /m);
  });
});

it.each([
  ["from the environment", ["notify", "--stack", "dev", "--reason", `the token ${TOKEN}`], 5],
  ["by its format", ["notify", "--stack=dev", "--reason=xoxb-123456789012-abcdefghijkl"], 3],
])("refuses a secret on the command line and does not print it: known %s", async (_, args, position) => {
  const { exitCode, stdout, stderr } = await run([...args, "--json"], { GITHUB_TOKEN: TOKEN });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Argument ${position} is a secret; nothing was done.`);
  expect(stdout + stderr).not.toMatch(/a-token-that|xoxb/);
});
