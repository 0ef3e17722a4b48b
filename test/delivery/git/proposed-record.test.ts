import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { proposeRecord } from "../../../delivery/git/proposed-record.ts";
import type { RecordChange } from "../../../delivery/git/record.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { readReleases, setReleases, setRestartedAt } from "../../../delivery/stack-file.ts";
import { stubMachine } from "../machine.ts";
import type { Clone, Remote } from "../repositories.ts";
import { changeTo, FILE, filesOf, TEXT, useRecords } from "./records.ts";

const BRANCH = "slipway/record-dev";

let remote: Remote;
let clone: Clone;

const copy = useRecords();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
  // As a ruleset does.
  remote.hook(
    "pre-receive",
    'while read -r _ _ ref; do [ "$ref" != refs/heads/main ] || { echo "GH013: Changes must be made through a pull request." >&2; exit 1; }; done',
  );
});
afterEach(() => vi.unstubAllEnvs());

const propose = async (change: RecordChange, { root }: Clone = clone, folder = "") =>
  proposeRecord(await openRepository(join(root, folder)), change, "main");
const proposed = async () => readReleases(await remote.git("show", `${BRANCH}:${FILE}`));
const branches = () => remote.git("for-each-ref", "--format=%(refname:short)", "refs/heads");

/** Merges what waits, as GitHub does, whose rules do not stop that, and commits to main. */
async function merge(how: "merge" | "squash", files: (file: string) => Record<string, string>): Promise<void> {
  const other = await remote.clone();
  if (how === "merge") await other.git("merge", "--quiet", "--no-ff", "--message", "Merge", `origin/${BRANCH}`);
  else await other.git("merge", "--quiet", "--squash", `origin/${BRANCH}`).then(() => other.commit("Deploy (#1)"));
  await moveMain(other, files(other.read(FILE)));
}

/** Commits to main, whatever its rules. */
async function moveMain(other: Clone, files: Record<string, string>): Promise<void> {
  const commit = await other.commit("feat: more", files);
  await other.git("push", "--quiet", "origin", "HEAD:refs/heads/next");
  await remote.git("update-ref", "refs/heads/main", commit);
  await remote.git("update-ref", "-d", "refs/heads/next");
}

describe("proposeRecord", () => {
  it("leaves main alone, and puts the record on a branch of its own, one commit after main", async () => {
    await clone.commit("feat: not for others to see", { "local.txt": "mine\n" });
    const after = changeTo("v1.1.0").edit(TEXT);
    expect(await propose(changeTo("v1.1.0"))).toMatchObject({ branch: BRANCH, before: TEXT, after });
    expect(await remote.git("rev-parse", `${BRANCH}^`)).toBe(await remote.git("rev-parse", "main"));
    expect(await filesOf(remote, BRANCH)).toEqual([FILE]);
    expect(await remote.git("log", "-1", "--format=%B", BRANCH)).toMatch(
      /^Deploy web v1\.1\.0 to dev\n\nSlipway-Stack: dev\n/,
    );
  });

  it("contains the records that wait already, on main as it is now", async () => {
    await propose(changeTo("v1.1.0"));
    await moveMain(await remote.clone(), { "app.go": "package other\n" });
    await propose(changeTo("v2.0.0", "dev", "api"));
    expect((await proposed()).tags).toEqual({ api: "v2.0.0", web: "v1.1.0" });
    expect(await remote.git("rev-parse", `${BRANCH}^`)).toBe(await remote.git("rev-parse", "main"));
    expect(await filesOf(remote, BRANCH)).toEqual([FILE]);
  });

  it.each(["merge", "squash"] as const)("starts from main after a %s", async (how) => {
    await propose(changeTo("v1.1.0"));
    await merge(how, (text) => ({ [FILE]: setReleases(text, "dev", { release: "v3.0.0", tags: {} }) }));
    await propose(changeTo("v2.0.0", "dev", "api"));
    expect(await proposed()).toEqual({ release: "v3.0.0", tags: { api: "v2.0.0" } });
  });

  it("keeps a restart that waits", async () => {
    const at = "2026-01-31T12:00:00Z";
    await propose({ ...changeTo("v1.1.0"), edit: (text) => setRestartedAt(text, "dev", ["web"], at) });
    await propose(changeTo("v1.1.0"));
    expect(await remote.git("show", `${BRANCH}:${FILE}`)).toContain(at);
  });

  it("deletes the branch if main needs no change any more", async () => {
    const pushed = await propose(changeTo("v1.1.0"));
    expect(await branches()).toBe(`main\n${BRANCH}`);
    expect(await propose({ ...changeTo("v1.0.0"), edit: () => pushed?.before ?? "" })).toBeUndefined();
    expect(await branches()).toBe("main");
    expect(await propose({ ...changeTo("v1.0.0"), edit: (text) => text })).toBeUndefined();
  });

  it("is refused on a remote that takes no branches, with its reason", async () => {
    remote.hook("pre-receive", 'echo "no branches here" >&2; exit 1');
    await expect(propose(changeTo("v1.1.0"))).rejects.toThrow("origin cannot be pushed to: ");
  });

  it("works in a project that is a folder of its repository, with a name that is not ASCII", async () => {
    await moveMain(await remote.clone(), { [`배포/${FILE}`]: TEXT });
    await clone.git("pull", "--quiet", "origin", "main");
    await propose(changeTo("v1.1.0"), clone, "배포");
    expect(await remote.git("-c", "core.quotePath=false", "diff", "--name-only", "main", BRANCH)).toBe(`배포/${FILE}`);
  });
});

describe("two proposals at the same time", () => {
  it.each([1, 2])("are both on the branch (%i)", async () => {
    const other = await remote.clone();
    await Promise.all([propose(changeTo("v1.1.0")), propose(changeTo("v2.0.0", "dev", "api"), other)]);
    expect((await proposed()).tags).toEqual({ api: "v2.0.0", web: "v1.1.0" });
  });
});
