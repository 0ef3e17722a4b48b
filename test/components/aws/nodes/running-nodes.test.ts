import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { failedGroupFaults, readNodeGroups } from "../../../../components/aws/nodes/running-nodes.ts";

interface Group {
  name: string;
  min: number;
  max: number;
  desired: number;
  instanceTypes?: string[];
  capacityType?: string;
  /** @default "ACTIVE" */
  status?: string;
  /** Name of the Auto Scaling group. @default none is there yet */
  behind?: string;
}

/** Asks an AWS with these node groups, or one that refuses with these words. */
async function ask(groups: Group[] | string) {
  const asked: string[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ token, inputs }) => {
      asked.push(token);
      // The SDK takes an error's words from where gRPC has them.
      if (typeof groups === "string") throw Object.assign(new Error(), { details: groups });
      if (token === "aws:eks/getNodeGroups:getNodeGroups") return { names: groups.map(({ name }) => name) };
      if (token === "aws:autoscaling/getGroup:getGroup") {
        const group = groups.find(({ behind }) => behind === inputs.name);
        return { minSize: group?.min, maxSize: group?.max, desiredCapacity: group?.desired };
      }
      const group = groups.find(({ name }) => name === inputs.nodeGroupName);
      const resources = group?.behind ? [{ autoscalingGroups: [{ name: group.behind }] }] : [];
      const { instanceTypes = [], capacityType = "ON_DEMAND", status = "ACTIVE" } = group ?? {};
      return { ...inputs, instanceTypes, capacityType, status, resources, subnetIds: ["subnet-1", "subnet-2"] };
    },
  });
  return { ...(await readNodeGroups("shop", "shop", new aws.Provider("aws", {}))), asked };
}

const x86: Group = { name: "shop-x86_64-0a1b2c3", min: 2, max: 8, desired: 5, behind: "eks-1" };

describe("readNodeGroups", () => {
  it("tells the sizes that the Auto Scaling group has, and what the node group is of", async () => {
    expect((await ask([x86])).running).toEqual({
      min: 2,
      max: 8,
      desired: 5,
      instanceTypes: [],
      capacity: "on-demand",
      subnetIds: ["subnet-1", "subnet-2"],
    });
    const spot = { ...x86, instanceTypes: ["t3.medium", "t3a.medium"], capacityType: "SPOT" };
    expect((await ask([spot])).running).toMatchObject({ instanceTypes: spot.instanceTypes, capacity: "spot" });
  });

  it("looks past groups of others, and takes the larger while one replaces another", async () => {
    const others = { ...x86, name: "gpu", desired: 9, behind: "eks-2" };
    const next = { ...x86, name: "shop-arm64-4d5e6f7", desired: 6, behind: "eks-3" };
    expect((await ask([others, x86, next])).running?.desired).toBe(6);
    expect((await ask([others])).running).toBeUndefined();
  });

  it("is none before the cluster is there, or the group's Auto Scaling group", async () => {
    const refusal = "operation error EKS: ListNodegroups, ResourceNotFoundException: No cluster found for name: shop.";
    expect((await ask(refusal)).running).toBeUndefined();
    const { behind: _, ...early } = x86;
    expect((await ask([early])).running).toBeUndefined();
  });

  it("tells those that could not be made apart, and counts none of their nodes", async () => {
    const failed = { ...x86, name: "shop-arm64-4d5e6f7", desired: 9, behind: "eks-3", status: "CREATE_FAILED" };
    const found = await ask([x86, failed]);
    expect(found.failed).toEqual(["shop-arm64-4d5e6f7"]);
    expect(found.running?.desired).toBe(5);
    expect(found.asked.filter((token) => token === "aws:autoscaling/getGroup:getGroup")).toHaveLength(1);
    expect((await ask([x86])).failed).toEqual([]);
  });

  it("does not take another refusal for an absence", async () => {
    await expect(ask("operation error EKS: ListNodegroups, AccessDeniedException")).rejects.toThrow("AccessDenied");
  });

  it("asks for no more than it needs", async () => {
    expect((await ask([])).asked).toEqual(["aws:eks/getNodeGroups:getNodeGroups"]);
  });
});

it("refuses to go on with a node group that could not be made, and says how to be rid of it", () => {
  expect(failedGroupFaults("shop", [])).toEqual([]);
  const [fault] = failedGroupFaults("shop", ["shop-x86_64-0a1b2c3"]);
  expect(fault?.path).toEqual(["cluster", "nodeGroup"]);
  const named = "--cluster-name shop --nodegroup-name shop-x86_64-0a1b2c3";
  for (const command of ["describe-nodegroup", "delete-nodegroup", "wait nodegroup-deleted"]) {
    expect(fault?.message).toContain(`aws eks ${command} ${named}`);
  }
});
