import { describe, expect, it } from "vitest";
import { zoneFaults } from "../../../../components/aws/network/availability-zones.ts";
import { networkOf } from "../../../config/settings.ts";

describe("zoneFaults", () => {
  it("refuses a region with too few zones", () => {
    expect(zoneFaults(networkOf(), ["a", "b", "c", "d"])).toEqual([]);
    expect(zoneFaults(networkOf(), ["a", "b"])).toEqual([
      { path: ["cluster", "network", "zones"], message: "3 wanted; the region has a, b. Use 2, or another region" },
    ]);
    expect(zoneFaults(networkOf({ zones: 2 }), ["a"])[0]?.message).toMatch(/has a\. Use another region$/);
    expect(zoneFaults(networkOf({ zones: 2 }), ["a", "b"])).toEqual([]);
  });

  it("accepts any region for an existing VPC", () => {
    expect(zoneFaults({ vpcId: "vpc-0a", privateSubnetIds: [], publicSubnetIds: [] }, [])).toEqual([]);
  });
});
