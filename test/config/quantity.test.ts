import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { milliUnits, wholeUnits } from "../../config/quantity.ts";

const count = fc.integer({ min: 0, max: 1_000_000 });

describe("Kubernetes quantities", () => {
  it("have the value that Kubernetes reads", () => {
    expect(milliUnits("50m")).toBe(50);
    expect(milliUnits("1.5")).toBe(1500);
    expect(milliUnits("2")).toBe(2000);
    expect(milliUnits("100n")).toBe(1);
    expect(wholeUnits("96Mi")).toBe(96 * 2 ** 20);
    expect(wholeUnits("1.5Gi")).toBe(1.5 * 2 ** 30);
    expect(wholeUnits("128M")).toBe(128_000_000);
    expect(wholeUnits("100m")).toBe(1);
    expect(wholeUnits("1e3")).toBe(1000);
    expect(wholeUnits("12E-1")).toBe(2);
    expect(wholeUnits("1E")).toBe(1e18);
    expect(wholeUnits(".5k")).toBe(500);
  });

  it("are exact, and rounded up to whole units", () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 0, max: 999 }), (cores, thousandths) => {
        expect(milliUnits(`${cores}.${String(thousandths).padStart(3, "0")}`)).toBe(cores * 1000 + thousandths);
      }),
    );
    fc.assert(
      fc.property(count, (millis) => {
        expect(wholeUnits(`${millis}m`)).toBe(Math.ceil(millis / 1000));
      }),
    );
  });

  it("scale by 1000 or 1024 with the suffix", () => {
    const suffixes = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), suffixes, (amount, step) => {
        expect(wholeUnits(`${amount}${"kMGTPE"[step]}`)).toBe(Number(BigInt(amount) * 1000n ** BigInt(step + 1)));
        expect(wholeUnits(`${amount}${"KMGTPE"[step]}i`)).toBe(amount * 1024 ** (step + 1));
      }),
    );
  });

  it.each(["", "m", ".", "-1", "1K", "1ki", "1 Mi", "1.2.3", "Mi", "1constructor", "0x10", "1e", "1e9999", "NaN"])(
    "do not include %j",
    (text) => {
      expect(() => wholeUnits(text)).toThrow(RangeError);
      expect(() => wholeUnits(text)).toThrow("not a Kubernetes quantity. Take one such as 50m");
    },
  );
});
