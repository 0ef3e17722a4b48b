import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CommittedRecord, type RecordChange, revertPushed, revertRecord } from "../../../delivery/git/record.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { applyChange, readReleases, setReleases } from "../../../delivery/stack-file.ts";
import { stubMachine } from "../machine.ts";
import type { Clone, Remote } from "../repositories.ts";
import { changeTo, commit, FILE, OTHER, push, TEXT, useRecords } from "./records.ts";

let remote: Remote;
let clone: Clone;

const copy = useRecords();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
});
afterEach(() => vi.unstubAllEnvs());

const onMain = () => remote.git("show", `main:${FILE}`);
const released = async (service: string) => readReleases(await onMain()).tags[service];

/** Takes a pushed record back. */
async function revert(change: RecordChange, pushed: CommittedRecord | undefined): Promise<void> {
  if (!pushed) throw new Error("nothing was pushed");
  await revertPushed(
    await openRepository(clone.root),
    { ...change, subject: `Revert: ${change.subject}`, action: "revert", reverts: pushed.commit },
    "main",
    (text, before) => applyChange(text, "dev", { from: pushed.after, to: before }),
  );
}

describe("two records on the branch, both taken back", { timeout: 60_000 }, () => {
  const orders = [["the lower one first", [0, 1]] as const, ["the upper one first", [1, 0]] as const];

  it.each(orders)("leave what was there before them: %s", async (_, order) => {
    const changes = [changeTo("v1.1.0"), changeTo("v1.2.0")];
    const pushed = [await push(changes[0] as RecordChange, clone), await push(changes[1] as RecordChange, clone)];
    for (const index of order) await revert(changes[index] as RecordChange, pushed[index]);
    expect(await onMain()).toBe(TEXT.trimEnd());
  });

  it.each(orders)("leave it also if they are of different services: %s", async (_, order) => {
    const changes = [changeTo("v1.1.0", "dev", "web"), changeTo("v1.2.0", "dev", "api")];
    const pushed = [await push(changes[0] as RecordChange, clone), await push(changes[1] as RecordChange, clone)];
    await revert(changes[order[0]] as RecordChange, pushed[order[0]]);
    expect(await released(order[0] === 0 ? "api" : "web")).toBe(order[0] === 0 ? "v1.2.0" : "v1.1.0");
    await revert(changes[order[1]] as RecordChange, pushed[order[1]]);
    expect(readReleases(await onMain())).toEqual(readReleases(TEXT));
  });
});

describe("a record that is taken back", () => {
  it("leaves what others changed in the file", async () => {
    const change = changeTo("v1.1.0");
    const pushed = await push(change, clone);
    const other = await remote.clone();
    await other.commit("chore: say more", { [FILE]: `# More.\n${other.read(FILE)}` });
    await other.push();
    await revert(change, pushed);
    expect(await released("web")).toBeUndefined();
    expect(await onMain()).toContain("# More.");
  });

  it("leaves a newer record", async () => {
    const change = changeTo("v1.1.0");
    const pushed = await push(change, clone);
    await push(changeTo("v2.0.0"), clone);
    await revert(change, pushed);
    expect(await released("web")).toBe("v2.0.0");
  });

  it("leaves uncommitted changes of the file, and they stay uncommitted", async () => {
    const change = changeTo("v1.1.0");
    await commit(change, clone);
    const after = clone.read(FILE);
    clone.write(FILE, `# salted\n${after}`);
    const edit = (text: string) => applyChange(text, "dev", { from: after, to: TEXT });
    await revertRecord(await openRepository(clone.root), clone.root, { ...change, action: "revert", edit });
    expect(clone.read(FILE)).toBe(`# salted\n${TEXT}`);
    expect(await clone.git("show", `HEAD:${FILE}`)).toBe(TEXT.trimEnd());
  });
});

describe("records of several stacks in one clone at the same time", () => {
  it("are all committed, each with its own file", async () => {
    await Promise.all([
      ...["v1.1.0"].map((release) => commit(changeTo(release), clone)),
      commit(changeTo("v2.1.0", "prod"), clone),
    ]);
    expect(readReleases(clone.read(FILE)).tags.web).toBe("v1.1.0");
    expect(readReleases(clone.read(OTHER)).tags.web).toBe("v2.1.0");
    expect(await clone.git("status", "--porcelain")).toBe("");
    expect((await clone.git("log", "--format=%s")).split("\n")).toHaveLength(3);
  });

  it("name their own commits, and push only their own files", async () => {
    const changes = [changeTo("v1.1.0"), changeTo("v2.1.0", "prod")];
    const commits = await Promise.all(changes.map((change) => commit(change, clone)));
    const files = await Promise.all(commits.map((made) => clone.git("show", "--format=", "--name-only", made ?? "")));
    expect(files).toEqual([FILE, OTHER]);
    await Promise.all(changes.map((change) => push(change, clone)));
    const onBranch = await Promise.all([FILE, OTHER].map((file) => remote.git("show", `main:${file}`)));
    expect(onBranch.map((text) => readReleases(text).tags.web)).toEqual(["v1.1.0", "v2.1.0"]);
  });
});

describe("applyChange", () => {
  const set = (text: string, release: string, tags = {}) => setReleases(text, "dev", { release, tags });

  it("changes only what still says what the change replaces", () => {
    const change = { from: TEXT, to: set(TEXT, "v2.0.0") };
    expect(applyChange(TEXT, "dev", change)).toBe(change.to);
    expect(readReleases(applyChange(`# New.\n${TEXT}`, "dev", change))).toEqual({ release: "v2.0.0", tags: {} });
    expect(applyChange(set(TEXT, "v3.0.0", { api: "v4" }), "dev", change)).toBe(set(TEXT, "v3.0.0", { api: "v4" }));
  });
});
