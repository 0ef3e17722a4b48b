import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type TagOptions, tag } from "../../../delivery/commands/tag.ts";
import { type DeployRun, writeRun } from "../../../delivery/run-folder.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { Clone, Remote } from "../repositories.ts";

let remote: Remote;
let clone: Clone;
/** What was deployed: not what is checked out any more. */
let deployed: string;

beforeEach(async () => {
  stubMachine();
  remote = await Remote.create();
  clone = await remote.clone();
  deployed = await clone.commit("feat: begin");
  await clone.commit("Deploy v1.3.0 to dev [skip ci]");
  await clone.push();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function wrote(over: Partial<DeployRun> = {}, { root }: Clone = clone): void {
  const run: DeployRun = {
    stack: "dev",
    action: "deploy",
    release: "v1.3.0",
    previous: "v1.2.0",
    services: [],
    images: {},
    actor: "Ada",
    startedAt: "2026-01-31T12:00:00.000Z",
    seconds: 31,
    status: "succeeded",
    commit: deployed,
    ...over,
  };
  writeRun(root, run, "", []);
}

/** @returns what is printed */
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

  it("names the release of most services where some have one of their own", async () => {
    wrote({ release: "v1.3.0, api v1.2.9", build: "4711" });
    expect(await tagged()).toBe("dev/v1.3.0/4711");
  });

  it("has the time of the deploy for a number, unless CI has one, or the deploy, or --build gives one", async () => {
    wrote();
    expect(await tagged()).toBe("dev/v1.3.0/20260131T120000");
    stubMachine({ GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "4712", GITHUB_REF: "refs/heads/main" });
    expect(await tagged()).toBe("dev/v1.3.0/4712");
    wrote({ build: "4711" });
    expect(await tagged()).toBe("dev/v1.3.0/4711");
    expect(await tagged({ build: "7" })).toBe("dev/v1.3.0/7");
  });

  it("is pushed again at will", async () => {
    wrote();
    await remote.away(() => expect(tagged()).rejects.toThrow("origin cannot be pushed to: "));
    await tagged();
    await tagged();
    expect(await remote.tags()).toEqual([`dev/v1.3.0/20260131T120000 ${deployed}`]);
  });

  it("is there though another clone has pushed it", async () => {
    wrote();
    const other = await remote.clone();
    await other.git("config", "user.name", "Grace");
    await other.git("config", "user.email", "grace@example.com");
    wrote({}, other);
    await tagged({}, other);
    expect(await tagged()).toBe("dev/v1.3.0/20260131T120000");
  });

  it("is not made by a dry run, which names it", async () => {
    wrote();
    expect(await tagged({ dryRun: true })).toBe("dev/v1.3.0/20260131T120000");
    expect([await clone.git("tag"), await remote.tags()]).toEqual(["", []]);
  });
});

describe("is refused", () => {
  it("for a name that is on another commit already, which stays where it is", async () => {
    wrote({ build: "4711" });
    await tagged();
    wrote({ build: "4711", commit: await clone.head() });
    await expect(tagged()).rejects.toThrow(/^origin cannot be pushed to: .*dev\/v1\.3\.0\/4711.*already exists/);
    expect(await remote.tags()).toEqual([`dev/v1.3.0/4711 ${deployed}`]);
  });

  it.each([false, true])("for a deploy that failed (dry run: %s)", async (dryRun) => {
    wrote({ status: "failed" });
    await expect(tagged({ dryRun })).rejects.toThrow("tag: this deploy of dev failed; only what runs is tagged");
    expect(await clone.git("tag")).toBe("");
  });

  it("where no deploy was written down", async () => {
    await expect(tagged()).rejects.toThrow(".slipway/runs has no run of dev. Deploy first");
  });

  it("where there is no remote", async () => {
    const alone = await Clone.alone();
    wrote({ commit: await alone.commit("feat: begin") }, alone);
    await expect(tagged({}, alone)).rejects.toThrow("there is no remote origin");
    expect(await alone.git("tag")).toBe("");
  });
});
