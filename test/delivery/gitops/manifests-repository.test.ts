import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stubMachine } from "../machine.ts";
import { linesOf, Remote } from "../repositories.ts";
import { BRANCH, deploy, filesOf, message, open } from "./manifests.ts";

let remote: Remote;
beforeEach(async () => {
  stubMachine();
  remote = await Remote.create();
});
afterEach(() => vi.unstubAllEnvs());

const filesOn = async (revision = BRANCH) => linesOf(await remote.git("ls-tree", "-r", "--name-only", revision));
const API = ["api/manifests/deployment.yaml", "api/values.yaml"];

describe("commitAndPush", () => {
  it("creates the branch in an empty repository, with one commit that says what it is", async () => {
    const pushed = await deploy(remote, "v1.1.0");
    expect(pushed?.commit).toBe(await remote.git("rev-parse", BRANCH));
    expect(pushed?.files).toEqual(API.map((file) => ({ file, added: 1, removed: 0 })));
    expect(await filesOn()).toEqual(API);
    expect(await remote.git("log", "--format=%an|%s|%(trailers:only,unfold)", BRANCH)).toBe(
      "Ada Lovelace|Deploy v1.1.0 to prod|Slipway-Deploy: v1.1.0\nSlipway-Stack: prod\nSlipway-Action: deploy\n" +
        "Slipway-Services: api\nSlipway-Source: 5e15f0a\nSlipway-By: Ada Lovelace\n",
    );
  });

  it("leaves other folders as they are, and deletes files that a service no longer has", async () => {
    await deploy(remote, "v1.0.0", ["api", "web"]);
    await open(remote, async (manifests) => {
      manifests.replaceFolder("api", new Map([["values.yaml", "release: v1.1.0\n"]]));
      await manifests.commitAndPush(message());
    });
    expect(await filesOn()).toEqual(["api/values.yaml", "web/manifests/deployment.yaml", "web/values.yaml"]);
    await open(remote, async (manifests) => {
      manifests.removeFolder("web");
      await manifests.commitAndPush(message());
      expect(await manifests.files()).toEqual(["api/values.yaml"]);
    });
  });

  it("pushes nothing if the branch holds the same already", async () => {
    const first = await deploy(remote, "v1.0.0");
    expect(await deploy(remote, "v1.0.0")).toBeUndefined();
    expect(await remote.git("rev-parse", BRANCH)).toBe(first?.commit);
  });

  it("keeps texts byte by byte, whatever git's config says of line ends", async () => {
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "core.autocrlf");
    vi.stubEnv("GIT_CONFIG_VALUE_0", "true");
    const text = "a: 1\r\nb: 주문\n\n  # no line end";
    await open(remote, async (manifests) => {
      manifests.replaceFolder("api", new Map([["주문 1.yaml", text]]));
      await manifests.commitAndPush(message());
      expect(await manifests.files("api")).toEqual(["api/주문 1.yaml"]);
      expect(await manifests.read("api/주문 1.yaml")).toBe(text);
      expect(await manifests.read("api/other.yaml")).toBeUndefined();
    });
  });

  it("stays in the stack's folder of a branch that others use, too", async () => {
    await deploy(remote, "v1.0.0", ["api"], "qa");
    await deploy(remote, "v1.1.0", ["api"], "prod");
    expect(await filesOn()).toEqual([...API.map((file) => `prod/${file}`), ...API.map((file) => `qa/${file}`)]);
    await open(
      remote,
      async (manifests) => {
        expect(await manifests.files()).toEqual(API);
        expect(await manifests.read("api/values.yaml")).toBe("release: v1.0.0\n");
        expect((await manifests.history(9)).map(({ deploy }) => deploy?.release)).toEqual(["v1.0.0"]);
      },
      "/qa/",
    );
  });

  it("uses neither the repository nor the index that a hook has set", async () => {
    vi.stubEnv("GIT_DIR", "/nonexistent");
    vi.stubEnv("GIT_INDEX_FILE", "/nonexistent/index");
    vi.stubEnv("GIT_WORK_TREE", "/nonexistent");
    expect(await deploy(remote, "v1.0.0")).toBeDefined();
  });

  it("refuses names that lead out of a folder", async () => {
    await open(remote, async (manifests) => {
      for (const file of ["../web/values.yaml", "/etc/passwd", "a//b", ".git/config", "a\nb", ""]) {
        expect(() => manifests.replaceFolder("api", new Map([[file, ""]])), file).toThrow("is no path inside");
        expect(() => manifests.removeFolder(file), file).toThrow("is no path inside");
      }
      manifests.removeFolder("api");
      expect(() => manifests.removeFolder("api/manifests")).toThrow("contain each other");
    });
  });
});

describe("the history", () => {
  it("lists deploys, newest first, with what they say, and leaves other commits out", async () => {
    await deploy(remote, "v1.0.0");
    const clone = await remote.clone("--branch", BRANCH);
    await clone.commit("docs: explain", { "README.md": "Read.\n" });
    await clone.push();
    await deploy(remote, "v1.1.0", ["api", "web"]);
    await open(remote, async (manifests) => {
      const history = await manifests.history(5);
      expect(history.map(({ deploy }) => deploy)).toEqual([
        message("v1.1.0", ["api", "web"]).deploy,
        message("v1.0.0", ["api"]).deploy,
      ]);
      expect(await manifests.history(1)).toHaveLength(1);
    });
  });

  it("knows deploys of squash merges below what GitHub and Bitbucket add", async () => {
    await deploy(remote, "v1.0.0");
    const clone = await remote.clone("--branch", BRANCH);
    const trailers = "Slipway-Deploy: v1.1.0\nSlipway-Stack: prod\nSlipway-By: Ada";
    await clone.commit(
      `Deploy v1.1.0 to prod (#3)\n\n${trailers}\n\n---------\n\nCo-authored-by: Ada <ada@example.com>`,
      { "api/values.yaml": "1" },
    );
    await clone.commit(`Merged (pull request #4)\n\n${trailers.replace("v1.1.0", "v1.2.0")}\n\nApproved-by: Grace`, {
      "api/values.yaml": "2",
    });
    await clone.commit(`Explain\n\n${trailers}\n\nThese lines are an example.`, { "README.md": "Read.\n" });
    await clone.push();
    const releases = await open(remote, async (manifests) =>
      (await manifests.history(9)).map(({ deploy }) => deploy?.release),
    );
    expect(releases).toEqual(["v1.2.0", "v1.1.0", "v1.0.0"]);
  });

  it("reaches beyond the commits that were fetched first", async () => {
    const old = await deploy(remote, "v1.0.0");
    const clone = await remote.clone("--branch", BRANCH);
    for (let at = 0; at < 60; at++) await clone.commit(`chore: ${at}`);
    await clone.push();
    await open(remote, async (manifests) => {
      const head = manifests.head ?? "";
      expect(await manifests.isDescendant(head, old?.commit ?? "")).toBe(true);
      expect(await manifests.isDescendant(old?.commit ?? "", head)).toBe(false);
      expect(await manifests.isDescendant("0".repeat(40), head)).toBe(false);
    });
    await open(remote, async (manifests) => {
      expect((await manifests.history(9)).map(({ commit }) => commit)).toEqual([old?.commit]);
    });
    await open(remote, async (manifests) => {
      expect(await manifests.editedByHand()).toEqual([]);
    });
  }, 60_000);

  it("asks the repository for a commit that came later", async () => {
    const first = await deploy(remote, "v1.0.0");
    await open(remote, async (manifests) => {
      const second = await deploy(remote, "v1.1.0");
      expect(await manifests.isDescendant(second?.commit ?? "", first?.commit ?? "")).toBe(true);
    });
  });

  it("gives a folder back as an earlier commit had it", async () => {
    const first = await deploy(remote, "v1.0.0", ["api"]);
    await deploy(remote, "v1.1.0", ["api", "web"]);
    await open(remote, async (manifests) => {
      await manifests.restoreFolder("api", first?.commit ?? "");
      await manifests.restoreFolder("web", first?.commit ?? "");
      await manifests.commitAndPush(message("v1.0.0"));
      expect(await manifests.files()).toEqual(API);
      expect(await manifests.read("api/values.yaml")).toBe("release: v1.0.0\n");
    });
    expect(filesOf("v1.0.0").get("values.yaml")).toBe("release: v1.0.0\n");
  });
});

describe("edits by hand", () => {
  it("are the files whose last change is not a deploy", async () => {
    await deploy(remote, "v1.0.0", ["api", "web"]);
    const clone = await remote.clone("--branch", BRANCH);
    await clone.commit("fix: more memory", { "api/values.yaml": "memory: 2Gi\n", "web/values.yaml": "memory: 2Gi\n" });
    await clone.push();
    await deploy(remote, "v1.1.0", ["web"]);
    await open(remote, async (manifests) => {
      const edits = await manifests.editedByHand();
      expect(edits).toMatchObject([
        { file: "api/values.yaml", commit: { subject: "fix: more memory", author: "Grace <grace@example.com>" } },
      ]);
    });
  });

  it("that changes would undo are told before anything is pushed, deleted files too", async () => {
    await deploy(remote, "v1.0.0", ["api", "web"]);
    const clone = await remote.clone("--branch", BRANCH);
    await clone.commit("fix: more memory", { "api/values.yaml": "memory: 2Gi\n" });
    await clone.git("rm", "--quiet", "web/values.yaml");
    await clone.commit("fix: no values");
    await clone.push();
    await open(remote, async (manifests) => {
      manifests.replaceFolder(
        "api",
        new Map([
          ["values.yaml", "memory: 2Gi\n"],
          ["manifests/deployment.yaml", "image: v1.1.0\n"],
        ]),
      );
      expect(await manifests.undoneEdits()).toEqual([]);
      manifests.replaceFolder("api", filesOf("v1.1.0"));
      manifests.replaceFolder("web", filesOf("v1.1.0"));
      expect((await manifests.undoneEdits()).map(({ file, commit }) => [file, commit.subject])).toEqual([
        ["api/values.yaml", "fix: more memory"],
        ["web/values.yaml", "fix: no values"],
      ]);
    });
  });

  it("are not what a pull request with a deploy merges, but what somebody adds in the merge", async () => {
    await deploy(remote, "v1.0.0");
    await open(remote, async (manifests) => {
      manifests.replaceFolder("api", filesOf("v1.1.0"));
      await manifests.propose("deploy/prod/v1.1.0", message());
    });
    const clone = await remote.clone("--branch", BRANCH);
    await clone.git("merge", "--quiet", "--no-ff", "--message", "Merge pull request #1", "origin/deploy/prod/v1.1.0");
    await clone.push();
    expect(await open(remote, (manifests) => manifests.editedByHand())).toEqual([]);

    await clone.git("switch", "--quiet", "--create", "other", "HEAD~1");
    await clone.commit(`Deploy\n\nSlipway-Deploy: v1.2.0`, { "api/values.yaml": "release: v1.2.0\n" });
    await clone.git("switch", "--quiet", BRANCH);
    await clone.git("merge", "--quiet", "--no-ff", "--no-commit", "other").catch(() => "a conflict, as intended");
    await clone.commit("Merge other", { "api/values.yaml": "neither: true\n" });
    await clone.push();
    const edits = await open(remote, (manifests) => manifests.editedByHand());
    expect(edits.map(({ file, commit }) => [file, commit.subject])).toEqual([["api/values.yaml", "Merge other"]]);
  });
});
