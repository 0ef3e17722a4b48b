import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, formatPath, withoutIgnored } from "../../providers/protocol/compare.ts";
import { copySecrecy } from "../../providers/protocol/secrecy.ts";
import { hasSecret, type PropertyMap, reveal, Secret, Unknown, type Value } from "../../providers/protocol/value.ts";
import { decode, encode } from "../../providers/protocol/wire.ts";

const { value } = fc.letrec<{ value: Value; map: PropertyMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.constant(Unknown.value),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("map"),
    tie("value").map((element) => new Secret(element)),
  ),
  map: fc.dictionary(fc.stringMatching(/^[a-z."[\]]{1,6}$/), tie("value"), { maxKeys: 4 }).map((map) => ({ ...map })),
}));
const propertyMap = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value, { maxKeys: 5 }).map((map) => ({ ...map }));

describe("the wire", () => {
  test("what is sent arrives: secrets and unknowns at any depth", () => {
    fc.assert(
      fc.property(propertyMap, (map) => {
        expect(decode(encode(map))).toEqual(map);
      }),
    );
  });
});

describe("secrecy", () => {
  test("what was secret going in is secret coming out", () => {
    fc.assert(
      fc.property(propertyMap, (inputs) => {
        const outs = copySecrecy(reveal(inputs) as PropertyMap, inputs);
        expect(reveal(outs)).toEqual(reveal(inputs));
        for (const [key, input] of Object.entries(inputs)) expect(hasSecret(outs[key])).toBe(hasSecret(input));
      }),
    );
  });
});

describe("comparing", () => {
  const known = (map: PropertyMap): PropertyMap => JSON.parse(JSON.stringify(reveal(map)));

  test("a thing and itself differ in nothing, secret or not", () => {
    fc.assert(
      fc.property(propertyMap, (map) => {
        const plain = known(map);
        expect(compare(plain, plain)).toEqual(new Map());
        expect(compare({ s: plain }, { s: new Secret(plain) })).toEqual(new Map());
      }),
    );
  });

  test("two things that differ, differ in something", () => {
    fc.assert(
      fc.property(propertyMap, propertyMap, (a, b) => {
        const [x, y] = [known(a), known(b)];
        fc.pre(JSON.stringify(x) !== JSON.stringify(y));
        const same = compare(x, y).size === 0;
        if (same) expect(x).toEqual(y);
      }),
    );
  });

  test("paths are written as the engine reads them", () => {
    expect(formatPath(["metadata", "labels", "app.io/name"])).toBe('metadata.labels["app.io/name"]');
    expect(formatPath(["hosts", 0, "name"])).toBe("hosts[0].name");
  });

  test("an ignored path takes all below it along, and nothing beside it", () => {
    const changes = compare({ a: { b: 1, c: [1] }, ab: 1 }, { a: { b: 2, c: [2] }, ab: 2 });
    expect([...withoutIgnored(changes, ["a"]).keys()]).toEqual(["ab"]);
    expect([...withoutIgnored(changes, ["a.c"]).keys()]).toEqual(["a.b", "ab"]);
  });
});
