import { describe, expect, it } from "vitest";
import { atLeast } from "../machine/requirements.ts";
import { fits, tools } from "../tools.ts";

describe("an installed tool", () => {
  it.each([
    ["v3.19.0", true],
    ["3.19.4", true],
    ["v3.19.1+g5c9d2a5\n", true],
    ["v3.18.9", false],
    ["v4.19.0", false],
    ["v3.190.0", false],
    ["3.19", false],
    ["unknown", false],
    ["", false],
  ])("that reports %j fits 3.19.0: %s", (reported, expected) => {
    expect(fits(reported, tools.helm.version)).toBe(expected);
  });
});

describe("atLeast", () => {
  it.each([
    ["20.18.0", true],
    ["20.17.9", false],
    ["22.0.0", true],
    ["18.99.0", false],
    ["1.26rc1", false],
  ])("%s is 20.18 or later: %s", (version, expected) => {
    expect(atLeast(version, [20, 18])).toBe(expected);
  });
});
