import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { lookUpNodeSubnets } from "../../../../components/aws/lookup/node-subnets.ts";
import type { EksEnvironment } from "../../../../config/index.ts";

const REGION = "eu-west-1";

async function lookUp(network: object, missing: string) {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ inputs: { id } }) => {
      const details = `reading EC2 Subnet (${id}): InvalidSubnetID.NotFound: The subnet ID does not exist`;
      // Where the SDK reads the message of a gRPC error.
      if (id === "subnet-0c") throw Object.assign(new Error(), { details: missing || details });
      const vpcId = id === "subnet-0b" ? "vpc-0b" : "vpc-0a";
      return { id, vpcId, availabilityZone: `${REGION}a`, cidrBlock: "10.7.0.0/24" };
    },
  });
  const environment = { aws: { region: REGION }, cluster: { network } } as unknown as EksEnvironment;
  return lookUpNodeSubnets(environment, new aws.Provider("aws", {}));
}

const network = { vpcId: "vpc-0a", privateSubnetIds: ["subnet-0a", "subnet-0b", "subnet-0c"], publicSubnetIds: [] };

it("returns zone and range of each subnet, and refuses those of another VPC and unknown ones", async () => {
  const { subnets, faults } = await lookUp(network, "");
  expect(subnets).toEqual([{ id: "subnet-0a", zone: `${REGION}a`, cidr: "10.7.0.0/24" }]);
  expect(faults.map(({ path, message }) => `${path.slice(2).join(".")}: ${message}`)).toEqual([
    "privateSubnetIds.1: it is in vpc-0b. Take a subnet of vpc-0a",
    "privateSubnetIds.2: eu-west-1 has no such subnet. Take one of vpc-0a",
  ]);
});

it("looks up nothing for a VPC that the stack creates", async () => {
  expect(await lookUp({ cidr: "10.0.0.0/16", zones: 2, nat: "none" }, "")).toEqual({ subnets: [], faults: [] });
});

it("throws other errors", async () => {
  await expect(lookUp(network, "no valid credentials")).rejects.toThrow(/no valid credentials/);
});
