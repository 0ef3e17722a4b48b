import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { version } from "../../../delivery/commands/version.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { type Clone, type Remote, useRepositories } from "../repositories.ts";
import { next, push, release, short } from "./versions.ts";

let remote: Remote;
let clone: Clone;

const copy = useRepositories();
beforeEach(() => {
  stubMachine();
  ({ remote, clone } = copy());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("another run", () => {
  /** A clone with another identity, whose annotated tags would be other objects. */
  async function ofSomebodyElse(): Promise<Clone> {
    const other = await remote.clone();
    await other.git("config", "user.name", "Grace");
    await other.git("config", "user.email", "grace@example.com");
    return other;
  }

  it("gives the same version and no further tag", async () => {
    const first = await push(clone);
    expect(await push(clone)).toBe(first);
    expect(await remote.tags()).toEqual([`${first} ${await clone.head()}`]);
  });

  it("gives the version that another clone has tagged meanwhile", async () => {
    const other = await remote.clone();
    const first = await push(other);
    expect(await push(clone)).toBe(first);
    expect(await push(clone)).toBe(first);
    expect(await remote.tags()).toHaveLength(1);
  });

  it("after a failed push pushes the tag, also if another clone has done so meanwhile", async () => {
    const failed = () => remote.whileAway(() => expect(push(clone)).rejects.toThrow("origin cannot be pushed to: "));
    await failed();
    const version = await push(clone);
    expect(await remote.tags()).toEqual([`${version} ${await clone.head()}`]);
    await clone.commit("fix: a typo");
    await clone.push();
    await failed();
    const pushed = await push(await ofSomebodyElse());
    expect(await push(clone)).toBe(pushed);
  });

  it("gives a release that was tagged by hand, and keeps that tag", async () => {
    await clone.git("tag", "--annotate", "v1.2.3", "--message", "By hand");
    await clone.git("push", "--quiet", "origin", "v1.2.3");
    const before = await remote.git("rev-parse", "v1.2.3");
    expect(await push(clone)).toBe("v1.2.3");
    expect([await remote.git("rev-parse", "v1.2.3"), await clone.git("rev-parse", "v1.2.3")]).toEqual([before, before]);
  });

  it("at the same time for the same commit succeeds too", async () => {
    const other = await ofSomebodyElse();
    captureOutput();
    const both = await Promise.allSettled([clone, other].map(({ root }) => version({ push: true }, root)));
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await remote.tags()).toHaveLength(1);
  });
});

describe("two merges at once", () => {
  let earlier: Clone;
  let later: Clone;
  let expected: string[];

  beforeEach(async () => {
    await release(clone, "v1.2.3", "feat: add gift cards", "fix: a typo");
    earlier = await remote.clone();
    await earlier.git("checkout", "--quiet", "HEAD~1");
    later = await remote.clone();
    expected = [`v1.3.0-${short(await earlier.head())}`, `v1.3.1-${short(await later.head())}`];
  });

  it("have two versions before either is tagged", async () => {
    expect([(await next(earlier)).version, (await next(later)).version]).toEqual(expected);
  });

  it.each([
    ["the earlier one is tagged first", [0, 1]],
    ["the later one is tagged first", [1, 0]],
  ])("have versions in the order of the merges if %s", async (_, order) => {
    const clones = [earlier, later];
    for (const index of order) expect(await push(clones[index] as Clone)).toBe(expected[index]);
    expect((await remote.tags()).map((line) => line.split(" ")[0])).toEqual(["v1.2.3", ...expected].sort());
  });

  it("have two versions if both are tagged at the same time", async () => {
    captureOutput();
    await Promise.all([earlier, later].map(({ root }) => version({ push: true }, root)));
    expect((await remote.tags()).map((line) => line.split(" ")[0])).toEqual(["v1.2.3", ...expected].sort());
  });

  it("have two versions if a hotfix has taken the first one's", async () => {
    const hotfix = await remote.clone();
    await hotfix.git("checkout", "--quiet", "v1.2.3");
    await hotfix.commit("feat: a hotfix");
    expect(await push(hotfix)).toMatch(/^v1\.3\.0-/);
    const numbers = [await next(earlier), await next(later)].map(({ version }) => version.split("-")[0]);
    expect(numbers).toEqual(["v1.3.1", "v1.3.2"]);
  });
});
