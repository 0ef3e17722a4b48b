import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { EmulatedResource, emulated, trust } from "./emulated-resource.ts";

const ZONES = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"];
const ec2 = emulated.client(EC2Client);

/** A VPC for a cluster. */
export interface EksNetwork {
  vpcId: string;
  /** One in each of three zones. */
  subnetIds: string[];
}

export async function createNetwork(): Promise<EksNetwork> {
  const vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))).Vpc?.VpcId ?? "";
  const subnetIds = await Promise.all(
    ZONES.map(async (AvailabilityZone, index) => {
      const request = { VpcId: vpcId, AvailabilityZone, CidrBlock: `10.9.${index}.0/24` };
      return (await ec2.send(new CreateSubnetCommand(request))).Subnet?.SubnetId ?? "";
    }),
  );
  return { vpcId, subnetIds };
}

/** Deletes it. Nothing may be in it any more. */
export async function deleteNetwork({ vpcId, subnetIds }: EksNetwork): Promise<void> {
  for (const SubnetId of subnetIds) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
  await ec2.send(new DeleteVpcCommand({ VpcId: vpcId }));
}

/** ARN of a new role that a service assumes. */
export async function roleFor(service: string): Promise<string> {
  const { state } = await EmulatedResource.create("aws:iam/role:Role", { assumeRolePolicy: trust(service) });
  return String(state.arn);
}
