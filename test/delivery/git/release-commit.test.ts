import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findReleaseCommit } from "../../../delivery/git/release-commit.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { stubMachine } from "../machine.ts";
import { Clone } from "../repositories.ts";
import { createTwins } from "./twins.ts";

let clone: Clone;
beforeEach(async () => {
  stubMachine();
  clone = await Clone.alone();
});
afterEach(() => vi.unstubAllEnvs());

const find = async (release: string) => findReleaseCommit(await openRepository(clone.root), release);

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
  const [first, second] = await createTwins(clone);
  const release = `v1.0.0-${first.slice(0, 7)}`;
  expect(first).not.toBe(second);
  expect(await find(release)).toBeUndefined();
  await clone.git("tag", release, second);
  expect(await find(release)).toBe(second);
});
