import { execa } from "execa";
import { parse as parseVersion } from "semver";
import packageJson from "../../package.json" with { type: "json" };
import { readBackend } from "../engine/backend.ts";
import { Failure } from "../failure.ts";
import { openRepository, REMOTE } from "../git/repository.ts";
import { check, type Finding } from "./check.ts";

/** Checks what every command needs on this machine. */
export async function checkMachine(root: string): Promise<Finding[]> {
  const [tools, engine] = await Promise.all([checkTools(root), checkEngine(root)]);
  return [...tools, ...engine];
}

function checkTools(root: string): Promise<Finding[]> {
  return Promise.all([
    check({ name: "node", find: async () => process.version, fix: "install Node: .node-version names the version" }),
    check({
      name: "git",
      find: () => versionOf("git", ["--version"]),
      fix: "apt-get install git, brew install git, or https://git-scm.com/downloads",
    }),
    check({
      name: "repository",
      find: async () => {
        const branch = await (await openRepository(root)).textOrEmpty("branch", "--show-current");
        return branch ? `branch ${branch}` : "no branch is checked out";
      },
      fix: "git clone <URL>: records of deploys are commits",
    }),
    check({
      name: "remote",
      find: async () => {
        if (!(await (await openRepository(root)).hasRemote())) throw new Failure(`the repository has no ${REMOTE}`);
        return REMOTE;
      },
      fix: `git remote add ${REMOTE} <URL>: records and tags are pushed there`,
      optional: true,
    }),
    check({
      name: "git identity",
      find: async () => {
        const email = await (await openRepository(root)).textOrEmpty("config", "--get", "user.email");
        if (!email) throw new Failure("user.email is not set, so records name the user of this machine");
        return email;
      },
      fix: 'git config --global user.name "<name>" && git config --global user.email <address>',
      optional: true,
    }),
  ]);
}

async function checkEngine(root: string): Promise<Finding[]> {
  const version = packageJson.dependencies["@pulumi/pulumi"];
  const engine = await check({
    name: "pulumi",
    find: engineVersion,
    fix: `curl -fsSL https://get.pulumi.com | sh -s -- --version ${version}`,
  });
  if (engine.result !== "ok") return [engine];
  const login = await check({
    name: "login",
    find: async () => {
      const { url, user } = await readBackend(root);
      return [url, user && `as ${user}`].filter(Boolean).join(" ");
    },
    fix: "pulumi login <URL of the state>, or set PULUMI_BACKEND_URL",
  });
  return [engine, login];
}

/** The first line that a tool prints about its version. @throws Failure if it is not installed, or fails. */
export async function versionOf(tool: string, args: readonly string[]): Promise<string> {
  const result = await execa(tool, args, { reject: false, stdin: "ignore", timeout: 20_000 });
  if (result.code === "ENOENT") throw new Failure("not on PATH");
  if (result.exitCode !== 0) throw new Failure(lineOf(result.stderr) || `ended with exit code ${result.exitCode}`);
  return lineOf(result.stdout);
}

function lineOf(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

/** The engine and the program's SDK are released together. A newer engine runs a program with an older SDK; the reverse may fail. */
async function engineVersion(): Promise<string> {
  const found = await versionOf("pulumi", ["version"]);
  const [engine, needed] = [parseVersion(found), parseVersion(packageJson.dependencies["@pulumi/pulumi"])];
  if (engine && needed && (engine.major !== needed.major || engine.minor < needed.minor)) {
    throw new Failure(`${found} is older than ${needed}, which this project uses`);
  }
  return found;
}
