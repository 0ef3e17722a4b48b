import { describe, expect, it } from "vitest";
import { areServed } from "../../cluster/network-policy.ts";

describe("areServed", () => {
  const gate = "10213   3612     0 2    20     0     0      251  1";
  const engine = "10214 4174639897     0 2   128     0     0      143  1";

  it("takes a process for each of the two queues", () => {
    expect(areServed(`${engine}\n${gate}\n`)).toBe(true);
    expect(areServed(`${gate}\n`)).toBe(false);
    expect(areServed(`${engine}\n`)).toBe(false);
    expect(areServed("")).toBe(false);
  });

  it("does not take another program's queue for one of them", () => {
    expect(areServed(`${gate}\n  100 10214     0 2    20     0     0      251  1\n`)).toBe(false);
  });
});
