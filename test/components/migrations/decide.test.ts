import { describe, expect, it } from "vitest";
import { contractAcross, decide, type Situation } from "../../../components/migrations/decide.ts";
import type { Ledger, Result } from "../../../components/migrations/ledger.ts";
import { digestOf, keyOf, type Migration, shortDigest } from "../../../components/migrations/migration.ts";
import { DIGEST, migrationOf } from "./fake-api.ts";

const imageOf = (digit: string) => `registry.example.com/shop@${DIGEST(digit)}`;
const time = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`;

function ledgerOf(migrations: [Migration, Result, number][], served: Record<string, number> = {}): Ledger {
  return {
    migrations: Object.fromEntries(
      migrations.map(([migration, result, minute]) => {
        const { image, release, config } = migration;
        const entry = { release, phase: config.phase, time: time(minute), result, digest: digestOf(image), job: "j" };
        return [keyOf(migration), entry];
      }),
    ),
    served: Object.fromEntries(
      Object.entries(served).map(([digit, minute]) => {
        const digest = DIGEST(digit);
        return [shortDigest(digest), { release: `v${digit}`, digest, time: time(minute) }];
      }),
    ),
  };
}

const at = (migration: Migration, over: Partial<Situation> = {}): Situation => ({
  migration,
  ledger: ledgerOf([]),
  live: [DIGEST("1")],
  isRollback: false,
  ...over,
});
const v2 = migrationOf({ image: imageOf("2"), release: "v2" });
const v3 = migrationOf({ image: imageOf("3"), release: "v3" }, { phase: "contract" });

describe("an update", () => {
  it("runs the migration of an image that the ledger does not know", () => expect(decide(at(v2))).toBe("run"));

  it("runs the migration of an image that is not built yet", () => {
    expect(decide({ ...at(v2), migration: { ...v2, image: undefined } })).toBe("run");
  });

  it.each<[Result, string]>([
    ["succeeded", "done"],
    ["failed", "run"],
    ["started", "run"],
  ])("of an image whose migration has %s: %s", (result, decision) => {
    expect(decide(at(v2, { ledger: ledgerOf([[v2, result, 1]]) }))).toBe(decision);
  });

  it("runs another command or another phase of the same image", () => {
    const ledger = ledgerOf([[v2, "succeeded", 1]], { 2: 1 });
    const live = [DIGEST("2")];
    expect(decide(at(migrationOf({}, { args: ["other"] }), { ledger, live }))).toBe("run");
    expect(decide(at(migrationOf({}, { phase: "contract" }), { ledger, live }))).toBe("run");
    expect(decide(at(migrationOf({}, { timeoutSeconds: 9 }), { ledger, live }))).toBe("done");
  });

  it("that goes back to an image that has served runs nothing, whatever the config says by now", () => {
    const ledger = ledgerOf([], { 1: 1, 2: 2 });
    const changed = migrationOf({ image: imageOf("1") }, { args: ["new-command"] });
    expect(decide(at(changed, { ledger, live: [DIGEST("2")] }))).toBe("goes back");
  });

  it("runs a contract migration again that failed before the way back and forth", () => {
    const ledger = ledgerOf([[v3, "failed", 3]], { 2: 1, 3: 2 });
    expect(decide(at(v3, { ledger, live: [DIGEST("2")] }))).toBe("run");
  });

  it("by the command rollback runs nothing, also of an image that the ledger does not know", () => {
    expect(decide(at(v2, { isRollback: true }))).toBe("goes back");
    expect(decide(at(v2, { isRollback: true, ledger: ledgerOf([[v2, "failed", 1]]) }))).toBe("goes back");
  });
});

describe("a contract migration", () => {
  const contracted = (result: Result = "succeeded") => ledgerOf([[v3, result, 3]], { 1: 0, 2: 1, 3: 2, 4: 4 });
  const across = (digit: string, over: Partial<Situation> = {}) =>
    contractAcross(at(migrationOf({ image: imageOf(digit) }), { ledger: contracted(), live: [DIGEST("4")], ...over }));

  it.each(["1", "2"])("stands between now and release v%s, which served before it", (digit) => {
    expect(across(digit)).toMatchObject({ release: "v3" });
  });

  it.each<Result>(["failed", "started"])("stands there too if it has %s: it may have done a part", (result) => {
    expect(across("2", { ledger: contracted(result) })).toMatchObject({ result });
  });

  it.each(["3", "4", "5"])("does not stand before v%s: the release it was for, a newer one, a new one", (digit) => {
    expect(across(digit)).toBeUndefined();
  });

  it("does not keep what runs from being deployed again", () => {
    expect(across("2", { live: [DIGEST("2")] })).toBeUndefined();
  });

  it("stands before an unknown image if the command is a rollback", () => {
    expect(across("9", { isRollback: true })).toMatchObject({ release: "v3" });
    expect(across("9", { isRollback: true, ledger: ledgerOf([[v2, "succeeded", 1]]) })).toBeUndefined();
  });

  it("that is newer than another one is named", () => {
    const v5 = migrationOf({ image: imageOf("5"), release: "v5" }, { phase: "contract" });
    const ledger = ledgerOf(
      [
        [v3, "succeeded", 3],
        [v5, "succeeded", 5],
      ],
      { 2: 2 },
    );
    expect(across("2", { ledger })).toMatchObject({ release: "v5" });
  });
});
