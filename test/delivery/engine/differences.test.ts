import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDifferences } from "../../../delivery/engine/differences.ts";
import { secret, UNKNOWN_VALUE } from "./events.ts";

describe("findDifferences", () => {
  it("lists each value that differs by its path, in order", () => {
    const before = { values: { release: "v1", replicas: { min: 1, max: 2 }, port: 80, gone: true }, name: "web" };
    const after = { values: { release: "v2", replicas: { min: 1, max: 3 }, port: 80, came: null }, name: "web" };
    expect(findDifferences(before, after)).toEqual([
      { path: "values.came", to: null },
      { path: "values.gone", from: true },
      { path: "values.release", from: "v1", to: "v2" },
      { path: "values.replicas.max", from: 2, to: 3 },
    ]);
  });

  it("compares lists as a whole, and maps that were added or removed", () => {
    expect(findDifferences({ hosts: ["a", "b"] }, { hosts: ["b", "a"] })).toEqual([
      { path: "hosts", from: ["a", "b"], to: ["b", "a"] },
    ]);
    expect(findDifferences({}, { probes: { preset: "tcp" } })).toEqual([{ path: "probes", to: { preset: "tcp" } }]);
    expect(findDifferences({ probes: {} }, { probes: "none" })).toEqual([{ path: "probes", from: {}, to: "none" }]);
  });

  it("ignores internal keys", () => {
    expect(findDifferences({ __defaults: [], a: { __inputs: 1 } }, { __defaults: ["x"], a: {} })).toEqual([]);
  });

  it("finds none between equal values, and the inverse in the other direction", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const map = fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), value, { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(map, map, (before, after) => {
        expect(findDifferences(before, structuredClone(before))).toEqual([]);
        const keys = Object.keys({ ...before, ...after });
        const differing = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
        const found = findDifferences(before, after);
        expect(new Set(found.map(({ path }) => path.split(".")[0]))).toEqual(new Set(differing));
        expect(findDifferences(after, before)).toEqual(
          found.map(({ path, ...values }) => ({
            path,
            ...("to" in values && { from: values.to }),
            ...("from" in values && { to: values.from }),
          })),
        );
      }),
    );
  });

  it("marks unknown values at any depth", () => {
    expect(findDifferences({ image: "shop@sha256:a1" }, { image: UNKNOWN_VALUE })).toEqual([
      { path: "image", from: "shop@sha256:a1", to: "[known after the update]" },
    ]);
    const whole = findDifferences({ hosts: [] }, { hosts: [UNKNOWN_VALUE], probe: { host: UNKNOWN_VALUE } });
    expect(whole.map(({ path }) => path)).toEqual(["hosts", "probe"]);
    expect(JSON.stringify(whole)).not.toContain(UNKNOWN_VALUE);
  });
});

describe("a secret", () => {
  it("is shown as one, without its value", () => {
    expect(findDifferences({ key: "plain" }, { key: secret("hush") })).toEqual([
      { path: "key", from: "plain", to: "[secret]" },
    ]);
    expect(findDifferences({}, { key: secret("hush") })).toEqual([{ path: "key", to: "[secret]" }]);
    expect(findDifferences({ key: secret("hush") }, { key: secret("another") })).toEqual([]);
  });

  it("is hidden at any depth, in added, removed and changed values", () => {
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.nat(),
        fc.constant(secret("hush")),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (before, after) => {
        const found = JSON.stringify(findDifferences({ top: before }, { top: after }));
        expect(found).not.toMatch(/hush|4dabf18193072939515e22adb298388d/);
      }),
    );
  });
});
