import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { emulated, Life, trust, unique } from "./aws-life.ts";

const ZONES = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"];
const ec2 = emulated.client(EC2Client);

/** A VPC for a cluster. */
export interface Ground {
  vpcId: string;
  /** One in each of three zones. */
  subnetIds: string[];
  securityGroupId: string;
}

export async function makeGround(): Promise<Ground> {
  const vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))).Vpc?.VpcId ?? "";
  const subnetIds = await Promise.all(
    ZONES.map(async (AvailabilityZone, index) => {
      const request = { VpcId: vpcId, AvailabilityZone, CidrBlock: `10.9.${index}.0/24` };
      return (await ec2.send(new CreateSubnetCommand(request))).Subnet?.SubnetId ?? "";
    }),
  );
  const group = { VpcId: vpcId, GroupName: unique("life"), Description: "of a cluster" };
  const securityGroupId = (await ec2.send(new CreateSecurityGroupCommand(group))).GroupId ?? "";
  return { vpcId, subnetIds, securityGroupId };
}

/** Takes it away, once nothing is in it any more. */
export async function clearGround({ vpcId, subnetIds, securityGroupId }: Ground): Promise<void> {
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: securityGroupId }));
  for (const SubnetId of subnetIds) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
  await ec2.send(new DeleteVpcCommand({ VpcId: vpcId }));
}

/** ARN of a new role that a service takes. */
export async function roleFor(service: string): Promise<string> {
  const { state } = await Life.begin("aws:iam/role:Role", { assumeRolePolicy: trust(service) });
  return String(state.arn);
}
