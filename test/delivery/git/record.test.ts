import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Change, commitRecord, pushRecord } from "../../../delivery/git/record.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { assignRelease, readReleases, setReleases } from "../../../delivery/stack-file.ts";
import { serve } from "../../components/images/registry-server.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { stubMachine } from "../machine.ts";
import { Clone, linesOf, Remote } from "../repositories.ts";

const FILE = "stacks/Pulumi.dev.yaml";
const TEXT = `# Where what was merged first runs.
encryptionsalt:   v1:tJfsqfkg91s=:v1
config:
  slipway:environment: {  services: { api: { tag: 'v0.9.0' } } }   # one of its own
  slipway:release: "v1.0.0" # this line is the record

  slipway:secret.api.DB_PASSWORD:
    secure: v1:IHHDdsRyVvSjLu19
`;
const OTHER = "stacks/Pulumi.prod.yaml";

let remote: Remote;
let clone: Clone;

beforeEach(async () => {
  stubMachine();
  remote = await Remote.create();
  clone = await remote.clone();
  await clone.commit("feat: begin", { [FILE]: TEXT, [OTHER]: TEXT, "app.go": "package main\n" });
  await clone.push();
});
afterEach(() => vi.unstubAllEnvs());

function changeTo(release: string, stack = "dev"): Change {
  return {
    stack,
    edit: (text) => setReleases(text, stack, assignRelease(readReleases(text), release, ["web"])),
    subject: `Deploy web ${release} to ${stack}`,
    action: "deploy",
    actor: "Ada Lovelace",
  };
}

const commit = async (change: Change, { root }: Clone = clone, folder = "") =>
  commitRecord(await openRepository(join(root, folder)), join(root, folder), change);
const push = async (change: Change, { root }: Clone = clone, folder = "") =>
  pushRecord(await openRepository(join(root, folder)), change, "main");
/** Files that a commit changed. */
const filesOf = async (repository: Clone | Remote, revision: string) =>
  linesOf(await repository.git("show", "--format=", "--name-only", revision));
const onMain = (file: string) => remote.git("show", `main:${file}`);

describe("the record in the checkout", () => {
  it("is a commit of the stack's file alone, whatever else is staged or changed", async () => {
    clone.write("staged.go", "package main\n");
    await clone.git("add", "staged.go");
    clone.write("app.go", "package app\n");
    const made = await commit(changeTo("v1.1.0"));
    expect(made).toBe(await clone.head());
    expect(await filesOf(clone, "HEAD")).toEqual([FILE]);
    expect(await clone.git("status", "--porcelain")).toBe(" M app.go\nA  staged.go");
  });

  it("changes what it is about, and leaves comments, order, quotes and blanks", async () => {
    await commit(changeTo("v1.1.0"));
    expect(clone.read(FILE)).toBe(
      TEXT.replace("{ api: { tag: 'v0.9.0' } }", "{ api: { tag: 'v0.9.0' }, web: { tag: v1.1.0 } }"),
    );
  });

  it("says what became of which stack, by whom, to people, to git and to CI", async () => {
    await commit(changeTo("v1.1.0"));
    const trailers = "%(trailers:key=Slipway-Stack,valueonly,separator=%x2C)";
    expect(await clone.git("log", "-1", `--format=%s|%an|%ae|${trailers}`)).toBe(
      "Deploy web v1.1.0 to dev [skip ci]|Ada Lovelace|Ada-Lovelace@users.noreply.github.com|dev",
    );
  });

  it("is by whoever git knows, where it knows somebody", async () => {
    await clone.git("config", "user.name", "Grace");
    await clone.git("config", "user.email", "grace@example.com");
    await commit(changeTo("v1.1.0"));
    expect(await clone.git("log", "-1", "--format=%an %ce")).toBe("Grace grace@example.com");
  });

  it.each(["changed", "staged"])("is refused while the file has changes of somebody's own (%s)", async (how) => {
    const before = await clone.head();
    clone.write(FILE, `${TEXT}# mine\n`);
    if (how === "staged") await clone.git("add", FILE);
    await expect(commit(changeTo("v1.1.0"))).rejects.toThrow(`${FILE} has changes that are not committed`);
    expect([await clone.head(), clone.read(FILE)]).toEqual([before, `${TEXT}# mine\n`]);
  });

  it("is none where the file says so already", async () => {
    await commit(changeTo("v1.1.0"));
    const before = await clone.head();
    expect(await commit(changeTo("v1.1.0"))).toBeUndefined();
    expect(await clone.head()).toBe(before);
  });

  it("leaves the file as it was when git does not commit", async () => {
    clone.write(".git/index.lock", "");
    await expect(commit(changeTo("v1.1.0"))).rejects.toThrow("index.lock");
    expect(clone.read(FILE)).toBe(TEXT);
  });

  it.each(["pre-commit", "commit-msg", "prepare-commit-msg"])("passes the hook %s over", async (hook) => {
    clone.hook(hook, "echo 'the linter is not installed' >&2; exit 1");
    expect(await commit(changeTo("v1.1.0"))).toBe(await clone.head());
  });

  it("is made in a project that is a folder of its repository", async () => {
    await clone.commit("chore: move", { [`deploy/${FILE}`]: TEXT });
    await commit(changeTo("v1.1.0"), clone, "deploy");
    expect(await filesOf(clone, "HEAD")).toEqual([`deploy/${FILE}`]);
  });
});

describe("the record on the remote's branch", () => {
  it("is on top of what came meanwhile, and nothing but the record, whatever the checkout has or lacks", async () => {
    await commit(changeTo("v1.1.0"));
    await clone.git("checkout", "--quiet", "--detach");
    await clone.commit("chore: not for others to see", { "local.txt": "mine\n" });
    const other = await remote.clone();
    const meanwhile = await other.commit("chore: add a comment", { [FILE]: `# New.\n${TEXT}`, "new.txt": "new\n" });
    await other.push();

    const pushed = await push(changeTo("v1.1.0"));
    expect(await remote.git("rev-parse", "main~1")).toBe(meanwhile);
    expect(await filesOf(remote, "main")).toEqual([FILE]);
    const after = setReleases(`# New.\n${TEXT}`, "dev", { release: "v1.0.0", tags: { api: "v0.9.0", web: "v1.1.0" } });
    expect(await onMain(FILE)).toBe(after.trimEnd());
    expect(pushed).toEqual({ branch: "main", before: `# New.\n${TEXT}`, after });
    expect(await remote.git("log", "-1", "--format=%an %(trailers:key=Slipway-Stack,valueonly)", "main")).toBe(
      "Ada Lovelace dev\n",
    );
  });

  it("is pushed from an older commit without a record, and leaves checkout and index as they were", async () => {
    await clone.commit("feat: more", { "app.go": "package more\n" });
    await clone.push();
    await clone.git("checkout", "--quiet", "HEAD~1");
    clone.write("staged.go", "package main\n");
    await clone.git("add", "staged.go");
    clone.write("app.go", "package app\n");
    const index = () => readFileSync(join(clone.root, ".git/index")).toString("base64");
    const look = async () => [await clone.head(), await clone.git("status", "--porcelain"), clone.read(FILE), index()];
    const before = await look();
    await push(changeTo("v1.1.0"));
    expect(await look()).toEqual(before);
    expect(await filesOf(remote, "main")).toEqual([FILE]);
    expect(await onMain("app.go")).toBe("package more");
  });

  it("is the checkout's own commit where that will do, so that both have the same", async () => {
    await commit(changeTo("v1.1.0"));
    // One that were made anew in this very second would be the same.
    await clone.git("commit", "--quiet", "--amend", "--no-edit");
    await push(changeTo("v1.1.0"));
    expect(await remote.git("rev-parse", "main")).toBe(await clone.head());
  });

  it("takes nothing along from a commit of somebody's own that has the record in it", async () => {
    const text = changeTo("v1.1.0").edit(TEXT);
    await clone.commit("feat: not reviewed yet", { [FILE]: text, "app.go": "package app\n" });
    await push(changeTo("v1.1.0"));
    expect(await onMain(FILE)).toBe(text.trimEnd());
    expect(await onMain("app.go")).toBe("package main");
  });

  it("is none where the branch says so already", async () => {
    await push(changeTo("v1.1.0"));
    const before = await remote.git("rev-parse", "main");
    expect(await push(changeTo("v1.1.0"))).toBeUndefined();
    expect(await remote.git("rev-parse", "main")).toBe(before);
  });

  it("is at its place in a project that is a folder of its repository", async () => {
    await clone.commit("chore: move", { [`deploy/${FILE}`]: TEXT });
    await clone.push();
    await push(changeTo("v1.1.0"), clone, "deploy");
    expect(await filesOf(remote, "main")).toEqual([`deploy/${FILE}`]);
  });

  it("is pushed from a clone without history, as CI makes them", async () => {
    const other = await remote.clone("--depth", "1");
    await clone.commit("feat: more");
    await clone.push();
    await push(changeTo("v1.1.0"), other);
    expect(await remote.git("log", "--format=%s", "main")).toBe(
      "Deploy web v1.1.0 to dev [skip ci]\nfeat: more\nfeat: begin",
    );
  });

  it("is put on top of what came between the look and the push", async () => {
    const other = await remote.clone();
    await other.commit("feat: more");
    const { edit } = changeTo("v1.1.0");
    let looks = 0;
    const change = {
      ...changeTo("v1.1.0"),
      edit: (text: string) => {
        if (looks++ === 0) execFileSync("git", ["push", "--quiet"], { cwd: other.root });
        return edit(text);
      },
    };
    await push(change);
    expect(await remote.git("log", "--format=%s", "main")).toBe(`${change.subject} [skip ci]\nfeat: more\nfeat: begin`);
  });

  it("passes the hook pre-push over", async () => {
    clone.hook("pre-push", "echo 'the tests are red' >&2; exit 1");
    expect(await push(changeTo("v1.1.0"))).toBeDefined();
  });
});

describe("two records at the same time", () => {
  // Each time the two meet at another point.
  it.each([1, 2, 3])("both land, of two stacks and of one (%i)", async (round) => {
    const other = await remote.clone();
    await Promise.all([push(changeTo(`v1.${round}.0`), clone), push(changeTo(`v2.${round}.0`, "prod"), other)]);
    expect(readReleases(await onMain(FILE)).tags.web).toBe(`v1.${round}.0`);
    expect(readReleases(await onMain(OTHER)).tags.web).toBe(`v2.${round}.0`);

    const ofApi: Change = {
      ...changeTo(""),
      edit: (text) => setReleases(text, "dev", assignRelease(readReleases(text), "v3.0.0", ["api"])),
    };
    await Promise.all([push(changeTo("v3.1.0"), clone), push(ofApi, other)]);
    expect(readReleases(await onMain(FILE)).tags).toEqual({ api: "v3.0.0", web: "v3.1.0" });
    expect(linesOf(await remote.git("log", "--format=%s", "main"))).toHaveLength(5);
  });
});

describe("a push that cannot be", () => {
  it("says that there is no remote", async () => {
    const alone = await Clone.alone();
    await alone.commit("feat: begin", { [FILE]: TEXT });
    await expect(push(changeTo("v1.1.0"), alone)).rejects.toThrow("there is no remote origin");
  });

  it("says that the remote is away", async () => {
    await remote.away(() =>
      expect(push(changeTo("v1.1.0"))).rejects.toThrow(
        /^origin cannot be pushed to: .*shop\.git.* does not appear to be/,
      ),
    );
  });

  it("gives the remote's own reason, and does not try again", async () => {
    const tries = join(temporaryFolder(), "tries");
    remote.hook(
      "pre-receive",
      `echo try >> ${tries}; echo 'error: GH006: Protected branch update failed.' >&2; exit 1`,
    );
    await expect(push(changeTo("v1.1.0"))).rejects.toThrow(
      "origin cannot be pushed to: remote: error: GH006: Protected branch update failed",
    );
    expect(readFileSync(tries, "utf8")).toBe("try\n");
  });

  it("gives up where others are always faster", async () => {
    // Whenever a push arrives somebody else's has just landed.
    const tries = join(temporaryFolder(), "tries");
    remote.hook(
      "pre-receive",
      `unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
echo try >> ${tries}
git update-ref refs/heads/main $(git -c user.name=x -c user.email=x@x commit-tree main^{tree} -p main -m other)`,
    );
    await expect(push(changeTo("v1.1.0"))).rejects.toThrow("origin cannot be pushed to: ");
    expect(readFileSync(tries, "utf8")).toBe("try\n".repeat(5));
  });

  describe("for want of a login", () => {
    /** A remote that lets nobody in. @returns what it was shown */
    async function closedRemote(): Promise<{ logins: string[]; close: () => Promise<void> }> {
      const logins: string[] = [];
      const { address, close } = await serve(({ headers }, response) => {
        if (headers.authorization) logins.push(Buffer.from(headers.authorization.slice(6), "base64").toString());
        response.writeHead(headers.authorization ? 403 : 401, { "www-authenticate": 'Basic realm="git"' }).end();
      });
      await clone.git("remote", "set-url", "origin", `http://${address}/shop.git`);
      return { logins, close };
    }

    it("says so, and asks nobody at the terminal, who may not be there", async () => {
      const { close } = await closedRemote();
      await expect(push(changeTo("v1.1.0"))).rejects.toThrow("terminal prompts disabled");
      await close();
    });

    it("takes the login from where CI tells git to ask for it (GIT_ASKPASS, as Jenkins does)", async () => {
      const { logins, close } = await closedRemote();
      const askPass = join(temporaryFolder(), "ask.sh");
      writeFileSync(askPass, '#!/bin/sh\ncase "$1" in Username*) echo ci;; *) echo "$GIT_PASSWORD";; esac\n', {
        mode: 0o755,
      });
      vi.stubEnv("GIT_ASKPASS", askPass);
      vi.stubEnv("GIT_PASSWORD", "a-password");
      await expect(push(changeTo("v1.1.0"))).rejects.toThrow("origin cannot be pushed to: ");
      expect(logins[0]).toBe("ci:a-password");
      await close();
    });
  });
});

it("is nothing without a git repository, and says what to do", async () => {
  const folder = temporaryFolder();
  await expect(openRepository(folder)).rejects.toThrow(`${folder} is not in a git repository`);
  expect(existsSync(join(folder, ".git"))).toBe(false);
});
