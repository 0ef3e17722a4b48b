import { describe, expect, it } from "vitest";
import { chaos } from "./chaos/chaos.ts";
import { formatLine, HEAD } from "./chaos/line.ts";
import { pick, randomOf } from "./chaos/random.ts";

describe("a seed", () => {
  it("gives the same numbers each time, and another seed gives others", () => {
    const numbers = (seed: number) => Array.from({ length: 5 }, randomOf(seed));
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
  });

  it("gives first numbers that are spread over the whole range, as seeds follow each other", () => {
    const tenths = Array.from({ length: 200 }, (_, seed) => Math.floor(10 * randomOf(seed)()));
    for (let tenth = 0; tenth < 10; tenth++) expect(tenths.filter((it) => it === tenth).length).toBeGreaterThan(8);
  });

  it("picks each of a list", () => {
    const random = randomOf(1);
    expect(new Set(Array.from({ length: 100 }, () => pick(random, ["a", "b", "c"])))).toEqual(new Set(["a", "b", "c"]));
  });
});

it.each([
  [{ points: 1, seed: 1 }, ["rollling"], /unknown kind rollling\. Known: create, .*destroy\./],
  [{ points: Number("x"), seed: 1 }, [], /--points is not a whole number from 1 on \(it is NaN\)/],
  [{ points: 1, seed: -1 }, [], /--seed is not a whole number from 0 on \(it is -1\)/],
])("refuses %j %j before it touches anything", async (options, kinds, message) => {
  await expect(chaos(options, kinds)).rejects.toThrow(message);
});

it("prints a line whose columns stand under their titles", () => {
  const outcome = {
    kind: "canary",
    victim: "plugin",
    at: 1.25,
    killed: 1,
    lost: 0,
    sent: 900,
    seconds: 30,
    command: "c",
    faults: [],
  } as const;
  const line = formatLine({ seed: 3, rollout: 20, ...outcome, faults: [] });
  const bars = (text: string) => [...text.matchAll(/\|/g)].map(({ index }) => index).slice(0, 6);
  expect(bars(line)).toEqual(bars(HEAD));
  expect(line).toMatch(/^3 .* 0\/900 .* 30\.0 \(20\.0\) .* c \| whole$/);
  expect(formatLine({ seed: 3, ...outcome, killed: 0, faults: ["the stack is locked"] })).toMatch(
    /ended .*✖ the stack is locked$/,
  );
});
