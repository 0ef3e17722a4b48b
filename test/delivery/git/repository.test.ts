import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Git, GitError, gitErrorReason, openRepository } from "../../../delivery/git/repository.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { stubMachine } from "../machine.ts";
import { Clone, useRepositories } from "../repositories.ts";

const copy = useRepositories(() => ({ "a.txt": "a" }));
beforeEach(() => stubMachine());
afterEach(() => vi.unstubAllEnvs());

describe("a git command", () => {
  it("returns the output as it is, or trimmed", async () => {
    const clone = await Clone.alone();
    const commit = await clone.commit("feat: begin", { "a.txt": "  a\n\n" });
    const git = new Git(clone.root);
    expect(await git.run("show", "HEAD:a.txt")).toBe("  a\n\n");
    expect(await git.text("rev-parse", "HEAD")).toBe(commit);
    expect(await git.readFile(commit, "a.txt")).toBe("  a\n\n");
  });

  it("that fails throws git's message, in English whatever the machine's language", async () => {
    vi.stubEnv("LANG", "ko_KR.UTF-8");
    vi.stubEnv("LANGUAGE", "ko");
    const clone = await Clone.alone();
    const git = new Git(clone.root);
    await expect(git.run("show", "nowhere")).rejects.toThrow(/^fatal: ambiguous argument 'nowhere'/);
    expect(await git.textOrEmpty("show", "nowhere")).toBe("");
    expect(await git.findCommit("nowhere")).toBeUndefined();
  });

  it("without any output for too long is ended", async () => {
    // Accepts connections and never answers.
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const clone = await Clone.alone();
    const git = new Git(clone.root, { silenceMilliseconds: 300 });
    const start = performance.now();
    await expect(git.run("ls-remote", `http://127.0.0.1:${port}/shop.git`)).rejects.toThrow(
      "git ls-remote gave no output for 0.3 s",
    );
    expect(performance.now() - start).toBeLessThan(5_000);
    server.close();
  });

  it("that pushes may be silent for longer, while the remote's hooks check it", async () => {
    const { remote, clone } = copy();
    await clone.commit("feat: begin");
    remote.hook("pre-receive", "sleep 1");
    const patient = new Git(clone.root, { silenceMilliseconds: 300 });
    await patient.run("push", "--progress", "origin", "HEAD:refs/heads/other");
    const impatient = new Git(clone.root, { silenceMilliseconds: 5_000, pushSilenceMilliseconds: 300 });
    await expect(impatient.run("push", "--quiet", "origin", "HEAD:refs/heads/third")).rejects.toThrow(
      "git push gave no output for 0.3 s",
    );
  });

  it("prints names of files as they are, and no signatures, whatever git's config says", async () => {
    const clone = await Clone.alone();
    await clone.git("config", "core.quotePath", "true");
    await clone.git("config", "log.showSignature", "true");
    await clone.commit("feat: begin", { "주문/a.txt": "a\n" });
    const git = new Git(clone.root);
    expect(await git.text("log", "-1", "--format=%s", "--name-only")).toBe("feat: begin\n\n주문/a.txt");
  });

  it("runs with the environment that is given, and with the process's", async () => {
    const clone = await Clone.alone();
    vi.stubEnv("GIT_AUTHOR_NAME", "Ada");
    vi.stubEnv("GIT_AUTHOR_EMAIL", "ada@example.com");
    const git = new Git(clone.root, { environment: { GIT_AUTHOR_NAME: "Grace" } });
    expect(await git.text("var", "GIT_AUTHOR_IDENT")).toMatch(/^Grace <ada@example\.com> /);
  });
});

describe("openRepository", () => {
  it("reports that git is not installed", async () => {
    vi.stubEnv("PATH", temporaryFolder());
    await expect(openRepository(temporaryFolder())).rejects.toThrow("git is not on PATH. Install it");
  });

  it("reports why git refuses a repository", async () => {
    const clone = await Clone.alone();
    writeFileSync(join(clone.root, ".git/config"), "[core]\n\trepositoryformatversion = 99\n");
    await expect(openRepository(clone.root)).rejects.toThrow(/^git cannot use the repository at .*version/i);
  });

  it("says how to allow a repository that another user owns", async () => {
    const clone = await Clone.alone();
    vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
    await expect(openRepository(clone.root)).rejects.toThrow(
      `git config --global --add safe.directory '${clone.root}'`,
    );
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "safe.directory");
    vi.stubEnv("GIT_CONFIG_VALUE_0", clone.root);
    await expect(openRepository(clone.root)).resolves.toBeInstanceOf(Git);
  });

  it("finds the repository around a project's folder", async () => {
    const clone = await Clone.alone();
    clone.write("deploy/index.ts", "");
    expect(await (await openRepository(join(clone.root, "deploy"))).text("rev-parse", "--show-prefix")).toBe("deploy/");
  });
});

it("GitError shows no password of a URL", () => {
  const { message } = new GitError("fatal: unable to access 'https://robot:pa55word@git.example.com/shop.git/': no");
  expect(message).toBe("fatal: unable to access 'https://git.example.com/shop.git/': no");
});

it.each([
  ["hint: a hint\nfatal: no such ref.\nhint: more", "no such ref"],
  [
    "To origin\n ! [rejected] main -> main (fetch first)\nerror: failed to push",
    "! [rejected] main -> main (fetch first)",
  ],
  ["something else", "something else"],
])("gitErrorReason finds the line that gives the reason: %j", (message, reason) => {
  expect(gitErrorReason(new Error(message))).toBe(reason);
});
