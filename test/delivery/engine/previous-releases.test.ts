import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Update } from "../../../delivery/engine/history.ts";
import { previousIn, previousReleases } from "../../../delivery/engine/previous-releases.ts";
import { formatReleases, type Releases, sameReleases } from "../../../delivery/releases.ts";

const all = (release: string, tags: Record<string, string> = {}): Releases => ({ release, tags });

function update(action: string, releases: Releases | string, result: Update["result"] = "succeeded"): Update {
  const whole = typeof releases === "string" ? all(releases) : releases;
  return { at: "2026-01-31T12:00:00.000Z", seconds: 31, action, by: "ada", releases: whole, result };
}
const deploy = (releases: Releases | string) => update("deploy", releases);
const failed = (releases: Releases | string) => update("deploy", releases, "failed");
const rollback = (releases: Releases | string) => update("rollback", releases);

/** @param past oldest first, as it happened */
const previous = (past: Update[], now: Releases | string) =>
  previousReleases(past.toReversed(), typeof now === "string" ? all(now) : now);

describe("previousReleases", () => {
  it("is the release before the current one", () => {
    expect(previous([deploy("v1"), deploy("v2")], "v2")).toEqual(all("v1"));
  });

  it("is the last successful one if the newest failed", () => {
    expect(previous([deploy("v1"), deploy("v2"), failed("v3")], "v3")).toEqual(all("v2"));
    expect(previous([deploy("v1"), deploy("v2"), failed("v3"), failed("v4")], "v4")).toEqual(all("v2"));
  });

  it("is never the bad one that was rolled back", () => {
    const past = [deploy("v1"), deploy("v2"), deploy("v3-bad"), rollback("v2")];
    expect(previous(past, "v2")).toEqual(all("v1"));
    expect(previous([...past, deploy("v4")], "v4")).toEqual(all("v2"));
  });

  it("is the one before the target of a failed rollback", () => {
    const past = [deploy("v0"), deploy("v1"), deploy("v2-bad"), update("rollback", "v1", "failed")];
    expect(previous(past, "v1")).toEqual(all("v0"));
  });

  it("counts an older release that was deployed again as the newest", () => {
    expect(previous([deploy("v1"), deploy("v2"), deploy("v1")], "v1")).toEqual(all("v2"));
    expect(previous([deploy("v1"), deploy("v2"), deploy("v1"), deploy("v3")], "v3")).toEqual(all("v1"));
  });

  it("is the last successful one if an older release was deployed again and failed", () => {
    expect(previous([deploy("v0"), deploy("v1"), deploy("v2"), failed("v1")], "v1")).toEqual(all("v2"));
  });

  it("ignores restarts and changes of the config", () => {
    const past = [deploy("v1"), deploy("v2"), update("restart", "v2"), update("update", "v2"), deploy("v2")];
    expect(previous(past, "v2")).toEqual(all("v1"));
  });

  it("ignores an update in progress, and a release that was never recorded", () => {
    expect(previous([deploy("v1"), update("deploy", "v2", "in-progress")], "v2")).toEqual(all("v1"));
    expect(previous([deploy("v1")], "v2-by-hand")).toEqual(all("v1"));
  });

  it("is undefined if nothing succeeded before", () => {
    expect(previous([], "v1")).toBeUndefined();
    expect(previous([deploy("v1")], "v1")).toBeUndefined();
    expect(previous([failed("v0"), deploy("v1")], "v1")).toBeUndefined();
  });

  it("returns from releases of single services to that of all, and to their own", () => {
    const past = [deploy("v1"), deploy(all("v1", { api: "v2" })), deploy(all("v1", { api: "v2", web: "v3" }))];
    expect(previous(past, all("v1", { web: "v3", api: "v2" }))).toEqual(all("v1", { api: "v2" }));
    expect(previous(past.slice(0, 2), all("v1", { api: "v2" }))).toEqual(all("v1"));
    expect(previous([...past, failed("v4")], "v4")).toEqual(all("v1", { api: "v2", web: "v3" }));
  });

  it("does not return to a release that one service was rolled back from", () => {
    const past = [deploy("v1"), deploy("v2"), rollback(all("v2", { api: "v1" }))];
    expect(previous(past, all("v2", { api: "v1" }))).toEqual(all("v1"));
    const afterFailure = [deploy("v1"), deploy("v2"), failed("v3"), rollback(all("v3", { api: "v2" }))];
    expect(previous(afterFailure, all("v3", { api: "v2" }))).toEqual(all("v2"));
    // A killed update stays in progress.
    const killed = update("deploy", "v3", "in-progress");
    const afterKill = [deploy("v1"), deploy("v2"), killed, rollback(all("v3", { api: "v2" }))];
    expect(previous(afterKill, all("v3", { api: "v2" }))).toEqual(all("v2"));
  });

  it("is never the target of a failed rollback", () => {
    const half = update("rollback", all("v2", { api: "v0" }), "failed");
    expect(previous([deploy("v1"), deploy("v2"), half, deploy("v3")], "v3")).toEqual(all("v2"));
  });

  it("does not take somebody's own words for a rollback", () => {
    const byHand: Update = { ...rollback("v3"), unsigned: true };
    expect(previous([deploy("v1"), deploy("v2"), byHand], "v3")).toEqual(all("v2"));
    const earlierVersion: Update = { ...rollback("v2"), unsigned: true };
    expect(previous([deploy("v1"), deploy("v2"), deploy("v3-bad"), earlierVersion], "v2")).toEqual(all("v1"));
  });

  it("ignores that the stack was destroyed in between", () => {
    expect(previous([deploy("v1"), update("destroy", "v1"), deploy("v2")], "v2")).toEqual(all("v1"));
  });

  it("goes one release back each time, whatever failed or restarted in between", () => {
    const noise = fc.array(fc.constantFrom("fail", "restart", "config"), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(noise, { minLength: 2, maxLength: 6 }), fc.boolean(), (rounds, endsBadly) => {
        const past = rounds.flatMap((between, round) => [
          deploy(`v${round}`),
          ...between.map((kind, at) => (kind === "fail" ? failed(`bad-${round}-${at}`) : update(kind, `v${round}`))),
        ]);
        if (endsBadly) past.push(failed("bad"));
        let now = endsBadly ? all("bad") : all(`v${rounds.length - 1}`);
        for (let round = rounds.length - (endsBadly ? 1 : 2); round >= 0; round--) {
          expect(previous(past, now)).toEqual(all(`v${round}`));
          past.push(rollback(`v${round}`));
          now = all(`v${round}`);
        }
        expect(previous(past, now)).toBeUndefined();
      }),
    );
  });
});

describe("a part of a history", () => {
  const part = (past: Update[], complete: boolean) => ({ updates: past.toReversed(), complete });

  it("is enough if it contains the previous release", () => {
    expect(previousIn(part([deploy("v1"), deploy("v2")], false), all("v2"))).toEqual({ previous: all("v1") });
  });

  it("is not enough if it contains only the current one, unless there is no more", () => {
    const restarts = [update("restart", "v2"), update("restart", "v2")];
    expect(previousIn(part(restarts, false), all("v2"))).toBeUndefined();
    expect(previousIn(part(restarts, true), all("v2"))).toEqual({});
  });

  it("is not enough if it contains a rollback to an older part, which says what was rolled back", () => {
    const past = [deploy("v3-bad"), deploy("v4-bad"), rollback("v2")];
    expect(previousIn(part(past, false), all("v2"))).toBeUndefined();
    expect(previousIn(part([deploy("v1"), deploy("v2"), ...past], true), all("v2"))).toEqual({ previous: all("v1") });
  });
});

describe("sameReleases", () => {
  it("compares the release and every tag, in any order", () => {
    expect(sameReleases(all("v1", { api: "v2", web: "v3" }), all("v1", { web: "v3", api: "v2" }))).toBe(true);
    expect(sameReleases(all("v1"), all("v2"))).toBe(false);
    expect(sameReleases(all("v1", { api: "v2" }), all("v1"))).toBe(false);
    expect(sameReleases(all("v1"), all("v1", { api: "v2" }))).toBe(false);
    expect(sameReleases(all("v1", { api: "v2" }), all("v1", { api: "v3" }))).toBe(false);
  });
});

describe("formatReleases", () => {
  it("lists the release and those of single services", () => {
    expect(formatReleases(all("v1.3.0-5e15f0a"))).toBe("v1.3.0-5e15f0a");
    expect(formatReleases(all("v1.3.0", { api: "v1.2.9", web: "v1.2.8" }))).toBe("v1.3.0, api v1.2.9, web v1.2.8");
  });
});
