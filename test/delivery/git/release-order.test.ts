import { describe, expect, it } from "vitest";
import type { Update } from "../../../delivery/engine/history.ts";
import { isOlder } from "../../../delivery/git/release-order.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { Clone } from "../repositories.ts";

/** Successful updates, oldest first. */
const updates = (...releases: string[]): Update[] =>
  releases
    .map((release) => ({
      ...{ at: "2026-01-31T12:00:00.000Z", seconds: 1, action: "deploy", by: "ada" },
      ...{ releases: { release, tags: {} }, result: "succeeded" as const },
    }))
    .reverse();

describe("isOlder", () => {
  it("compares version numbers, and the commits in the names if one contains the other", async () => {
    expect(await isOlder(undefined, [], "v1.9.0", "v1.10.0")).toBe(true);
    expect(await isOlder(undefined, [], "v1.10.0", "v1.9.0")).toBe(false);
    expect(await isOlder(undefined, [], "v1.0.0", "v1.0.0")).toBe(false);
    const clone = await Clone.alone();
    const hash = (commit: string) => commit.slice(0, 7);
    const first = hash(await clone.commit("feat: first"));
    const second = hash(await clone.commit("feat: second"));
    await clone.git("switch", "--quiet", "-c", "topic", first);
    const topic = hash(await clone.commit("feat: topic"));
    const git = await openRepository(clone.root);
    expect(await isOlder(git, [], `v2.0.0-${first}`, `v1.0.0-${second}`)).toBe(true);
    expect(await isOlder(git, [], `v1.0.0-${second}`, `v2.0.0-${first}`)).toBe(false);
    // Neither contains the other: the numbers decide.
    expect(await isOlder(git, [], `v1.0.0-${topic}`, `v1.1.0-${second}`)).toBe(true);
    expect(await isOlder(git, [], `v1.1.0-${topic}`, `v1.1.0-${second}`)).toBe(false);
  });

  it("takes a name without a number for older if it ran before", async () => {
    const past = updates("green", "blue");
    expect(await isOlder(undefined, past, "green", "blue")).toBe(true);
    expect(await isOlder(undefined, past, "blue", "green")).toBe(false);
    expect(await isOlder(undefined, past, "new", "blue")).toBe(false);
    expect(await isOlder(undefined, updates("green", "blue", "green"), "green", "blue")).toBe(false);
  });
});
