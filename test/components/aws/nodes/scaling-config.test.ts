import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CurrentNodeGroup,
  groupInstanceTypes,
  scalingConfig,
} from "../../../../components/aws/nodes/scaling-config.ts";
import { networkOf, nodeGroupOf } from "../../../config/settings.ts";

const config = { ...nodeGroupOf(), network: networkOf() };
const subnetIds = ["subnet-1", "subnet-2", "subnet-3"];
const current: CurrentNodeGroup = { min: 2, max: 8, desired: 5, instanceTypes: [], capacity: "on-demand", subnetIds };

describe("scalingConfig", () => {
  it("starts with min and does not write desired without a change", () => {
    expect(scalingConfig(config)).toEqual({ size: { minSize: 2, maxSize: 8, desiredSize: 2 }, writeDesired: false });
    expect(scalingConfig(config, current).writeDesired).toBe(false);
  });

  it("writes the current number when min or max changes, within the new bounds", () => {
    expect(scalingConfig({ ...config, max: 10 }, current)).toEqual({
      size: { minSize: 2, maxSize: 10, desiredSize: 5 },
      writeDesired: true,
    });
    expect(scalingConfig({ ...config, min: 6 }, current)).toMatchObject({
      size: { desiredSize: 6 },
      writeDesired: true,
    });
    expect(scalingConfig({ ...config, max: 4 }, current)).toMatchObject({
      size: { desiredSize: 4 },
      writeDesired: true,
    });
  });

  it("writes the current number for a group that replaces another", () => {
    const several = { ...config, instanceTypes: ["t3.medium", "t3a.medium"] };
    expect(scalingConfig(several, current)).toMatchObject({ size: { desiredSize: 5 }, writeDesired: true });
    expect(scalingConfig(several, { ...current, instanceTypes: several.instanceTypes }).writeDesired).toBe(false);
    expect(scalingConfig(config, { ...current, instanceTypes: several.instanceTypes }).writeDesired).toBe(true);
    expect(scalingConfig({ ...config, capacity: "spot" }, current)).toMatchObject({
      size: { desiredSize: 5 },
      writeDesired: true,
    });
    expect(scalingConfig({ ...config, capacity: "spot" }, { ...current, capacity: "spot" }).writeDesired).toBe(false);
  });

  it("writes the current number when the subnets change", () => {
    expect(scalingConfig({ ...config, network: networkOf({ zones: 2 }) }, current)).toMatchObject({
      size: { desiredSize: 5 },
      writeDesired: true,
    });
    expect(scalingConfig({ ...config, network: networkOf({ zones: 3 }) }, current).writeDesired).toBe(false);
    const inExistingVpc = (...privateSubnetIds: string[]) => {
      const network = { vpcId: "vpc-1", privateSubnetIds, publicSubnetIds: [] };
      return scalingConfig({ ...config, network }, current).writeDesired;
    };
    expect(inExistingVpc("subnet-3", "subnet-1", "subnet-2")).toBe(false);
    expect(inExistingVpc("subnet-3", "subnet-1", "subnet-4")).toBe(true);
  });

  it("always declares min ≤ desired ≤ max, and removes no node that max allows", () => {
    const nodes = fc.integer({ min: 1, max: 450 });
    fc.assert(
      fc.property(nodes, nodes, nodes, nodes, nodes, (a, b, c, d, desired) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const now = { ...current, min: Math.min(c, d), max: Math.max(c, d), desired };
        const { size } = scalingConfig({ ...config, min, max }, now);
        expect(size.minSize).toBeLessThanOrEqual(size.desiredSize);
        expect(size.desiredSize).toBeLessThanOrEqual(size.maxSize);
        expect(size.desiredSize).toBeGreaterThanOrEqual(Math.min(desired, max));
      }),
    );
  });
});

it("puts a single instance type into the launch template and several into the group", () => {
  expect(groupInstanceTypes(config)).toBeUndefined();
  expect(groupInstanceTypes({ ...config, instanceTypes: ["a", "b"] })).toEqual(["a", "b"]);
});
