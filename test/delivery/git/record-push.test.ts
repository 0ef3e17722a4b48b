import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readReleases, setReleases } from "../../../delivery/stack-file.ts";
import { stubMachine } from "../machine.ts";
import { type Clone, linesOf, type Remote } from "../repositories.ts";
import { changeTo, commit, FILE, filesOf, OTHER, push, TEXT, useRecords } from "./records.ts";

let remote: Remote;
let clone: Clone;

const copy = useRecords();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
});
afterEach(() => vi.unstubAllEnvs());

const onMain = (file: string) => remote.git("show", `main:${file}`);

describe("pushRecord", () => {
  it("adds only the record to the branch as it is now, whatever the checkout contains", async () => {
    await commit(changeTo("v1.1.0"), clone);
    await clone.git("checkout", "--quiet", "--detach");
    await clone.commit("chore: not for others to see", { "local.txt": "mine\n" });
    const other = await remote.clone();
    const meanwhile = await other.commit("chore: add a comment", { [FILE]: `# New.\n${TEXT}`, "new.txt": "new\n" });
    await other.push();

    const pushed = await push(changeTo("v1.1.0"), clone);
    expect(await remote.git("rev-parse", "main~1")).toBe(meanwhile);
    expect(await filesOf(remote, "main")).toEqual([FILE]);
    const after = setReleases(`# New.\n${TEXT}`, "dev", { release: "v1.0.0", tags: { api: "v0.9.0", web: "v1.1.0" } });
    expect(await onMain(FILE)).toBe(after.trimEnd());
    expect(pushed).toEqual({ commit: await remote.git("rev-parse", "main"), before: `# New.\n${TEXT}`, after });
    expect(await remote.git("log", "-1", "--format=%an %(trailers:key=Slipway-Stack,valueonly)", "main")).toBe(
      "Ada Lovelace dev\n",
    );
  });

  it("works from an older commit and changes neither checkout nor index", async () => {
    await clone.commit("feat: more", { "app.go": "package more\n" });
    await clone.push();
    await clone.git("checkout", "--quiet", "HEAD~1");
    clone.write("staged.go", "package main\n");
    await clone.git("add", "staged.go");
    clone.write("app.go", "package app\n");
    const index = () => readFileSync(join(clone.root, ".git/index")).toString("base64");
    const look = async () => [await clone.head(), await clone.git("status", "--porcelain"), clone.read(FILE), index()];
    const before = await look();
    await push(changeTo("v1.1.0"), clone);
    expect(await look()).toEqual(before);
    expect(await filesOf(remote, "main")).toEqual([FILE]);
    expect(await onMain("app.go")).toBe("package more");
  });

  it("pushes the checkout's own commit if it is the record on top of the branch", async () => {
    await commit(changeTo("v1.1.0"), clone);
    // A new commit within the same second would have the same hash.
    await clone.git("commit", "--quiet", "--amend", "--no-edit");
    await push(changeTo("v1.1.0"), clone);
    expect(await remote.git("rev-parse", "main")).toBe(await clone.head());
  });

  it("does not push a commit that contains more than the record", async () => {
    const text = changeTo("v1.1.0").edit(TEXT);
    await clone.commit("feat: not reviewed yet", { [FILE]: text, "app.go": "package app\n" });
    await push(changeTo("v1.1.0"), clone);
    expect(await onMain(FILE)).toBe(text.trimEnd());
    expect(await onMain("app.go")).toBe("package main");
  });

  it("pushes nothing if the branch needs no change", async () => {
    await push(changeTo("v1.1.0"), clone);
    const before = await remote.git("rev-parse", "main");
    expect(await push(changeTo("v1.1.0"), clone)).toBeUndefined();
    expect(await remote.git("rev-parse", "main")).toBe(before);
  });

  it("works in a project that is a folder of its repository", async () => {
    await clone.commit("chore: move", { [`deploy/${FILE}`]: TEXT });
    await clone.push();
    await push(changeTo("v1.1.0"), clone, "deploy");
    expect(await filesOf(remote, "main")).toEqual([`deploy/${FILE}`]);
  });

  it("works in a shallow clone, as CI makes them", async () => {
    const other = await remote.clone("--depth", "1");
    await clone.commit("feat: more");
    await clone.push();
    await push(changeTo("v1.1.0"), other);
    expect(await remote.git("log", "--format=%s", "main")).toBe("Deploy web v1.1.0 to dev\nfeat: more\nfeat: begin");
  });

  it("fetches again if somebody pushed in between", async () => {
    const other = await remote.clone();
    await other.commit("feat: more");
    const { edit } = changeTo("v1.1.0");
    let reads = 0;
    const change = {
      ...changeTo("v1.1.0"),
      edit: (text: string) => {
        if (reads++ === 0) execFileSync("git", ["push", "--quiet"], { cwd: other.root });
        return edit(text);
      },
    };
    await push(change, clone);
    expect(await remote.git("log", "--format=%s", "main")).toBe(`${change.subject}\nfeat: more\nfeat: begin`);
  });

  it("does not run the hook pre-push", async () => {
    clone.hook("pre-push", "echo 'the tests are red' >&2; exit 1");
    expect(await push(changeTo("v1.1.0"), clone)).toBeDefined();
  });
});

describe("two pushes at the same time", () => {
  // The two interleave differently each time.
  it.each([1, 2, 3])("both succeed, for two stacks and for one (%i)", async (round) => {
    const other = await remote.clone();
    await Promise.all([push(changeTo(`v1.${round}.0`), clone), push(changeTo(`v2.${round}.0`, "prod"), other)]);
    expect(readReleases(await onMain(FILE)).tags.web).toBe(`v1.${round}.0`);
    expect(readReleases(await onMain(OTHER)).tags.web).toBe(`v2.${round}.0`);

    await Promise.all([push(changeTo("v3.1.0"), clone), push(changeTo("v3.0.0", "dev", "api"), other)]);
    expect(readReleases(await onMain(FILE)).tags).toEqual({ api: "v3.0.0", web: "v3.1.0" });
    expect(linesOf(await remote.git("log", "--format=%s", "main"))).toHaveLength(5);
  });
});
