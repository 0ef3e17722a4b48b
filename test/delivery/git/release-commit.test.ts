import { createHash } from "node:crypto";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findReleaseCommit } from "../../../delivery/git/release-commit.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { stubMachine } from "../machine.ts";
import { Clone } from "../repositories.ts";

let clone: Clone;
beforeEach(async () => {
  stubMachine();
  clone = await Clone.alone();
});
afterEach(() => vi.unstubAllEnvs());

const find = async (release: string) => findReleaseCommit(await openRepository(clone.root), release);

/** Two commits whose hashes start with the same seven digits. */
async function createTwins(): Promise<[string, string]> {
  const tree = await clone.git("hash-object", "-w", "-t", "tree", "/dev/null");
  const by = "Grace <grace@example.com> 1704067200 +0000";
  const seen = new Map<string, string>();
  for (let count = 0; ; count++) {
    const text = `tree ${tree}\nauthor ${by}\ncommitter ${by}\n\nfeat: ${count}\n`;
    const hash = createHash("sha1")
      .update(`commit ${Buffer.byteLength(text)}\0${text}`)
      .digest("hex");
    const twin = seen.get(hash.slice(0, 7));
    if (twin === undefined) seen.set(hash.slice(0, 7), text);
    else return [await write(twin), await write(text)];
  }
}

async function write(text: string): Promise<string> {
  const args = ["hash-object", "-w", "-t", "commit", "--stdin"];
  return (await execa("git", args, { cwd: clone.root, input: text })).stdout;
}

it("is the commit with the hash in the name, and no file or tree with it", async () => {
  const commit = await clone.commit("feat: begin");
  expect(await find(`v1.0.0-${commit.slice(0, 7)}`)).toBe(commit);
  expect(await find("v1.0.0-0123abc")).toBeUndefined();
});

it("is the commit of the tag for a release without a hash", async () => {
  const commit = await clone.commit("feat: begin");
  await clone.git("tag", "--annotate", "v1.0.0", "--message", "v1.0.0");
  expect(await find("v1.0.0")).toBe(commit);
  expect(await find("v2.0.0")).toBeUndefined();
});

it("is not a branch whose name looks like the hash", async () => {
  const commit = await clone.commit("feat: begin");
  await clone.commit("feat: more");
  await clone.git("branch", commit.slice(0, 7));
  expect(await find(`v1.0.0-${commit.slice(0, 7)}`)).toBe(commit);
});

it("is decided by the tag if two commits share the hash, and unknown without it", async () => {
  const [first, second] = await createTwins();
  const release = `v1.0.0-${first.slice(0, 7)}`;
  expect(first).not.toBe(second);
  expect(await find(release)).toBeUndefined();
  await clone.git("tag", release, second);
  expect(await find(release)).toBe(second);
});
