import * as aws from "@pulumi/aws";
import type { EksEnvironment, Fault } from "../../../config/index.ts";
import type { InstanceType } from "../nodes/instance-type.ts";
import { providerMessage } from "./provider-errors.ts";

/**
 * The instance types of `nodeGroup.instanceTypes`, in their order.
 *
 * @throws the provider's error if AWS cannot be reached.
 */
export async function lookUpInstanceTypes(
  { cluster, aws: { region } }: EksEnvironment,
  provider: aws.Provider,
): Promise<{ instanceTypes: InstanceType[]; faults: Fault[] }> {
  const faults: Fault[] = [];
  const found = await Promise.all(
    cluster.nodeGroup.instanceTypes.map(async (name, index) => {
      const type = await aws.ec2.getInstanceType({ instanceType: name }, { provider }).catch((error: unknown) => {
        if (!providerMessage(error).includes("InvalidInstanceType")) throw error;
        const message = `${region} has no such instance type. Take one that it has, such as t3.medium`;
        faults.push({ path: ["cluster", "nodeGroup", "instanceTypes", index], message });
        return undefined;
      });
      return type && instanceTypeOf(name, type);
    }),
  );
  return { instanceTypes: found.filter((type) => type !== undefined), faults };
}

function instanceTypeOf(name: string, type: aws.ec2.GetInstanceTypeResult): InstanceType {
  return {
    name,
    vcpus: type.defaultVcpus,
    memoryMiB: type.memorySize,
    interfaces: type.maximumNetworkInterfaces,
    ipv4PerInterface: type.maximumIpv4AddressesPerInterface,
    architecture: type.supportedArchitectures.includes("arm64") ? "arm64" : "x86_64",
    hypervisor: type.hypervisor === "xen" ? "xen" : "nitro",
  };
}
