import {
  type _InstanceType,
  DescribeInstanceTypesCommand,
  EC2Client,
  type FpgaDeviceInfo,
  type GpuDeviceInfo,
  type InferenceDeviceInfo,
  type InstanceTypeInfo,
  type MediaDeviceInfo,
} from "@aws-sdk/client-ec2";
import { isError } from "./errors.ts";
import { requiredText } from "./props.ts";
import type { AwsContext, AwsFunction, Outputs } from "./resource.ts";

/** `aws.ec2.getInstanceType`: what an instance type has. Memory is in MiB, storage in GB. */
export const getInstanceType: AwsFunction = {
  arguments: { instanceType: { required: true } },
  async invoke(args, aws) {
    const name = requiredText(args, "instanceType");
    const info = await findInstanceType(name, aws);
    return {
      id: info.InstanceType,
      instanceType: info.InstanceType,
      ...generalOf(info),
      ...processorOf(info),
      ...networkOf(info),
      ...storageOf(info),
      ...devicesOf(info),
    };
  },
};

async function findInstanceType(name: string, aws: AwsContext): Promise<InstanceTypeInfo> {
  const unknown = `no matching EC2 Instance Type found: ${aws.region} has no "${name}"; check the name`;
  const { InstanceTypes } = await aws
    .client(EC2Client)
    .send(new DescribeInstanceTypesCommand({ InstanceTypes: [name as _InstanceType] }))
    .catch((error: unknown) => {
      throw isError(error, "InvalidInstanceType") ? new Error(unknown) : error;
    });
  const info = InstanceTypes?.[0];
  if (!info) throw new Error(unknown);
  return info;
}

function generalOf(info: InstanceTypeInfo): Outputs {
  return {
    autoRecoverySupported: info.AutoRecoverySupported,
    bareMetal: info.BareMetal,
    bootModes: info.SupportedBootModes ?? [],
    burstablePerformanceSupported: info.BurstablePerformanceSupported,
    currentGeneration: info.CurrentGeneration,
    dedicatedHostsSupported: info.DedicatedHostsSupported,
    freeTierEligible: info.FreeTierEligible,
    hibernationSupported: info.HibernationSupported,
    hypervisor: info.Hypervisor,
    memorySize: info.MemoryInfo?.SizeInMiB,
    nitroEnclavesSupport: info.NitroEnclavesSupport,
    nitroTpmSupport: info.NitroTpmSupport,
    nitroTpmSupportedVersions: info.NitroTpmInfo?.SupportedVersions ?? [],
    phcSupport: info.PhcSupport,
    supportedPlacementStrategies: info.PlacementGroupInfo?.SupportedStrategies ?? [],
    supportedRootDeviceTypes: info.SupportedRootDeviceTypes ?? [],
    supportedUsagesClasses: info.SupportedUsageClasses ?? [],
    supportedVirtualizationTypes: info.SupportedVirtualizationTypes ?? [],
  };
}

function processorOf({ ProcessorInfo: processor, VCpuInfo: cpus }: InstanceTypeInfo): Outputs {
  return {
    defaultCores: cpus?.DefaultCores,
    defaultThreadsPerCore: cpus?.DefaultThreadsPerCore,
    defaultVcpus: cpus?.DefaultVCpus,
    supportedArchitectures: processor?.SupportedArchitectures ?? [],
    supportedCpuFeatures: processor?.SupportedFeatures ?? [],
    sustainedClockSpeed: processor?.SustainedClockSpeedInGhz,
    validCores: cpus?.ValidCores ?? [],
    validThreadsPerCores: cpus?.ValidThreadsPerCore ?? [],
  };
}

function networkOf({ NetworkInfo: network }: InstanceTypeInfo): Outputs {
  return {
    bandwidthWeightings: network?.BandwidthWeightings ?? [],
    defaultNetworkCardIndex: network?.DefaultNetworkCardIndex,
    efaMaximumInterfaces: network?.EfaInfo?.MaximumEfaInterfaces,
    efaSupported: network?.EfaSupported,
    enaSrdSupported: network?.EnaSrdSupported,
    enaSupport: network?.EnaSupport,
    encryptionInTransitSupported: network?.EncryptionInTransitSupported,
    ipv6Supported: network?.Ipv6Supported,
    maximumIpv4AddressesPerInterface: network?.Ipv4AddressesPerInterface,
    maximumIpv6AddressesPerInterface: network?.Ipv6AddressesPerInterface,
    maximumNetworkCards: network?.MaximumNetworkCards,
    maximumNetworkInterfaces: network?.MaximumNetworkInterfaces,
    networkCards: (network?.NetworkCards ?? []).map((card) => ({
      baselineBandwidth: card.BaselineBandwidthInGbps,
      index: card.NetworkCardIndex,
      maximumInterfaces: card.MaximumNetworkInterfaces,
      peakBandwidth: card.PeakBandwidthInGbps,
      performance: card.NetworkPerformance,
    })),
    networkPerformance: network?.NetworkPerformance,
  };
}

function storageOf({ EbsInfo: ebs, InstanceStorageInfo: disks, ...info }: InstanceTypeInfo): Outputs {
  const optimized = ebs?.EbsOptimizedInfo;
  return {
    ebsEncryptionSupport: ebs?.EncryptionSupport,
    ebsNvmeSupport: ebs?.NvmeSupport,
    ebsOptimizedSupport: ebs?.EbsOptimizedSupport,
    ebsPerformanceBaselineBandwidth: optimized?.BaselineBandwidthInMbps,
    ebsPerformanceBaselineIops: optimized?.BaselineIops,
    ebsPerformanceBaselineThroughput: optimized?.BaselineThroughputInMBps,
    ebsPerformanceMaximumBandwidth: optimized?.MaximumBandwidthInMbps,
    ebsPerformanceMaximumIops: optimized?.MaximumIops,
    ebsPerformanceMaximumThroughput: optimized?.MaximumThroughputInMBps,
    instanceDisks: (disks?.Disks ?? []).map(({ Count, SizeInGB, Type }) => ({
      count: Count,
      size: SizeInGB,
      type: Type,
    })),
    instanceStorageSupported: info.InstanceStorageSupported,
    totalInstanceStorage: disks?.TotalSizeInGB,
  };
}

function devicesOf(info: InstanceTypeInfo): Outputs {
  return {
    fpgas: (info.FpgaInfo?.Fpgas ?? []).map(deviceOf),
    gpuses: (info.GpuInfo?.Gpus ?? []).map(deviceOf),
    inferenceAccelerators: (info.InferenceAcceleratorInfo?.Accelerators ?? []).map(deviceOf),
    mediaAccelerators: (info.MediaAcceleratorInfo?.Accelerators ?? []).map(deviceOf),
    neuronDevices: (info.NeuronInfo?.NeuronDevices ?? []).map((device) => ({
      coreCount: device.CoreInfo?.Count,
      coreVersion: device.CoreInfo?.Version,
      count: device.Count,
      memorySize: device.MemoryInfo?.SizeInMiB,
      name: device.Name,
    })),
    totalFpgaMemory: info.FpgaInfo?.TotalFpgaMemoryInMiB,
    totalGpuMemory: info.GpuInfo?.TotalGpuMemoryInMiB,
    totalInferenceMemory: info.InferenceAcceleratorInfo?.TotalInferenceMemoryInMiB,
    totalMediaMemory: info.MediaAcceleratorInfo?.TotalMediaMemoryInMiB,
    totalNeuronDeviceMemory: info.NeuronInfo?.TotalNeuronDeviceMemoryInMiB,
  };
}

type Device = FpgaDeviceInfo | GpuDeviceInfo | InferenceDeviceInfo | MediaDeviceInfo;

function deviceOf({ Count, Manufacturer, MemoryInfo, Name }: Device): Outputs {
  return { count: Count, manufacturer: Manufacturer, memorySize: MemoryInfo?.SizeInMiB, name: Name };
}
