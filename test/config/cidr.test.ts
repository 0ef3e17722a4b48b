import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, contains, MOST_ZONES, overlaps, planSubnets, sizeOf } from "../../config/cidr.ts";

/** Any address and prefix: host bits included. */
const anyRange = fc
  .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => `${address}/${prefix}`);
const vpcRange = fc
  .tuple(fc.ipV4(), fc.integer({ min: 8, max: 24 }))
  .map(([address, prefix]) => canonical(`${address}/${prefix}`));
const zoneCount = fc.integer({ min: 1, max: MOST_ZONES });

/** First and last address, computed from the bits: another way than the code's. */
function ends(cidr: string): [bigint, bigint] {
  const [address = "", prefix] = cidr.split("/");
  const bits = address.split(".").reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
  const host = (1n << BigInt(32 - Number(prefix))) - 1n;
  return [bits & ~host, bits | host];
}

describe("planSubnets", () => {
  it("divides the default range", () => {
    expect(planSubnets("10.0.0.0/16", 3)).toEqual({
      private: ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"],
      public: ["10.0.192.0/20", "10.0.208.0/20", "10.0.224.0/20"],
    });
  });

  it("gives every zone one subnet of each kind, within the range and without overlaps", () => {
    fc.assert(
      fc.property(vpcRange, zoneCount, (cidr, zones) => {
        const plan = planSubnets(cidr, zones);
        expect(plan.public).toHaveLength(zones);
        expect(plan.private).toHaveLength(zones);
        const subnets = [...plan.public, ...plan.private];
        for (const [index, subnet] of subnets.entries()) {
          expect(subnet).toBe(canonical(subnet));
          expect(contains(cidr, subnet)).toBe(true);
          for (const other of subnets.slice(index + 1)) expect(overlaps(subnet, other)).toBe(false);
        }
      }),
    );
  });

  it("gives nodes subnets four times as large, because their pods take addresses", () => {
    fc.assert(
      fc.property(vpcRange, zoneCount, (cidr, zones) => {
        const plan = planSubnets(cidr, zones);
        for (const subnet of plan.private) expect(sizeOf(subnet)).toBe(sizeOf(cidr) / 4);
        for (const subnet of plan.public) expect(sizeOf(subnet)).toBe(sizeOf(cidr) / 16);
      }),
    );
  });

  it("moves no subnet when a zone is added", () => {
    fc.assert(
      fc.property(vpcRange, fc.integer({ min: 1, max: MOST_ZONES - 1 }), (cidr, zones) => {
        const [before, after] = [planSubnets(cidr, zones), planSubnets(cidr, zones + 1)];
        expect(after.public.slice(0, zones)).toEqual(before.public);
        expect(after.private.slice(0, zones)).toEqual(before.private);
      }),
    );
  });

  it("refuses a range that cannot be divided, and names one that can", () => {
    expect(() => planSubnets("10.0.0.0/25", 2)).toThrow(/10\.0\.0\.0\/25: .* Use \/24 or larger/);
    expect(() => planSubnets("10.0.0.0/16", 0)).toThrow(/0 zones given; .* 1 to 3/);
    expect(() => planSubnets("10.0.0.0/16", 4)).toThrow(RangeError);
    expect(() => planSubnets("10.0.0.0/16", 1.5)).toThrow(RangeError);
  });
});

describe("overlaps", () => {
  it("is true of ranges with a common address, in either order", () => {
    fc.assert(
      fc.property(anyRange, anyRange, (a, b) => {
        const [[firstA, lastA], [firstB, lastB]] = [ends(a), ends(b)];
        expect(overlaps(a, b)).toBe(firstA <= lastB && firstB <= lastA);
        expect(overlaps(b, a)).toBe(overlaps(a, b));
      }),
    );
  });

  it("is true of a range and one within it, and false of neighbours", () => {
    expect(overlaps("172.16.0.0/12", "172.20.0.0/16")).toBe(true);
    expect(overlaps("172.19.0.0/16", "172.20.0.0/16")).toBe(false);
    expect(overlaps("172.21.0.0/16", "172.20.0.0/16")).toBe(false);
  });
});

describe("contains", () => {
  it("is true if the outer range has every address of the inner one", () => {
    fc.assert(
      fc.property(anyRange, anyRange, (outer, inner) => {
        const [[firstOuter, lastOuter], [firstInner, lastInner]] = [ends(outer), ends(inner)];
        expect(contains(outer, inner)).toBe(firstOuter <= firstInner && lastInner <= lastOuter);
      }),
    );
  });
});

describe("canonical", () => {
  it("starts at the range's first address and changes nothing else", () => {
    expect(canonical("10.0.3.7/16")).toBe("10.0.0.0/16");
    expect(canonical("255.255.255.255/0")).toBe("0.0.0.0/0");
    fc.assert(
      fc.property(anyRange, (range) => {
        expect(ends(canonical(range))).toEqual(ends(range));
        expect(ends(canonical(range))[0]).toBe(ends(`${canonical(range).split("/")[0]}/32`)[0]);
      }),
    );
  });

  it("refuses text that is not a range", () => {
    for (const text of ["10.0.0.0", "10.0.0.256/16", "10.0.0.0/33", "10.0.0/16", "::/0", "10.0.0.0/16 "]) {
      expect(() => canonical(text), text).toThrow(/given; an IPv4 range is written as 10\.0\.0\.0\/16/);
    }
  });
});
