import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ServiceSettings } from "../../../config/environment.ts";
import { tellMigrations } from "../../../delivery/gitops/migration-history.ts";
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

type Files = (service: string) => string[];
function rendered(services: Record<string, string>, more: Files = () => [], folder = "manifests"): RenderedManifests {
  const manifests = new RenderedManifests();
  for (const [name, release] of Object.entries(services)) {
    const files = {
      "values.yaml": `release: ${release}\n`,
      [`${folder}/deployment.yaml`]: `kind: Deployment\nrelease: ${release}\n`,
      ...Object.fromEntries(more(name).map((file) => [`${folder}/${file}.yaml`, "kind: any\n"])),
    };
    for (const [file, text] of Object.entries(files)) {
      const path = join(manifests.environment.SLIPWAY_MANIFESTS ?? "", name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  return manifests;
}

async function publish(services: Record<string, string>, more = {}, files?: Files, folder?: string) {
  const manifests = rendered(services, files, folder);
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
    await publish({ api: "v1", web: "v1" }, {}, undefined, folder);
    await publish({ web: "v1" }, {}, undefined, folder);
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
    const failed = await publish({ api: "v3" }, {}, undefined, "manifests-20261130-131205");
    expect(await revertManifests(source(), failed, deploy)).toBeUndefined();
    expect(await git("rev-parse", BRANCH)).toBe(failed.commit);
  });
});

describe("the workload of a service", () => {
  const as = (kind: string) => publish({ api: "v1" }, {}, (name) => [`${kind}-${name}`]);

  it.each([
    ["deployment", "rollout"],
    ["rollout", "deployment"],
    ["deployment", "statefulset"],
  ])("is not changed from %s to %s, and nothing is committed", async (before, after) => {
    await as(before);
    await expect(as(after)).rejects.toThrow(/api runs as a \w+, and would be a \w+.*\n.*change-kind\.md/);
    expect(await git("rev-list", "--count", BRANCH)).toBe("1");
  });

  it("is free for a service that had none", async () => {
    await publish({ web: "v1" });
    await publish({ web: "v1", api: "v1" }, {}, (name) => [`rollout-${name}`]);
    expect(await git("rev-list", "--count", BRANCH)).toBe("2");
  });
});

it("a new service whose first deploy is taken back has an empty folder: without one, Argo CD would let it run on", async () => {
  await publish({ api: "v1" });
  const failed = await publish({ api: "v1", web: "v1" });
  await revertManifests(source(), failed, { ...deploy, action: "revert" });
  expect(await git("ls-tree", "-r", "--name-only", BRANCH, "web")).toBe("web/manifests/README.md");
});

describe("the Job of a migration", () => {
  it("is what the rollout waits for, and a failed one is named in the commit that takes the deploy back", async () => {
    await publish({ api: "v1", web: "v1" });
    const failed = await publish({ api: "v2", web: "v1" }, {}, (name) => (name === "api" ? ["job-api-expand-1"] : []));
    expect(failed.jobs).toEqual({ api: "api-expand-1" });
    await revertManifests(source(), failed, { ...deploy, action: "revert", failedJobs: ["api-expand-1"] });
    expect(await git("log", "-1", "--format=%(trailers:key=Slipway-Failed-Jobs,valueonly)", BRANCH)).toBe(
      "api-expand-1\n",
    );
    const told = vi.fn();
    await tellMigrations(
      { tellMigrations: told },
      {
        gitops: source(),
        services: [{ migration: { command: ["/app"], phase: "expand", timeoutSeconds: 60 } }] as ServiceSettings[],
      },
    );
    expect(told).toHaveBeenCalledWith({ committed: ["api-expand-1"], failed: ["api-expand-1"] });
  });

  it("that has failed in the first deploy empties the folder of its service, and of no other", async () => {
    const first = await publish({ api: "v1", web: "v1" }, {}, (name) => (name === "api" ? ["job-api-expand-1"] : []));
    expect(await revertManifests(source(), first, { ...deploy, failedJobs: ["api-expand-1"] })).toBeDefined();
    expect(await git("ls-tree", "-r", "--name-only", BRANCH)).toBe(
      "api/manifests/README.md\nweb/manifests/deployment.yaml\nweb/values.yaml",
    );
    // The next attempt.
    const second = await publish({ api: "v1", web: "v1" }, {}, (name) =>
      name === "api" ? ["job-api-expand-1-2"] : [],
    );
    expect(second).toMatchObject({ waitFor: ["api"], jobs: { api: "api-expand-1-2" } });
  });

  it("is asked for only where a service has a migration", async () => {
    const gitops = { ...source(), repository: "https://127.0.0.1:1/none.git" };
    const told = vi.fn();
    await tellMigrations(
      { tellMigrations: told },
      { gitops, services: [{ migration: undefined }] as ServiceSettings[] },
    );
    expect(told).not.toHaveBeenCalled();
  });
});
