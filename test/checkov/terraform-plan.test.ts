import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Declared } from "../components/aws/program-run.ts";
import { terraformPlan } from "./terraform-plan.ts";

const VPC = "aws:ec2/vpc:Vpc";

class Vpc extends pulumi.CustomResource {
  constructor(name: string) {
    super(VPC, name, {});
  }
}

function declared(type: string, inputs: Record<string, unknown>, name = "shop"): Declared {
  return { type, name, inputs, provider: "", props: inputs, opts: {} };
}

async function planned(...resources: Declared[]) {
  return (await terraformPlan(resources)).planned_values.root_module.resources;
}

describe("terraformPlan", () => {
  it("uses Terraform's names for types, resources and properties", async () => {
    const rule = declared(
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      { cidrIpv4: "10.0.0.0/8", fromPort: 80 },
      "from-10.0.0.0-8",
    );
    expect(await planned(rule)).toEqual([
      {
        address: "aws_vpc_security_group_ingress_rule.from-10_0_0_0-8",
        mode: "managed",
        type: "aws_vpc_security_group_ingress_rule",
        name: "from-10_0_0_0-8",
        provider_name: "registry.terraform.io/hashicorp/aws",
        values: { cidr_ipv4: "10.0.0.0/8", from_port: 80 },
      },
    ]);
  });

  it("turns blocks into lists at any depth, but not maps and lists of plain values", async () => {
    const cluster = declared("aws:eks/cluster:Cluster", {
      encryptionConfig: { provider: { keyArn: "arn" }, resources: ["secrets"] },
      tags: { managedBy: "me" },
    });
    const rules = declared("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", {
      rules: [{ expiration: { days: 30 } }],
    });
    expect((await planned(cluster, rules)).map(({ values }) => values)).toEqual([
      { encryption_config: [{ provider: [{ key_arn: "arn" }], resources: ["secrets"] }], tags: { managedBy: "me" } },
      { rule: [{ expiration: [{ days: 30 }] }] },
    ]);
  });

  it("lists the resources that a value was computed from", async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
      call: ({ inputs }) => inputs,
    });
    const vpc = new Vpc("shop");
    const subnet = declared("aws:ec2/subnet:Subnet", {});
    subnet.props = { vpcId: pulumi.all([vpc.id]).apply(([id]) => id), cidrBlock: "10.0.0.0/24" };
    const { configuration } = await terraformPlan([declared(VPC, {}), subnet]);
    expect(configuration.root_module.resources.map(({ address, expressions }) => [address, expressions])).toEqual([
      ["aws_vpc.shop", {}],
      ["aws_subnet.shop", { vpc_id: { references: ["aws_vpc.shop"] } }],
    ]);
  });

  it("contains only AWS resources", async () => {
    expect(await planned(declared("kubernetes:core/v1:Namespace", {}), declared("slipway:aws:Network", {}))).toEqual(
      [],
    );
  });

  it("refuses unknown types and properties, and names that collide in Terraform", async () => {
    await expect(planned(declared("aws:rds/cluster:Cluster", {}))).rejects.toThrow(
      "aws:rds/cluster:Cluster: not in terraform-names.ts",
    );
    await expect(planned(declared("aws:eks/cluster:Cluster", { things: [{ name: "a" }] }))).rejects.toThrow(
      "aws_eks_cluster.things: not in terraform-names.ts",
    );
    await expect(planned(declared(VPC, {}, "a.b"), declared(VPC, {}, "a_b"))).rejects.toThrow("the same name");
  });
});
