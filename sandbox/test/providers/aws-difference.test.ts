import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "../../providers/aws/difference.ts";
import type { InputRule } from "../../providers/aws/input-rule.ts";
import { type PropertyMap, Secret, Unknown } from "../../providers/protocol/value.ts";

type Rules = Record<string, InputRule>;

/** Changed paths; a replacing change ends in "!". */
function diff(rules: Rules, olds: PropertyMap, news: PropertyMap): string[] {
  const changes = [...differences(rules, olds, news)];
  return changes.map(([path, { kind, replace }]) => `${kind} ${path}${replace ? "!" : ""}`).sort();
}

describe("properties", () => {
  const rules: Rules = { name: { forcesNew: true }, size: { computed: true }, text: {}, tags: {} };

  test("are reported as added, updated or deleted, and replace the resource where required", () => {
    expect(diff(rules, { name: "a", text: "x" }, { name: "b", tags: { a: "1" } })).toEqual([
      "add tags",
      "delete text",
      "update name!",
    ]);
  });

  test("that AWS fills in are no change when left out, but one when given", () => {
    expect(diff(rules, { size: 3 }, {})).toEqual([]);
    expect(diff(rules, { size: 3 }, { size: 4 })).toEqual(["update size"]);
  });

  test("that are empty equal missing ones", () => {
    expect(diff(rules, { text: "", tags: {}, name: false }, {})).toEqual([]);
    expect(diff(rules, {}, { text: "", tags: {}, name: 0 })).toEqual([]);
  });

  test("of a user's map are compared by key, even when empty", () => {
    expect(diff(rules, { tags: { a: "1", b: "", c: "3" } }, { tags: { a: "2", c: "3", d: "" } })).toEqual([
      "add tags.d",
      "delete tags.b",
      "update tags.a",
    ]);
  });

  test("are compared by content: in a secret or not, as a number or a string", () => {
    expect(diff(rules, { text: new Secret("x"), size: 443 }, { text: "x", size: "443" })).toEqual([]);
    expect(diff(rules, { text: new Secret("x") }, { text: new Secret("y") })).toEqual(["update text"]);
  });

  test("that are unknown are a change", () => {
    expect(diff(rules, { name: "a" }, { name: Unknown.value, size: Unknown.value })).toEqual([
      "add size",
      "update name!",
    ]);
  });

  test("without a rule are outputs and ignored", () => {
    expect(diff(rules, { arn: "arn:aws:x" }, {})).toEqual([]);
  });
});

describe("nested objects", () => {
  const vpc: Rules = {
    ids: { set: true },
    id: { output: true },
    family: { forcesNew: true },
    zone: { computed: true },
  };
  const rules: Rules = {
    vpc: { fields: vpc },
    ports: { fields: { from: {}, note: {}, arn: { output: true } }, set: true },
  };

  test("are compared by their own rules", () => {
    const olds = { vpc: { ids: ["a", "b"], id: "vpc-1", family: "ipv4", zone: "z" } };
    expect(diff(rules, olds, { vpc: { ids: ["b", "a"], family: "ipv4" } })).toEqual([]);
    expect(diff(rules, olds, { vpc: { ids: ["b", "c"], family: "ipv6" } })).toEqual([
      "update vpc.family!",
      "update vpc.ids[1]",
    ]);
  });

  test("that are added or removed replace when a property in them does", () => {
    expect(diff(rules, {}, { vpc: { family: "ipv4" } })).toEqual(["add vpc!"]);
    expect(diff(rules, {}, { vpc: { ids: ["a"] } })).toEqual(["add vpc"]);
    expect(diff(rules, { vpc: { family: "ipv4" } }, {})).toEqual(["delete vpc!"]);
  });

  test("that cannot be changed in place replace on any change in them", () => {
    const all: Rules = {
      box: { forcesNew: true, fields: { a: {} } },
      map: { forcesNew: true },
      list: { forcesNew: true },
    };
    const changes = diff(all, { box: { a: 1 }, map: { a: "1" }, list: [1] }, { box: { a: 2 }, map: {}, list: [1, 2] });
    expect(changes).toEqual(["add list[1]!", "delete map.a!", "update box.a!"]);
  });

  test("in a set match at any position", () => {
    const olds = {
      ports: [
        { from: 80, arn: "1" },
        { from: 443, arn: "2" },
      ],
    };
    expect(diff(rules, olds, { ports: [{ from: 443 }, { from: 80 }] })).toEqual([]);
    expect(diff(rules, olds, { ports: [{ from: 443 }] })).toEqual(["delete ports[0]"]);
    expect(diff(rules, olds, { ports: [{ from: 8080 }, { from: 443 }, { from: 80 }] })).toEqual(["add ports[0]"]);
    expect(diff(rules, olds, { ports: [{ from: 443 }, { from: 80, note: "web" }] })).toEqual(["add ports[1].note"]);
  });

  test("in a list match by position", () => {
    const list: Rules = { steps: { fields: { at: {} } } };
    expect(diff(list, { steps: [{ at: 1 }, { at: 2 }] }, { steps: [{ at: 2 }, { at: 1 }] })).toEqual([
      "update steps[0].at",
      "update steps[1].at",
    ]);
  });
});

test("any value equals itself, and a set equals its permutations", () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const item = fc.record({ from: scalar, note: scalar }, { requiredKeys: ["from"] });
  const rules: Rules = {
    a: { forcesNew: true },
    set: { set: true, fields: { from: {}, note: {} } },
    ids: { set: true },
    map: {},
  };
  const thing = fc.record(
    {
      a: scalar,
      set: fc.array(item, { maxLength: 4 }),
      ids: fc.array(fc.string(), { maxLength: 4 }),
      map: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.string()).map((map) => ({ ...map })),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(thing, (value) => {
      expect(diff(rules, value, value)).toEqual([]);
      const turned = { ...value, set: [...(value.set ?? [])].reverse(), ids: [...(value.ids ?? [])].reverse() };
      expect(diff(rules, value, turned)).toEqual([]);
    }),
  );
});

test("any two values differ unless they are equivalent", () => {
  const rules: Rules = { ids: { set: true }, list: {} };
  const thing = fc.record({ ids: fc.array(fc.nat(3)), list: fc.array(fc.nat(3)) });
  fc.assert(
    fc.property(thing, thing, (a, b) => {
      const sorted = (ids: number[]): string => JSON.stringify([...ids].sort());
      const same = sorted(a.ids) === sorted(b.ids) && JSON.stringify(a.list) === JSON.stringify(b.list);
      expect(diff(rules, a, b).length === 0).toBe(same);
    }),
  );
});

test("JSON is compared by content", () => {
  const rules = { p: { json: true } } as const;
  expect(diff(rules, { p: '{"a":1,"b":[1,2]}' }, { p: '{ "b": [1, 2], "a": 1 }' })).toEqual([]);
  expect(diff(rules, { p: '{"b":[1,2]}' }, { p: '{"b":[2,1]}' })).toEqual(["update p"]);
  expect(diff(rules, { p: "not JSON" }, { p: "nor this" })).toEqual(["update p"]);
});
