import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareQuantities, milliUnits } from "../../../config/quantity.ts";
import { bytes, cpu } from "../../../config/schema/quantity.ts";

const faultOf = (schema: ReturnType<typeof cpu>, value: unknown) => schema.safeParse(value).error?.issues[0]?.message;

describe("cores", () => {
  it.each(["1m", "100m", "1", "0.5", "1.5", ".5", "2.", "0.001", "448"])("may be %s", (value) => {
    expect(faultOf(cpu("100m"), value)).toBeUndefined();
  });

  it.each([
    ["0", "1m or more"],
    ["0m", "1m or more"],
    ["0.0", "1m or more"],
    ["0.5m", "cores"],
    ["0.0001", "cores"],
    ["1k", "cores"],
    ["1e3", "cores"],
    ["-1", "cores"],
    ["", "cores"],
    ["100Mi", "Did you mean 100m?"],
    ["100M", "Did you mean 100m?"],
    ["2cores", "Did you mean 2?"],
    ["500", "448 or less. Did you mean 500m?"],
    ["448001m", "448 or less"],
  ])("may not be %j", (value, message) => expect(faultOf(cpu("100m"), value)).toContain(message));
});

describe("bytes", () => {
  const memory = bytes("128Mi", "32Ti");

  it.each(["1Mi", "128Mi", "1.5Gi", "128M", "134217728", "129e6", "1E9", "1024Ki", "2000k", "32Ti"])(
    "may be %s",
    (value) => {
      expect(faultOf(memory, value)).toBeUndefined();
    },
  );

  it.each([
    ["256m", "Did you mean 256Mi?"],
    ["256mi", "Did you mean 256Mi?"],
    ["256MiB", "Did you mean 256Mi?"],
    ["1GB", "Did you mean 1Gi?"],
    ["1g", "Did you mean 1Gi?"],
    ["256", "1Mi or more. Did you mean 256Mi?"],
    ["0", "1Mi or more"],
    ["0Mi", "1Mi or more"],
    ["1e-3", "bytes"],
    ["1K", "Did you mean 1Ki?"],
    ["1Ei", "32Ti or less"],
    ["33Ti", "32Ti or less"],
    ["1e99", "32Ti or less"],
    ["-1Gi", "bytes"],
    ["1 Gi", "Did you mean 1Gi?"],
    ["Gi", "bytes"],
  ])("may not be %j", (value, message) => expect(faultOf(memory, value)).toContain(message));
});

it("amounts are compared as Kubernetes reads them", () => {
  const unit = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E6");
  const quantity = fc.tuple(fc.nat(9999), unit).map(([number, suffix]) => `${number}${suffix}`);
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      expect(Math.sign(compareQuantities(a, b))).toBe(Math.sign(milliUnits(a) - milliUnits(b)));
    }),
  );
  expect(compareQuantities("1.5Gi", "1536Mi")).toBe(0);
});
