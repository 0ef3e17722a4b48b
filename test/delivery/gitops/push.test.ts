import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EXIT } from "../../../delivery/exit-codes.ts";
import { Failure } from "../../../delivery/failure.ts";
import { withManifests } from "../../../delivery/gitops/manifests-repository.ts";
import { deployBranch } from "../../../delivery/gitops/proposed-deploy.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { stubMachine } from "../machine.ts";
import { linesOf, Remote } from "../repositories.ts";
import { BRANCH, deploy, filesOf, message, open } from "./manifests.ts";

let remote: Remote;
beforeEach(async () => {
  stubMachine();
  remote = await Remote.create();
});
afterEach(() => vi.unstubAllEnvs());

const subjects = async (branch = BRANCH) => linesOf(await remote.git("log", "--format=%s", branch));
const failureOf = async (work: Promise<unknown>) => {
  const error = await work.then(() => undefined).catch((error: unknown) => error);
  if (!(error instanceof Failure)) throw error ?? new Error("it did not fail");
  return error;
};

describe("two deploys at once", () => {
  it("of different services both go in, and neither undoes the other, even if each renders all", async () => {
    await deploy(remote, "v1.0.0", ["api", "web"]);
    await open(remote, async (manifests) => {
      manifests.replaceFolder("api", filesOf("v1.1.0"));
      manifests.replaceFolder("web", filesOf("v1.0.0"));
      await deploy(remote, "v2.0.0", ["web"]);
      expect(await manifests.commitAndPush(message("v1.1.0"))).toBeDefined();
      expect(await manifests.read("web/values.yaml")).toBe("release: v2.0.0\n");
      expect(await manifests.read("api/values.yaml")).toBe("release: v1.1.0\n");
    });
    expect(await subjects()).toEqual(["Deploy v1.1.0 to prod", "Deploy v2.0.0 to prod", "Deploy v1.0.0 to prod"]);
  });

  it("of one service: the first wins, and the other is told whose it is", async () => {
    await deploy(remote, "v1.0.0");
    const failure = await failureOf(
      open(remote, async (manifests) => {
        manifests.replaceFolder("api", filesOf("v1.1.0"));
        await deploy(remote, "v2.0.0");
        await manifests.commitAndPush(message("v1.1.0"));
      }),
    );
    expect(failure.message).toMatch(
      /^Two deploys at once: \w{7} "Deploy v2.0.0 to prod" by Ada Lovelace changed api on env\/prod/,
    );
    expect([failure.exitCode, await subjects()]).toEqual([
      EXIT.refused,
      ["Deploy v2.0.0 to prod", "Deploy v1.0.0 to prod"],
    ]);
  });

  it("with the same content are one", async () => {
    await open(remote, async (manifests) => {
      manifests.replaceFolder("api", filesOf("v1.0.0"));
      await deploy(remote, "v1.0.0");
      // Another message makes another commit.
      expect(await manifests.commitAndPush(message("v1.0.0", ["api", "web"]))).toBeUndefined();
    });
    expect(await subjects()).toHaveLength(1);
  });

  it("that both create the branch keep both commits", async () => {
    await Promise.all([
      deploy(remote, "v1.0.0", ["api"]),
      deploy(remote, "v1.0.0", ["web"]),
      deploy(remote, "v1.0.0", ["jobs"]),
    ]);
    expect(await subjects()).toHaveLength(3);
  });

  it("is tried five times", async () => {
    await deploy(remote, "v1.0.0");
    const tries = join(temporaryFolder(), "tries");
    remote.hook(
      "pre-receive",
      `unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
echo try >> ${tries}
git update-ref refs/heads/${BRANCH} $(git -c user.name=x -c user.email=x@x commit-tree ${BRANCH}^{tree} -p ${BRANCH} -m other)`,
    );
    const failure = await failureOf(deploy(remote, "v1.1.0"));
    expect(failure.message).toContain("before each of 5 attempts");
    expect(readFileSync(tries, "utf8")).toBe("try\n".repeat(5));
  });
});

describe("a push that fails", () => {
  it("because the branch is protected says the server's own words and what to do, and is not repeated", async () => {
    const tries = join(temporaryFolder(), "tries");
    remote.hook(
      "pre-receive",
      `echo try >> ${tries}; echo 'error: GH006: Protected branch update failed.' >&2; exit 1`,
    );
    const failure = await failureOf(deploy(remote, "v1.0.0"));
    expect(failure.message).toContain("GH006: Protected branch update failed");
    expect(failure.message).toContain("delivery.gitops.review: pull-request");
    expect([failure.exitCode, readFileSync(tries, "utf8")]).toEqual([EXIT.refused, "try\n"]);
  });

  it("is a success if only the answer was lost", async () => {
    await deploy(remote, "v1.0.0");
    // The server has the commit, and its answer never comes.
    remote.hook("post-receive", "sleep 5");
    const source = { repository: `file://${remote.path}`, branch: BRANCH, limits: { pushSilenceMilliseconds: 1_500 } };
    const pushed = await withManifests(source, async (manifests) => {
      manifests.replaceFolder("api", filesOf("v1.1.0"));
      return manifests.commitAndPush(message());
    });
    expect(pushed?.commit).toBe(await remote.git("rev-parse", BRANCH));
  });

  it("because the repository is away meanwhile says that nobody knows, and what to do", async () => {
    await deploy(remote, "v1.0.0");
    const failure = await failureOf(
      open(remote, async (manifests) => {
        manifests.replaceFolder("api", filesOf("v1.1.0"));
        await remote.whileAway(() => manifests.commitAndPush(message()));
      }),
    );
    expect(failure.message).toMatch(/not known whether env\/prod has the commit.*run the same command/);
    expect(failure.exitCode).toBe(EXIT.failed);
  });
});

describe("a repository that cannot be read", () => {
  it("is a failure before anything is changed", async () => {
    const failure = await remote.whileAway(() => failureOf(deploy(remote, "v1.0.0")));
    expect(failure.message).toMatch(/cannot be read: .*nothing was changed/);
  });

  it("and never answers is one within the time limit", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const source = {
      repository: `http://127.0.0.1:${port}/x.git`,
      branch: BRANCH,
      limits: { silenceMilliseconds: 500 },
    };
    const failure = await failureOf(withManifests(source, async () => expect.unreachable()));
    expect(failure.message).toContain("gave no output for 0.5 s");
    server.close();
  });

  it.each([
    ["ext::sh -c 'touch x'", "is no address"],
    ["--upload-pack=touch", "is no address"],
    ["https://ada:a-password@example.com/x.git", "has a password or token in it"],
    [`https://ghp_${"a1B2".repeat(9)}@example.com/x.git`, "has a password or token in it"],
  ])("by its address is refused: %s", async (repository, reason) => {
    const failure = await failureOf(withManifests({ repository, branch: BRANCH }, async () => expect.unreachable()));
    expect(failure.message).toContain(reason);
    expect(failure.message).not.toMatch(/a-password|ghp_/);
  });
});

describe("a deploy on a branch for a pull request", () => {
  const branch = deployBranch("prod", "v1.1.0");
  const propose = (release = "v1.1.0", services: readonly string[] = ["api"]) =>
    open(remote, (manifests) => {
      for (const service of services) manifests.replaceFolder(service, filesOf(release));
      return manifests.propose(branch, message(release, services));
    });

  it("leaves the stack's branch as it is, and is pushed once", async () => {
    await deploy(remote, "v1.0.0");
    const first = await propose();
    expect(first).toMatchObject({
      branch,
      base: BRANCH,
      files: [{ file: "api/manifests/deployment.yaml", added: 1, removed: 1 }, {}],
    });
    expect([await subjects(), await subjects(branch)]).toEqual([
      ["Deploy v1.0.0 to prod"],
      ["Deploy v1.1.0 to prod", "Deploy v1.0.0 to prod"],
    ]);
    expect((await propose())?.commit).toBe(first?.commit);
  });

  it("gets another commit without force when it is rendered again or the base moves on", async () => {
    await remote.git("config", "receive.denyNonFastForwards", "true");
    await deploy(remote, "v1.0.0", ["api", "web"]);
    await propose();
    await deploy(remote, "v2.0.0", ["web"]);
    const second = await propose("v1.1.1");
    expect(second?.files.map(({ file }) => file)).toEqual(["api/manifests/deployment.yaml", "api/values.yaml"]);
    expect(await remote.git("show", `${branch}:web/values.yaml`)).toBe("release: v2.0.0");
    expect(await remote.git("show", `${branch}:api/values.yaml`)).toBe("release: v1.1.1");
    expect(linesOf(await remote.git("diff", "--name-only", `${BRANCH}...${branch}`))).toHaveLength(2);
  });

  it("is nothing if the stack's branch holds all of it, and begins again after a merge", async () => {
    await deploy(remote, "v1.0.0");
    expect(await propose("v1.0.0")).toBeUndefined();
    await propose();
    await remote.git("update-ref", `refs/heads/${BRANCH}`, branch);
    expect(await propose()).toBeUndefined();
    await deploy(remote, "v1.2.0");
    expect(await propose()).toBeDefined();
    expect(await remote.git("show", `${branch}:api/values.yaml`)).toBe("release: v1.1.0");
  });

  it("is refused if it would undo what somebody added to it", async () => {
    await deploy(remote, "v1.0.0");
    await propose();
    const clone = await remote.clone("--branch", branch);
    await clone.commit("fix: review", { "api/values.yaml": "memory: 2Gi\n" });
    await clone.push();
    const failure = await failureOf(propose());
    expect(failure.message).toMatch(/was edited by hand .*"fix: review" by Grace/);
    expect(await subjects(branch)).toHaveLength(3);
  });

  it("says how to begin if there is no branch to merge into", async () => {
    expect((await failureOf(propose())).message).toContain("has no branch env/prod");
  });
});
