import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GitServer } from "../../git/git-server.ts";

const USERS = { ada: "of ada", "deployer[bot]": "of the deployer" };
let folder: string;
let server: GitServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  server = new GitServer({ folder: join(folder, "repositories"), users: USERS });
  await server.createRepository("manifests", [{ branch: "env/prod", bypass: ["deployer[bot]"] }]);
  await server.start();
  await git("init", "--quiet", "--initial-branch=main", "clone");
  await commit("first");
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const IDENTITY = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "a@b",
};
const environment = { ...IDENTITY, GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
const git = async (...args: string[]) =>
  execa("git", args, { cwd: args[0] === "init" ? folder : join(folder, "clone"), env: environment, reject: false });

async function commit(text: string): Promise<void> {
  writeFileSync(join(folder, "clone/a.txt"), text);
  await git("add", "a.txt");
  await git("commit", "--quiet", "--message", text.slice(0, 20));
}

/** As git shows it to a user with a password, or with none. */
const as = (user?: keyof typeof USERS, password = user && USERS[user]) => {
  const login = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password ?? "")}@` : "";
  return server.url("manifests").replace("http://", `http://${login}`);
};

describe("the git server", () => {
  it("lets only its users in", async () => {
    expect((await git("ls-remote", as())).stderr).toContain("could not read Username");
    expect((await git("ls-remote", as("ada", "wrong"))).stderr).toContain("Authentication failed");
    expect(await git("ls-remote", as("ada"))).toMatchObject({ exitCode: 0 });
  });

  it("takes pushes, also large ones in chunks, and serves shallow clones", async () => {
    await commit("second");
    // Above http.postBuffer, git sends a pack in chunks, without its length.
    await commit(`large ${randomBytes(1_500_000).toString("hex")}`);
    const pushed = await git("push", as("ada"), "HEAD:refs/heads/main");
    expect(pushed, pushed.stderr).toMatchObject({ exitCode: 0 });
    await git("init", "--quiet", "shallow");
    await execa("git", ["fetch", "--quiet", "--depth=2", as("ada"), "main"], { cwd: join(folder, "shallow") });
    const { stdout } = await execa("git", ["rev-list", "--count", "FETCH_HEAD"], { cwd: join(folder, "shallow") });
    expect(stdout).toBe("2");
  });

  it("takes no push with force, whoever asks", async () => {
    await git("push", as("ada"), "HEAD:refs/heads/other");
    const forced = await git("push", "--force", as("ada"), "HEAD~1:refs/heads/other");
    expect(forced.stderr).toMatch(/remote rejected.*non-fast-forward/);
  });

  it("takes pushes to a protected branch from those who may bypass that, and tells others why not", async () => {
    const refused = await git("push", as("ada"), "HEAD:refs/heads/env/prod");
    expect(refused.stderr).toMatch(
      /GH006: Protected branch update failed for refs\/heads\/env\/prod.*remote rejected/s,
    );
    expect(await git("push", as("deployer[bot]"), "HEAD:refs/heads/env/prod")).toMatchObject({ exitCode: 0 });
  });

  it("serves nothing outside of its repositories", async () => {
    writeFileSync(join(folder, "secret"), "a secret");
    for (const path of [
      "/../secret",
      "/manifests.git/../../secret",
      "/%2e%2e/secret",
      "/manifests.git/%2e%2e/%2e%2e/secret",
    ]) {
      const response = await fetch(new URL(server.url("manifests")).origin + path, {
        headers: { authorization: `Basic ${btoa("ada:of ada")}` },
      });
      expect([path, response.ok, await response.text()]).toEqual([
        path,
        false,
        expect.not.stringContaining("a secret"),
      ]);
    }
  });

  it("keeps its address and its repositories over a restart", async () => {
    const url = server.url("manifests");
    await server.stop();
    expect((await git("ls-remote", as("ada"))).exitCode).not.toBe(0);
    await server.start();
    expect(server.url("manifests")).toBe(url);
    expect((await git("ls-remote", as("ada"), "refs/heads/main")).stdout).toContain("refs/heads/main");
    expect(readFileSync(join(server.path("manifests"), "config"), "utf8")).not.toMatch(/of ada|of the deployer/);
  });
});
