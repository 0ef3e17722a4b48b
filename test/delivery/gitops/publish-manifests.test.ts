import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { publishManifests, revertManifests } from "../../../delivery/gitops/publish-manifests.ts";
import { RenderedManifests } from "../../../delivery/gitops/render-manifests.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { captureOutput } from "../machine.ts";

const BRANCH = "env/dev";
let bare: string;
const git = async (...args: string[]) => (await execa("git", ["--git-dir", bare, ...args])).stdout;
const source = () => ({
  repository: `file://${bare}`,
  branch: BRANCH,
  path: "",
  username: "git",
  githubApp: undefined,
  slack: undefined,
  review: "none" as const,
});
const deploy = { stack: "dev", action: "deploy", release: "v1", actor: "ada" };

beforeEach(async () => {
  bare = join(temporaryFolder(), "manifests.git");
  await execa("git", ["init", "--quiet", "--bare", bare]);
  vi.restoreAllMocks();
  captureOutput();
});

function rendered(services: Record<string, string>, folder = "manifests"): RenderedManifests {
  const manifests = new RenderedManifests();
  for (const [name, release] of Object.entries(services)) {
    const files = {
      "values.yaml": `release: ${release}\n`,
      [`${folder}/deployment.yaml`]: `kind: Deployment\nrelease: ${release}\n`,
    };
    for (const [file, text] of Object.entries(files)) {
      const path = join(manifests.environment.SLIPWAY_MANIFESTS ?? "", name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  return manifests;
}

async function publish(services: Record<string, string>, more = {}, folder?: string) {
  const manifests = rendered(services, folder);
  const list = Object.entries(services).map(([name, release]) => ({ name, release }));
  const publication = { source: source(), rendered: manifests, services: list, subject: "Deploy v1 to dev", deploy };
  return publishManifests({ ...publication, ...more }).finally(() => manifests.remove());
}

describe("a deploy", () => {
  it("is one commit with the files of all services, and names those that change", async () => {
    const first = await publish({ api: "v1", web: "v1" });
    expect(first.services).toEqual([
      { name: "api", to: "v1" },
      { name: "web", to: "v1" },
    ]);
    expect(await git("ls-tree", "-r", "--name-only", BRANCH)).toBe(
      "api/manifests/deployment.yaml\napi/values.yaml\nweb/manifests/deployment.yaml\nweb/values.yaml",
    );
    const second = await publish({ api: "v2", web: "v1" });
    expect(second.services).toEqual([{ name: "api", from: "v1", to: "v2" }]);
    expect(second.previous).toBe(first.commit);
    // Argo CD tells a deploy of a service from a change by hand by it.
    expect(await git("show", "--no-patch", "--format=%B", BRANCH)).toContain("Slipway-Services: api\n");
    expect(await git("rev-list", "--count", BRANCH)).toBe("2");
  });

  it("is no commit if the branch has it already", async () => {
    const first = await publish({ api: "v1" });
    // An earlier deploy may have been interrupted before it was rolled out.
    expect(await publish({ api: "v1" })).toMatchObject({ commit: first.commit, services: [], waitFor: ["api"] });
    expect(await git("rev-list", "--count", BRANCH)).toBe("1");
  });

  it("keeps the folder of a removed service, empty, so that Argo CD removes its objects", async () => {
    await publish({ api: "v1", web: "v1" });
    const { services } = await publish({ web: "v1" });
    expect(services).toEqual([{ name: "api", from: "v1" }]);
    expect(await git("ls-tree", "-r", "--name-only", BRANCH, "api")).toBe("api/manifests/README.md");
    expect((await publish({ web: "v1" })).services).toEqual([]);
  });

  it("commits nothing if a service was not rendered", async () => {
    const manifests = rendered({ api: "v1" });
    const services = [{ name: "web", release: "v1" }];
    const publication = { source: source(), rendered: manifests, services, subject: "Deploy", deploy };
    await expect(publishManifests(publication)).rejects.toThrow(/web was not rendered/);
    manifests.remove();
  });

  it("does not overwrite an edit by hand, unless told to", async () => {
    await publish({ api: "v1" });
    const clone = join(temporaryFolder(), "clone");
    await execa("git", ["clone", "--quiet", `--branch=${BRANCH}`, bare, clone]);
    writeFileSync(join(clone, "api/manifests/deployment.yaml"), "kind: Deployment\nby: hand\n");
    const by = ["-c", "user.name=Grace", "-c", "user.email=grace@example.com"];
    await execa("git", [...by, "commit", "--quiet", "--all", "--message=Quick fix"], { cwd: clone });
    await execa("git", ["push", "--quiet"], { cwd: clone });
    const head = await git("rev-parse", BRANCH);
    await expect(publish({ api: "v2" })).rejects.toThrow(
      /api\/manifests\/deployment\.yaml: \w{10} by Grace.*Quick fix.*--overwrite-edits/s,
    );
    expect(await git("rev-parse", BRANCH)).toBe(head);
    expect((await publish({ api: "v2" }, { overwriteEdits: true })).services).toHaveLength(1);
  });
});

describe("a service that is removed", () => {
  it("keeps the folder that its Application reads", async () => {
    const folder = "manifests-20261130-131205";
    await publish({ api: "v1", web: "v1" }, {}, folder);
    await publish({ web: "v1" }, {}, folder);
    expect(await git("ls-tree", "-r", "--name-only", BRANCH, "api")).toBe(`api/${folder}/README.md`);
  });
});

describe("a deploy that is reviewed", () => {
  it("is on a branch of its own, and changes nothing before somebody merges it", async () => {
    const first = await publish({ api: "v1" });
    expect(first.waitFor).toEqual(["api"]);
    const review = { source: { ...source(), review: "pull-request" as const } };
    const proposed = await publish({ api: "v2" }, { ...review, deploy: { ...deploy, release: "v2, web v1" } });
    expect(proposed).toMatchObject({
      review: { branch: "deploy/dev/v2-web-v1" },
      services: [{ name: "api", from: "v1", to: "v2" }],
    });
    expect(await git("rev-parse", "deploy/dev/v2-web-v1")).toBe(proposed.commit);
    expect(await git("rev-parse", BRANCH)).toBe(first.commit);
  });
});

describe("a deploy that Argo CD cannot roll out", () => {
  it("is taken back by a commit: the same bytes as before, and nothing of other services", async () => {
    await publish({ api: "v1", web: "v1" });
    const before = await git("rev-parse", `${BRANCH}:api`);
    const failed = await publish({ api: "v2", web: "v1" });
    const commit = await revertManifests(source(), failed, { ...deploy, action: "revert" });
    expect(commit).toBe(await git("rev-parse", BRANCH));
    expect(await git("rev-parse", `${BRANCH}:api`)).toBe(before);
    expect(await git("rev-list", "--count", BRANCH)).toBe("3");
  });

  it("leaves what others have changed since as it is", async () => {
    await publish({ api: "v1", web: "v1" });
    const failed = await publish({ api: "v2", web: "v2" });
    await publish({ api: "v3", web: "v2" });
    await revertManifests(source(), failed, deploy);
    expect(await git("show", `${BRANCH}:api/values.yaml`)).toBe("release: v3");
    expect(await git("show", `${BRANCH}:web/values.yaml`)).toBe("release: v1");
  });

  it("stays if there was nothing before", async () => {
    expect(await revertManifests(source(), await publish({ api: "v1" }), deploy)).toBeUndefined();
  });

  it("stays if what was before is of an earlier time with Argo CD: it would take back what Helm has deployed since", async () => {
    await publish({ api: "v1" });
    const failed = await publish({ api: "v3" }, {}, "manifests-20261130-131205");
    expect(await revertManifests(source(), failed, deploy)).toBeUndefined();
    expect(await git("rev-parse", BRANCH)).toBe(failed.commit);
  });
});
