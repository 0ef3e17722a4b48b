import { describe, expect, it } from "vitest";
import { EXIT_CODES } from "../../delivery/exit-codes.ts";
import { createProgram } from "../../delivery/program.ts";
import { projectRoot } from "../project-root.ts";
import { runCommand, TOKEN } from "./shop.ts";

const COMMANDS = (
  "abort artifacts completion deploy diff doctor drift history import logs notify open pause preview promote " +
  "release restart retry rollback rollouts run stacks status tag unlock version"
).split(" ");

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

  it.each(COMMANDS)("of %s gives an example", async (name) => {
    const { stdout } = await run([name, "--help"]);
    expect(stdout).toMatch(new RegExp(`^Examples:\n  npm run slipway -- ${name}\\b`, "m"));
  });

  it("marks what is required, and names the variable with the default", async () => {
    const { stdout } = await run(["deploy", "--help"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("(required; environment: SLIPWAY_STACK)");
  });

  it("has the exit codes", async () => {
    const { stdout } = await run(["--help"]);
    for (const [code, meaning] of EXIT_CODES)
      expect(stdout).toMatch(new RegExp(`^  ${code} +${meaning.slice(0, 20)}`, "m"));
  });

  it("describes each command and option", () => {
    const { commands } = createProgram(projectRoot);
    const described = commands.flatMap((command) => [command, ...command.options]);
    expect(described.filter(({ description }) => String(description) === "")).toEqual([]);
  });
});

describe("an invalid command line", () => {
  it.each([
    ["an unknown command", ["deploi", "--stack", "dev"], "(Did you mean deploy?)"],
    ["an unknown option", ["deploy", "--stack", "dev", "--relase", "v1"], "(Did you mean --release?)"],
    ["an unknown option in place of a required one", ["deploy", "--stak", "dev"], "(Did you mean --stack?)"],
    ["a missing stack", ["deploy", "--release", "v1"], "required option '--stack <name>' not specified"],
    [
      "a missing stack, with those that exist",
      ["deploy"],
      "Available stacks: dev, local, prod, qa, staging, strategies.",
    ],
    ["a stack outside of stacks/", ["status", "--stack", "x/../../dev"], "A stack's name has letters, digits"],
    ["an invalid number", ["history", "--stack", "dev", "--limit", "0"], "must be a whole number above 0"],
    ["an invalid duration", ["logs", "api", "--stack", "dev", "--since", "5x"], "a number with its unit"],
    ["a release that is not an option", ["deploy", "v1.4.0", "--stack", "dev"], "Did you mean --release v1.4.0?"],
    ["a service that is not an option", ["restart", "api", "--stack", "dev"], "Did you mean --service api?"],
    ["a word too many", ["status", "api", "--stack", "dev"], 'status takes no argument "api"'],
    ["a missing service", ["logs", "--stack", "local"], "name a service of local: web, api, orders, worker"],
    ["help for an unknown command", ["help", "deploi"], "(Did you mean deploy?)"],
    ["an invalid status", ["notify", "--stack", "dev", "--status", "great"], "Allowed choices are success, failure"],
  ])("is refused with exit code 64 and no stack trace: %s", async (_, args, fault) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect([exitCode, stdout]).toEqual([64, ""]);
    expect(stderr).toContain(fault);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it("names the stack or the service that was probably meant", async () => {
    const { exitCode, stderr } = await run(["status", "--stack", "stagin"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Pulumi.stagin.yaml does not exist.")]);
    expect(stderr).toContain("Did you mean staging?");
    expect((await run(["deploy", "--stack", "local", "--service", "oders"])).stderr).toContain("Did you mean orders?");
  });

  it("takes the stack from SLIPWAY_STACK, which --stack overrides", async () => {
    expect((await run(["status"], { SLIPWAY_STACK: "nowhere" })).stderr).toContain("Pulumi.nowhere.yaml");
    expect((await run(["status", "--stack", "there"], { SLIPWAY_STACK: "nowhere" })).stderr).toContain(
      "Pulumi.there.yaml",
    );
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
