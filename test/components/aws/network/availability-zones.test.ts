import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseZones, type ZoneFacts } from "../../../../components/aws/network/availability-zones.ts";
import { networkOf } from "../../../config/settings.ts";

const REGION = ["a", "b", "c", "d"];
const facts: ZoneFacts = { available: REGION, offering: REGION, instanceTypes: ["t3.medium"] };
const existing = { vpcId: "vpc-0a", privateSubnetIds: [], publicSubnetIds: [] };

function choose(over: Partial<ZoneFacts> = {}, zones = 3) {
  const { zones: chosen, faults } = chooseZones(networkOf({ zones }, over.names), { ...facts, ...over });
  return { chosen, faults: faults.map(({ path, message }) => `${path.join(".")}: ${message}`) };
}

const last = (zones: string[] | undefined, sameInstanceTypes = true) => ({ zones, sameInstanceTypes });

describe("zones by their number", () => {
  it("are the first of the region that offer an instance type", () => {
    expect(choose()).toEqual({ chosen: ["a", "b", "c"], faults: [] });
    expect(choose({ offering: ["b", "c", "d"] })).toEqual({ chosen: ["b", "c", "d"], faults: [] });
    expect(choose({}, 2)).toEqual({ chosen: ["a", "b"], faults: [] });
  });

  it("are refused if too few offer an instance type", () => {
    expect(choose({ available: ["a", "b"] }).faults).toEqual([
      "cluster.network.zones: 3 wanted; of the region's zones (a, b), a, b offer t3.medium. " +
        "Use 2, another instance type, or another region",
    ]);
    expect(choose({ offering: ["a"] }, 2).faults[0]).toMatch(/a offer t3\.medium\. Use another instance type/);
  });

  it("stay those of the last update when the region gets another, and while one of them is down", () => {
    expect(choose({ last: last(["b", "c", "d"]) })).toEqual({ chosen: ["b", "c", "d"], faults: [] });
    expect(choose({ last: last(["b", "d"]) })).toEqual({ chosen: ["b", "d", "a"], faults: [] });
    expect(choose({ available: ["a", "c", "d"], last: last(["b", "c", "d"]) }).chosen).toEqual(["b", "c", "d"]);
    expect(choose({ last: last(["b", "c", "d"]) }, 2).chosen).toEqual(["b", "c"]);
  });

  it("stay the first of the region where the last update recorded none, whatever they offer", () => {
    expect(choose({ offering: ["b", "c", "d"], last: last(undefined) })).toEqual({
      chosen: ["a", "b", "c"],
      faults: [],
    });
  });
});

describe("zones by their names", () => {
  it("are used in the order of the config, which a later update keeps", () => {
    expect(choose({ names: ["d", "b"] })).toEqual({ chosen: ["d", "b"], faults: [] });
    expect(choose({ names: ["b", "a", "d"], last: last(["d", "b"]) })).toEqual({ chosen: ["d", "b", "a"], faults: [] });
  });

  it.each([
    ["a zone that the region does not have", { names: ["a", "z"] }, "aws.zones.1: EKS does not run in z"],
    ["a zone without the instance type", { names: ["a", "d"], offering: ["a", "b"] }, "aws.zones.1: d does not offer"],
    [
      "a cluster that would move",
      { names: ["a", "c"], last: last(["a", "b"]) },
      "aws.zones: the cluster was created in a and b, and EKS never moves a cluster. Add b",
    ],
    [
      "a zone that takes the ranges of another",
      { names: ["a", "b", "d"], last: last(["a", "b", "c"]) },
      "aws.zones: d would get the address ranges that c still has. First remove c",
    ],
    [
      "other zones than those of an update that recorded none",
      { names: ["c", "d"], last: last(undefined) },
      "aws.zones: the version of the last update did not record",
    ],
  ])("%s is refused", (_, over, message) => {
    expect(choose(over).faults).toEqual([expect.stringContaining(message)]);
  });

  it("may be the first ones where the last update recorded none", () => {
    expect(choose({ names: ["b", "a"], last: last(undefined) })).toEqual({ chosen: ["a", "b"], faults: [] });
  });
});

it("a new instance type is refused if a zone of the last update does not offer it, the running one is not", () => {
  const over = { offering: ["a", "b"], last: last(["a", "b", "c"], false) };
  expect(choose(over).faults).toEqual([
    "cluster.nodeGroup.instanceTypes: c does not offer t3.medium; a, b do. Take another instance type, or other zones",
  ]);
  expect(choose({ ...over, last: last(["a", "b", "c"]) }).faults).toEqual([]);
});

it("no zone ever changes its position, and none takes the ranges of one that is removed", () => {
  const subset = fc.uniqueArray(fc.constantFrom(...REGION), { minLength: 2, maxLength: 3 });
  fc.assert(
    fc.property(subset, subset, (before, names) => {
      const { chosen, faults } = choose({ names, last: last(before) });
      fc.pre(faults.length === 0);
      expect([...chosen].sort()).toEqual([...names].sort());
      for (const [index, zone] of before.entries()) {
        if (chosen.includes(zone)) expect(chosen[index]).toBe(zone);
        else expect(chosen[index]).toBeUndefined();
      }
    }),
  );
});

it("an existing VPC has its own zones", () => {
  expect(chooseZones(existing, { ...facts, available: [] })).toEqual({ zones: [], faults: [] });
});
