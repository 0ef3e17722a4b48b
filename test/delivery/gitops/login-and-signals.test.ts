import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { engineEnvironment } from "../../../delivery/engine/engine-environment.ts";
import { TOKEN_VARIABLE, USER_VARIABLE } from "../../../delivery/gitops/manifests-login.ts";
import { GitServer } from "../../../sandbox/git/git-server.ts";
import { projectRoot } from "../../project-root.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { stubMachine } from "../machine.ts";
import { deploy, open } from "./manifests.ts";

const TOKEN = "s3cr3t-Tok3n-of-the-deployer";
let server: GitServer;
let folder: string;
let temporary: string;

beforeEach(async () => {
  stubMachine();
  folder = temporaryFolder();
  temporary = join(folder, "tmp");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
  server = new GitServer({ folder: join(folder, "repositories"), users: { "x-access-token": TOKEN, ada: TOKEN } });
  await server.createRepository("manifests", [{ branch: "env/prod", bypass: ["x-access-token"] }]);
  await server.start();
});
afterEach(async () => {
  await server.stop();
  vi.unstubAllEnvs();
});

describe("the login", () => {
  /** Puts a git before the real one that notes its arguments, those of its helpers too, and the files that it leaves. */
  function watchGit(): () => string {
    const bin = join(folder, "bin");
    const seen = join(folder, "seen");
    mkdirSync(bin);
    const git = process.env.PATH?.split(":").find((path) => existsSync(join(path, "git")));
    const script = `#!/bin/sh\necho "$@" >> ${seen}\n${git}/git "$@"; code=$?
cat "$GIT_DIR/config" >> ${seen} 2>/dev/null\nfor p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline >> ${seen} 2>/dev/null; done\nexit $code\n`;
    writeFileSync(join(bin, "git"), script, { mode: 0o755 });
    vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
    return () => readFileSync(seen, "utf8");
  }

  it("is taken from the environment, and is in no argument, file or URL", async () => {
    const seen = watchGit();
    const store = join(folder, "store");
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "credential.helper");
    vi.stubEnv("GIT_CONFIG_VALUE_0", `store --file=${store}`);
    vi.stubEnv(TOKEN_VARIABLE, TOKEN);
    expect(await deploy(server.url("manifests"), "v1.0.0")).toBeDefined();
    expect(seen()).toContain("push --progress http://127.0.0.1");
    expect(seen()).not.toContain(TOKEN);
    expect(seen()).not.toContain(btoa(`x-access-token:${TOKEN}`));
    // The machine's own helper would have written it to a file.
    expect(existsSync(store)).toBe(false);
  });

  it("that is wrong, missing or may not push is a failure that names the variable and not the token", async () => {
    const fault = async () => deploy(server.url("manifests"), "v1.0.0").catch((error: Error) => error.message);
    expect(await fault()).toContain(`Set ${TOKEN_VARIABLE} to a token`);
    vi.stubEnv(TOKEN_VARIABLE, "another-Tok3n-that-is-wrong");
    expect(await fault()).toMatch(new RegExp(`Check that the token in ${TOKEN_VARIABLE}`));
    expect(await fault()).not.toContain("another-Tok3n");
    vi.stubEnv(TOKEN_VARIABLE, TOKEN);
    vi.stubEnv(USER_VARIABLE, "ada");
    expect(await fault()).toMatch(/does not take commits on env\/prod; nothing was changed.*GH006.*pull request/);
  });

  it("may be a helper of the machine", async () => {
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "credential.helper");
    vi.stubEnv("GIT_CONFIG_VALUE_0", `!f() { echo username=x-access-token; echo password=${TOKEN}; }; f`);
    expect(await deploy(server.url("manifests"), "v1.0.0")).toBeDefined();
  });

  it("is not handed to the engine and its plugins", () => {
    expect(engineEnvironment({ [TOKEN_VARIABLE]: TOKEN, SLIPWAY_ACTOR: "Ada" })).toEqual({ SLIPWAY_ACTOR: "Ada" });
  });
});

describe("the temporary folder", () => {
  it("is deleted after success and after a failure", async () => {
    vi.stubEnv(TOKEN_VARIABLE, TOKEN);
    await deploy(server.url("manifests"), "v1.0.0");
    await expect(
      open(server.url("manifests"), async () => {
        expect(readdirSync(temporary)).toHaveLength(1);
        throw new Error("a fault of the caller");
      }),
    ).rejects.toThrow("a fault of the caller");
    expect(readdirSync(temporary)).toEqual([]);
  });

  const source = (repository: string) => `
    import { withManifests } from ${JSON.stringify(join(projectRoot, "delivery/gitops/manifests-repository.ts"))};
    import { setTimeout } from "node:timers/promises";
    try {
      await withManifests({ repository: ${JSON.stringify(repository)}, branch: "env/prod" }, async () => {
        console.log("opened");
        await setTimeout(Number(process.env.WAIT));
      });
      console.log("done");
    } catch (error) {
      console.log("failed: " + error.message);
      process.exitCode = 1;
    }`;

  /** Runs it, and sends signals when the folder exists and `until` holds. */
  async function interrupt(
    repository: string,
    signals: NodeJS.Signals[],
    until: (output: string) => boolean,
    wait = "0",
  ) {
    writeFileSync(join(folder, "run.ts"), source(repository));
    const child = spawn(process.execPath, [join(folder, "run.ts")], {
      env: { ...process.env, WAIT: wait, [TOKEN_VARIABLE]: TOKEN },
    });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    const closed = once(child, "close");
    await vi.waitFor(() => expect([readdirSync(temporary).length, until(output)]).toEqual([1, true]), {
      timeout: 15_000,
    });
    for (const [at, signal] of signals.entries()) {
      // A second signal within a second counts as the echo of the first.
      if (at > 0) await new Promise((resolve) => setTimeout(resolve, 1_200));
      child.kill(signal);
    }
    const [code, signal] = await closed;
    return { output, code, signal };
  }

  it("is deleted if a signal comes while git waits for the network", async () => {
    let connected = false;
    const silent = createServer(() => {
      connected = true;
    }).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const { output, code } = await interrupt(`http://127.0.0.1:${port}/x.git`, ["SIGTERM"], () => connected);
    expect([code, output]).toEqual([1, expect.stringContaining("failed: SIGTERM ended it before anything was pushed")]);
    expect(readdirSync(temporary)).toEqual([]);
    silent.close();
  });

  it("is deleted if a signal comes between two commands, and the process ends by it", async () => {
    const { output, signal } = await interrupt(
      server.url("manifests"),
      ["SIGTERM"],
      (text) => text.includes("opened"),
      "1000",
    );
    expect([signal, output]).toEqual(["SIGTERM", "opened\n"]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("is deleted if a second signal ends the process at once", async () => {
    const { signal } = await interrupt(
      server.url("manifests"),
      ["SIGINT", "SIGTERM"],
      (text) => text.includes("opened"),
      "60000",
    );
    expect(signal).toBe("SIGINT");
    expect(readdirSync(temporary)).toEqual([]);
  });
});
