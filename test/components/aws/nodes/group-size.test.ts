import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupInstanceTypes, groupSize, type RunningNodes } from "../../../../components/aws/nodes/group-size.ts";
import { networkOf, nodeGroupOf } from "../../../config/settings.ts";

const config = { ...nodeGroupOf(), network: networkOf() };
const subnetIds = ["subnet-1", "subnet-2", "subnet-3"];
const running: RunningNodes = { min: 2, max: 8, desired: 5, instanceTypes: [], capacity: "on-demand", subnetIds };

describe("groupSize", () => {
  it("begins with the least, and leaves the number of nodes alone", () => {
    expect(groupSize(config)).toEqual({ size: { minSize: 2, maxSize: 8, desiredSize: 2 }, ours: false });
    expect(groupSize(config, running).ours).toBe(false);
  });

  it("keeps what runs when the sizes change, within them", () => {
    expect(groupSize({ ...config, max: 10 }, running)).toEqual({
      size: { minSize: 2, maxSize: 10, desiredSize: 5 },
      ours: true,
    });
    expect(groupSize({ ...config, min: 6 }, running)).toMatchObject({ size: { desiredSize: 6 }, ours: true });
    expect(groupSize({ ...config, max: 4 }, running)).toMatchObject({ size: { desiredSize: 4 }, ours: true });
  });

  it("hands what runs to a group that replaces another", () => {
    const several = { ...config, instanceTypes: ["t3.medium", "t3a.medium"] };
    expect(groupSize(several, running)).toMatchObject({ size: { desiredSize: 5 }, ours: true });
    expect(groupSize(several, { ...running, instanceTypes: several.instanceTypes }).ours).toBe(false);
    expect(groupSize(config, { ...running, instanceTypes: several.instanceTypes }).ours).toBe(true);
    expect(groupSize({ ...config, capacity: "spot" }, running)).toMatchObject({ size: { desiredSize: 5 }, ours: true });
    expect(groupSize({ ...config, capacity: "spot" }, { ...running, capacity: "spot" }).ours).toBe(false);
  });

  it("does so where the group goes to other subnets", () => {
    expect(groupSize({ ...config, network: networkOf({ zones: 2 }) }, running)).toMatchObject({
      size: { desiredSize: 5 },
      ours: true,
    });
    expect(groupSize({ ...config, network: networkOf({ zones: 3 }) }, running).ours).toBe(false);
    const found = (...privateSubnetIds: string[]) => {
      const network = { vpcId: "vpc-1", privateSubnetIds, publicSubnetIds: [] };
      return groupSize({ ...config, network }, running).ours;
    };
    expect(found("subnet-3", "subnet-1", "subnet-2")).toBe(false);
    expect(found("subnet-3", "subnet-1", "subnet-4")).toBe(true);
  });

  it("declares what EKS takes: least, number and most in order, and ends no node that may stay", () => {
    const nodes = fc.integer({ min: 1, max: 450 });
    fc.assert(
      fc.property(nodes, nodes, nodes, nodes, nodes, (a, b, c, d, desired) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const now = { ...running, min: Math.min(c, d), max: Math.max(c, d), desired };
        const { size } = groupSize({ ...config, min, max }, now);
        expect(size.minSize).toBeLessThanOrEqual(size.desiredSize);
        expect(size.desiredSize).toBeLessThanOrEqual(size.maxSize);
        expect(size.desiredSize).toBeGreaterThanOrEqual(Math.min(desired, max));
      }),
    );
  });
});

it("puts one type into the launch template and several into the group", () => {
  expect(groupInstanceTypes(config)).toBeUndefined();
  expect(groupInstanceTypes({ ...config, instanceTypes: ["a", "b"] })).toEqual(["a", "b"]);
});
