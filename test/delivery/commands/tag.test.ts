import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type TagOptions, tag } from "../../../delivery/commands/tag.ts";
import { type DeployRun, writeRun } from "../../../delivery/run-folder.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { deployRun } from "../project.ts";
import { Clone, type Remote, useRepositories } from "../repositories.ts";

let remote: Remote;
let clone: Clone;
/** The commit that was deployed; a later one is checked out. */
let deployed: string;

const copy = useRepositories();
beforeEach(async () => {
  stubMachine();
  ({ remote, clone } = copy());
  deployed = await clone.head();
  await clone.commit("Deploy v1.3.0 to dev [skip ci]");
  await clone.push();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function wrote(over: Partial<DeployRun> = {}, { root }: Clone = clone): void {
  writeRun(root, deployRun({ release: "v1.3.0", commit: deployed, ...over }), "", []);
}

/** Runs the command. @returns the tag */
async function tagged(options: Partial<TagOptions> = {}, { root }: Clone = clone): Promise<string> {
  const heard = captureOutput();
  await tag({ stack: "dev", ...options }, root);
  vi.restoreAllMocks();
  return heard.stdout.trim();
}

describe("the tag of a deploy", () => {
  it("is put on the commit that was deployed, and pushed", async () => {
    wrote({ build: "4711" });
    expect(await tagged()).toBe("dev/v1.3.0/4711");
    expect(await remote.tags()).toEqual([`dev/v1.3.0/4711 ${deployed}`]);
  });

  it("contains the stack's release if services have releases of their own", async () => {
    wrote({ release: "v1.3.0, api v1.2.9", build: "4711" });
    expect(await tagged()).toBe("dev/v1.3.0/4711");
  });

  it("contains the build number of --build, of the deploy or of CI, else the time of the deploy", async () => {
    wrote();
    expect(await tagged()).toBe("dev/v1.3.0/20260131T120000");
    stubMachine({ GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "4712", GITHUB_REF: "refs/heads/main" });
    expect(await tagged()).toBe("dev/v1.3.0/4712");
    wrote({ build: "4711" });
    expect(await tagged()).toBe("dev/v1.3.0/4711");
    expect(await tagged({ build: "7" })).toBe("dev/v1.3.0/7");
  });

  it("can be pushed again", async () => {
    wrote();
    await remote.whileAway(() => expect(tagged()).rejects.toThrow("origin cannot be pushed to: "));
    await tagged();
    await tagged();
    expect(await remote.tags()).toEqual([`dev/v1.3.0/20260131T120000 ${deployed}`]);
  });

  it("is accepted if another clone has pushed it", async () => {
    wrote();
    const other = await remote.clone();
    await other.git("config", "user.name", "Grace");
    await other.git("config", "user.email", "grace@example.com");
    wrote({}, other);
    await tagged({}, other);
    expect(await tagged()).toBe("dev/v1.3.0/20260131T120000");
  });

  it("is not created by a dry run, which prints it", async () => {
    wrote();
    expect(await tagged({ dryRun: true })).toBe("dev/v1.3.0/20260131T120000");
    expect([await clone.git("tag"), await remote.tags()]).toEqual(["", []]);
  });
});

describe("the tag is refused", () => {
  it("if it is on another commit already, where it stays", async () => {
    wrote({ build: "4711" });
    await tagged();
    wrote({ build: "4711", commit: await clone.head() });
    await expect(tagged()).rejects.toThrow(/^origin cannot be pushed to: .*dev\/v1\.3\.0\/4711.*already exists/);
    expect(await remote.tags()).toEqual([`dev/v1.3.0/4711 ${deployed}`]);
  });

  it.each([false, true])("for a deploy that failed (dry run: %s)", async (dryRun) => {
    wrote({ status: "failed" });
    await expect(tagged({ dryRun })).rejects.toThrow(
      "tag: this deploy of dev failed, and only a successful deploy gets a tag",
    );
    expect(await clone.git("tag")).toBe("");
  });

  it("if it would publish commits that the remote does not have", async () => {
    wrote({ commit: await clone.commit("wip: not for others", { "notes.txt": "mine\n" }) });
    await expect(tagged()).rejects.toThrow(
      /would publish a commit that origin does not have \(\w+ wip: not for others\)/,
    );
    expect(await remote.tags()).toEqual([]);
    await clone.push();
    await tagged();
    expect(await remote.tags()).toHaveLength(1);
  });

  it("if a tag of the stack's name is in its way, which no retry can solve", async () => {
    wrote();
    await clone.git("tag", "dev");
    await clone.git("push", "--quiet", "--tags");
    await expect(tagged()).rejects.toThrow("origin has a tag dev, and git cannot keep dev/… beside it");
  });

  it("without a deploy", async () => {
    await expect(tagged()).rejects.toThrow(".slipway/runs has no run of dev. Deploy first");
  });

  it("without a remote", async () => {
    const alone = await Clone.alone();
    wrote({ commit: await alone.commit("feat: begin") }, alone);
    await expect(tagged({}, alone)).rejects.toThrow("there is no remote origin");
    expect(await alone.git("tag")).toBe("");
  });
});
