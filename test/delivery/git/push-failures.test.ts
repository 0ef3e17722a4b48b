import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openRepository } from "../../../delivery/git/repository.ts";
import { serve } from "../../components/images/registry-server.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { stubMachine } from "../machine.ts";
import { Clone, type Remote } from "../repositories.ts";
import { changeTo, FILE, push, TEXT, useRecords } from "./records.ts";

let remote: Remote;
let clone: Clone;

const copy = useRecords();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
});
afterEach(() => vi.unstubAllEnvs());

describe("a push that fails", () => {
  it("reports a missing remote", async () => {
    const alone = await Clone.alone();
    await alone.commit("feat: begin", { [FILE]: TEXT });
    await expect(push(changeTo("v1.1.0"), alone)).rejects.toThrow("there is no remote origin");
  });

  it("reports a remote that cannot be reached", async () => {
    await remote.whileAway(() =>
      expect(push(changeTo("v1.1.0"), clone)).rejects.toThrow(
        /^origin cannot be pushed to: .*shop\.git.* does not appear to be/,
      ),
    );
  });

  it("reports the remote's reason and is not repeated", async () => {
    const tries = join(temporaryFolder(), "tries");
    remote.hook(
      "pre-receive",
      `echo try >> ${tries}; echo 'error: GH006: Protected branch update failed.' >&2; exit 1`,
    );
    await expect(push(changeTo("v1.1.0"), clone)).rejects.toThrow(
      "origin cannot be pushed to: remote: error: GH006: Protected branch update failed",
    );
    expect(readFileSync(tries, "utf8")).toBe("try\n");
  });

  it("gives up after five attempts if others always push first", async () => {
    // Somebody else's push lands before each of ours.
    const tries = join(temporaryFolder(), "tries");
    remote.hook(
      "pre-receive",
      `unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
echo try >> ${tries}
git update-ref refs/heads/main $(git -c user.name=x -c user.email=x@x commit-tree main^{tree} -p main -m other)`,
    );
    await expect(push(changeTo("v1.1.0"), clone)).rejects.toThrow("origin cannot be pushed to: ");
    expect(readFileSync(tries, "utf8")).toBe("try\n".repeat(5));
  });

  describe("without a login", () => {
    /** A remote that refuses every login. @returns the logins that it received */
    async function closedRemote(): Promise<{ logins: string[]; close: () => Promise<void> }> {
      const logins: string[] = [];
      const { address, close } = await serve(({ headers }, response) => {
        if (headers.authorization) logins.push(Buffer.from(headers.authorization.slice(6), "base64").toString());
        response.writeHead(headers.authorization ? 403 : 401, { "www-authenticate": 'Basic realm="git"' }).end();
      });
      await clone.git("remote", "set-url", "origin", `http://${address}/shop.git`);
      return { logins, close };
    }

    it("fails and does not ask at the terminal", async () => {
      const { close } = await closedRemote();
      await expect(push(changeTo("v1.1.0"), clone)).rejects.toThrow("terminal prompts disabled");
      await close();
    });

    it("uses the login that CI provides (GIT_ASKPASS, as Jenkins does)", async () => {
      const { logins, close } = await closedRemote();
      const askPass = join(temporaryFolder(), "ask.sh");
      writeFileSync(askPass, '#!/bin/sh\ncase "$1" in Username*) echo ci;; *) echo "$GIT_PASSWORD";; esac\n', {
        mode: 0o755,
      });
      vi.stubEnv("GIT_ASKPASS", askPass);
      vi.stubEnv("GIT_PASSWORD", "a-password");
      await expect(push(changeTo("v1.1.0"), clone)).rejects.toThrow("origin cannot be pushed to: ");
      expect(logins[0]).toBe("ci:a-password");
      await close();
    });
  });
});

it("openRepository refuses a folder outside of a repository", async () => {
  const folder = temporaryFolder();
  await expect(openRepository(folder)).rejects.toThrow(`${folder} is not in a git repository`);
  expect(existsSync(join(folder, ".git"))).toBe(false);
});
