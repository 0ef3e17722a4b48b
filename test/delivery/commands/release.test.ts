import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { planRelease, type ReleaseOptions, release } from "../../../delivery/commands/release.ts";
import { readEnvironment } from "../../../delivery/environment.ts";
import { readReleases } from "../../../delivery/stack-file.ts";
import { registryOf, serve } from "../../components/images/registry-server.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { projectFiles, stackText } from "../project.ts";
import { type Clone, Remote } from "../repositories.ts";

const FILE = "stacks/Pulumi.dev.yaml";
const digest = `sha256:${"a".repeat(64)}`;

let remote: Remote;
let clone: Clone;
let registry: { address: string; close: () => Promise<void> };
/** Tags that the registry holds. */
let held: Record<string, string>;
let text: string;

beforeEach(async () => {
  stubMachine();
  held = {};
  registry = await serve((request, response) => registryOf(held)(request, response));
  const repository = `${registry.address}/shop`;
  text = stackText(repository);
  const promoted = stackText(repository, { images: { repository, build: "never" } });
  remote = await Remote.create();
  clone = await remote.clone();
  await clone.commit("feat: begin", projectFiles({ dev: text, prod: promoted }));
  await clone.push();
});
afterEach(async () => {
  await registry.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Plans a release in the stack as it is. */
const plan = async (stack: string, tag: string, ...services: string[]) => {
  const text = clone.read(`stacks/Pulumi.${stack}.yaml`);
  const current = { environment: readEnvironment(clone.root, stack, text), releases: readReleases(text) };
  return planRelease(current, tag, services);
};

/** Runs the command. @returns its JSON */
async function run(tag: string | undefined, options: Partial<ReleaseOptions> = {}): Promise<Record<string, unknown>> {
  const heard = captureOutput();
  await release(tag, { stack: "dev", json: true, ...options }, clone.root);
  vi.restoreAllMocks();
  return JSON.parse(heard.stdout);
}

describe("a release", () => {
  it("is planned for all services, or for those named", async () => {
    expect((await plan("dev", "v1.1.0")).releases).toEqual({ release: "v1.1.0", tags: {} });
    const { releases, edit } = await plan("dev", "v1.1.0", "api");
    expect(releases).toEqual({ release: "v1.0.0", tags: { api: "v1.1.0" } });
    expect(readReleases(edit(text))).toEqual(releases);
  });

  it("with missing images is refused with all of them if the stack does not build", async () => {
    await expect(plan("prod", "v1.1.0")).rejects.toThrow(
      `Images are missing; nothing was changed. prod does not build images (images.build: never). Deploy a release whose images were pushed, or build them in the environment that does.
  - services.api: the registry does not have ${registry.address}/shop:api-v1.1.0
  - services.web: the registry does not have ${registry.address}/shop:web-v1.1.0`,
    );
    held["shop:api-v1.1.0"] = digest;
    await expect(plan("prod", "v1.1.0")).rejects.toThrow(/^(?!.*services\.api).*services\.web/s);
  });

  it("with pushed images is accepted if the stack does not build", async () => {
    Object.assign(held, { "shop:api-v1.1.0": digest, "shop:web-v1.0.0": digest });
    expect((await plan("prod", "v1.1.0", "api")).releases.tags).toEqual({ api: "v1.1.0" });
  });

  it("with missing images is accepted if the stack builds them", async () => {
    expect((await plan("dev", "v1.1.0")).releases.release).toBe("v1.1.0");
  });

  it.each(["old", "apii"])("of a service that the stack does not run is refused (%s)", async (name) => {
    await expect(run("v1.1.0", { service: ["api", name] })).rejects.toThrow(
      `--service ${name}: dev does not run it. It runs api, web.`,
    );
  });

  it("that is not a valid image tag is refused", async () => {
    await expect(plan("dev", "v1/1")).rejects.toThrow(/^"v1\/1" is not a release: it takes .+\.$/);
  });

  it("is refused if the registry cannot be reached", async () => {
    await registry.close();
    await expect(plan("prod", "v1.1.0")).rejects.toThrow(/ECONNREFUSED.*Nothing was changed\.$/);
  });
});

describe("the command", () => {
  const remoteRelease = async () => readReleases(await remote.git("show", `main:${FILE}`)).release;

  it("writes it into the file and commits that without a push", async () => {
    const printed = await run("v1.1.0");
    expect(clone.read(FILE)).toBe(text.replace("v1.0.0", "v1.1.0"));
    expect(await clone.git("log", "-1", "--format=%s")).toBe("Release v1.1.0 to dev");
    expect(printed).toEqual({
      stack: "dev",
      release: { release: "v1.1.0", tags: {} },
      changed: true,
      commit: await clone.head(),
    });
    expect(await remoteRelease()).toBe("v1.0.0");
  });

  it("pushes under --push, and in CI without --no-push", async () => {
    await run("v1.1.0", { push: true });
    expect(await remoteRelease()).toBe("v1.1.0");
    stubMachine({ GITHUB_ACTIONS: "true", GITHUB_REF: "refs/heads/main", GITHUB_ACTOR: "ada" });
    await run("v1.2.0", { push: false });
    expect(await remoteRelease()).toBe("v1.1.0");
    await run("v1.3.0");
    expect(await remoteRelease()).toBe("v1.3.0");
    expect(await remote.git("log", "-1", "--format=%an", "main")).toBe("ada");
  });

  it("without a release pushes what the file says", async () => {
    await run("v1.1.0");
    const before = await clone.head();
    expect(await run(undefined, { push: true })).toMatchObject({ release: { release: "v1.1.0" } });
    expect(await remoteRelease()).toBe("v1.1.0");
    expect(await clone.head()).toBe(before);
  });

  it("changes only the file with --no-commit", async () => {
    const before = await clone.head();
    await run("v1.1.0", { commit: false });
    expect([clone.read(FILE), await clone.head()]).toEqual([text.replace("v1.0.0", "v1.1.0"), before]);
  });

  it("changes nothing in a dry run, or for a release that is refused", async () => {
    const before = await clone.head();
    expect(await run("v1.1.0", { dryRun: true, push: true })).toMatchObject({ changed: true, dryRun: true });
    await expect(run("v1.1.0", { stack: "prod", push: true })).rejects.toThrow("Images are missing");
    vi.restoreAllMocks();
    expect([await clone.git("status", "--porcelain"), await clone.head()]).toEqual(["", before]);
    expect(await remote.git("rev-parse", "main")).toBe(before);
  });

  it.each(["from a topic branch", "from a detached HEAD"])(
    "pushes to the branch that keeps the records %s",
    async (from) => {
      await clone.git(
        ...(from.includes("topic") ? ["switch", "--quiet", "-c", "topic"] : ["checkout", "--quiet", "--detach"]),
      );
      await clone.commit("feat: not for others yet");
      await run("v1.1.0", { push: true });
      expect(await remoteRelease()).toBe("v1.1.0");
      expect(await remote.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
      expect(await remote.git("log", "--format=%s", "main")).not.toContain("not for others");
    },
  );

  it("pushes to another branch under --branch, or SLIPWAY_BRANCH, and refuses one that does not exist", async () => {
    await clone.git("push", "--quiet", "origin", "HEAD:refs/heads/records");
    const recorded = async () => readReleases(await remote.git("show", `records:${FILE}`)).release;
    await run("v1.1.0", { push: true, branch: "records" });
    expect([await recorded(), await remoteRelease()]).toEqual(["v1.1.0", "v1.0.0"]);
    stubMachine({ SLIPWAY_BRANCH: "records" });
    await run("v1.2.0", { push: true });
    expect([await recorded(), await remoteRelease()]).toEqual(["v1.2.0", "v1.0.0"]);
    await expect(run("v1.3.0", { push: true, branch: "nowhere" })).rejects.toThrow("origin has no branch nowhere");
  });

  it("does not replace a newer record on the branch with the checkout's", async () => {
    const other = await remote.clone();
    await other.commit("Deploy v3.0.0 to dev", { [FILE]: text.replace("v1.0.0", "v3.0.0") });
    await other.push();
    await expect(run(undefined, { push: true })).rejects.toThrow(
      /newer on origin\/main than here.*git pull origin main/,
    );
    vi.restoreAllMocks();
    expect(await remoteRelease()).toBe("v3.0.0");
    // A record that was pushed as another commit is not newer than what came after it.
    await clone.git("reset", "--quiet", "--hard");
    await clone.commit("Deploy v2.0.0 to dev", { [FILE]: text.replace("v1.0.0", "v2.0.0") });
    await other.commit("Deploy v4.0.0 to dev", { [FILE]: text.replace("v1.0.0", "v4.0.0") });
    await other.push();
    await expect(run(undefined, { push: true })).rejects.toThrow("newer on origin/main");
    vi.restoreAllMocks();
    expect(await remoteRelease()).toBe("v4.0.0");
  });
});
