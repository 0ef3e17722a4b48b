import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { failedNodeGroupFaults, lookUpNodeGroups } from "../../../../components/aws/lookup/node-groups.ts";

interface Group {
  name: string;
  min: number;
  max: number;
  desired: number;
  instanceTypes?: string[];
  capacityType?: string;
  /** @default "ACTIVE" */
  status?: string;
  /** Name of its Auto Scaling group. @default none yet */
  autoScalingGroup?: string;
}

/** Looks up an account with these node groups, or one whose API answers with this error. */
async function lookUp(groups: Group[] | string) {
  const calls: string[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ token, inputs }) => {
      calls.push(token);
      // Where the SDK reads the message of a gRPC error.
      if (typeof groups === "string") throw Object.assign(new Error(), { details: groups });
      if (token === "aws:eks/getNodeGroups:getNodeGroups") return { names: groups.map(({ name }) => name) };
      if (token === "aws:autoscaling/getGroup:getGroup") {
        const group = groups.find(({ autoScalingGroup }) => autoScalingGroup === inputs.name);
        return { minSize: group?.min, maxSize: group?.max, desiredCapacity: group?.desired };
      }
      const group = groups.find(({ name }) => name === inputs.nodeGroupName);
      const resources = group?.autoScalingGroup ? [{ autoscalingGroups: [{ name: group.autoScalingGroup }] }] : [];
      const { instanceTypes = [], capacityType = "ON_DEMAND", status = "ACTIVE" } = group ?? {};
      return { ...inputs, instanceTypes, capacityType, status, resources, subnetIds: ["subnet-1", "subnet-2"] };
    },
  });
  return { ...(await lookUpNodeGroups("shop", "shop", new aws.Provider("aws", {}))), calls };
}

const x86: Group = { name: "shop-x86_64-0a1b2c3", min: 2, max: 8, desired: 5, autoScalingGroup: "eks-1" };

describe("lookUpNodeGroups", () => {
  it("returns the sizes of the Auto Scaling group and the settings of the node group", async () => {
    expect((await lookUp([x86])).current).toEqual({
      min: 2,
      max: 8,
      desired: 5,
      instanceTypes: [],
      capacity: "on-demand",
      subnetIds: ["subnet-1", "subnet-2"],
    });
    const spot = { ...x86, instanceTypes: ["t3.medium", "t3a.medium"], capacityType: "SPOT" };
    expect((await lookUp([spot])).current).toMatchObject({ instanceTypes: spot.instanceTypes, capacity: "spot" });
  });

  it("ignores other groups, and returns the larger one while one replaces another", async () => {
    const others = { ...x86, name: "gpu", desired: 9, autoScalingGroup: "eks-2" };
    const next = { ...x86, name: "shop-arm64-4d5e6f7", desired: 6, autoScalingGroup: "eks-3" };
    expect((await lookUp([others, x86, next])).current?.desired).toBe(6);
    expect((await lookUp([others])).current).toBeUndefined();
  });

  it("returns none before the cluster or the Auto Scaling group exists", async () => {
    const refusal = "operation error EKS: ListNodegroups, ResourceNotFoundException: No cluster found for name: shop.";
    expect((await lookUp(refusal)).current).toBeUndefined();
    const { autoScalingGroup: _, ...early } = x86;
    expect((await lookUp([early])).current).toBeUndefined();
  });

  it("lists failed groups separately and ignores their nodes", async () => {
    const failed = {
      ...x86,
      name: "shop-arm64-4d5e6f7",
      desired: 9,
      autoScalingGroup: "eks-3",
      status: "CREATE_FAILED",
    };
    const found = await lookUp([x86, failed]);
    expect(found.failed).toEqual(["shop-arm64-4d5e6f7"]);
    expect(found.current?.desired).toBe(5);
    expect(found.calls.filter((token) => token === "aws:autoscaling/getGroup:getGroup")).toHaveLength(1);
    expect((await lookUp([x86])).failed).toEqual([]);
  });

  it("throws other errors", async () => {
    await expect(lookUp("operation error EKS: ListNodegroups, AccessDeniedException")).rejects.toThrow("AccessDenied");
  });

  it("makes no further calls if there is no group", async () => {
    expect((await lookUp([])).calls).toEqual(["aws:eks/getNodeGroups:getNodeGroups"]);
  });
});

it("refuses an update with a failed node group, and says how to delete it", () => {
  expect(failedNodeGroupFaults("shop", [])).toEqual([]);
  const [fault] = failedNodeGroupFaults("shop", ["shop-x86_64-0a1b2c3"]);
  expect(fault?.path).toEqual(["cluster", "nodeGroup"]);
  const named = "--cluster-name shop --nodegroup-name shop-x86_64-0a1b2c3";
  for (const command of ["describe-nodegroup", "delete-nodegroup", "wait nodegroup-deleted"]) {
    expect(fault?.message).toContain(`aws eks ${command} ${named}`);
  }
});
