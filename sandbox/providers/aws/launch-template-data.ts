import type {
  _InstanceType,
  LaunchTemplateBlockDeviceMapping,
  LaunchTemplateBlockDeviceMappingRequest,
  LaunchTemplateInstanceMetadataOptionsRequest,
  RequestLaunchTemplateData,
  ResourceType,
  ResponseLaunchTemplateData,
  VolumeType,
} from "@aws-sdk/client-ec2";
import type { Plain } from "../protocol/value.ts";
import { flag, items, number, object, text, textMap, texts } from "./props.ts";
import type { InputRule, Outputs, Props } from "./resource.ts";
import { tagList, tagMap } from "./tag-changes.ts";

/** Booleans that are written as strings, so that they can be left out. */
const textFlag: InputRule = { same: (old: Plain, next: Plain) => String(old) === String(next) };

/** What instances get, as the type takes it. */
export const instanceInputs: Record<string, InputRule> = {
  blockDeviceMappings: {
    fields: {
      deviceName: {},
      noDevice: {},
      virtualName: {},
      ebs: {
        fields: {
          deleteOnTermination: textFlag,
          encrypted: textFlag,
          iops: { computed: true },
          kmsKeyId: {},
          snapshotId: {},
          throughput: { computed: true },
          volumeSize: { computed: true },
          volumeType: { computed: true },
        },
      },
    },
  },
  creditSpecification: { fields: { cpuCredits: {} } },
  disableApiStop: {},
  disableApiTermination: {},
  ebsOptimized: textFlag,
  imageId: {},
  instanceInitiatedShutdownBehavior: {},
  instanceType: {},
  keyName: {},
  metadataOptions: {
    computed: true,
    fields: {
      httpEndpoint: { computed: true },
      httpProtocolIpv6: { computed: true },
      httpPutResponseHopLimit: { computed: true },
      httpTokens: { computed: true },
      instanceMetadataTags: { computed: true },
    },
  },
  monitoring: { fields: { enabled: {} } },
  tagSpecifications: { fields: { resourceType: {}, tags: {} } },
  userData: {},
  vpcSecurityGroupIds: { set: true },
};

/** What instances get, as EC2 takes it. */
export function instanceRequest(props: Props): RequestLaunchTemplateData {
  const credits = object(props, "creditSpecification");
  const metadata = object(props, "metadataOptions");
  const monitoring = object(props, "monitoring");
  return {
    BlockDeviceMappings: filled(items(props, "blockDeviceMappings").map(diskRequest)),
    CreditSpecification: credits && { CpuCredits: text(credits, "cpuCredits") },
    DisableApiStop: flag(props, "disableApiStop") || undefined,
    DisableApiTermination: flag(props, "disableApiTermination") || undefined,
    EbsOptimized: flag(props, "ebsOptimized"),
    ImageId: text(props, "imageId"),
    InstanceInitiatedShutdownBehavior: choice(props, "instanceInitiatedShutdownBehavior"),
    InstanceType: choice<_InstanceType>(props, "instanceType"),
    KeyName: text(props, "keyName"),
    MetadataOptions: metadata && metadataRequest(metadata),
    Monitoring: monitoring && { Enabled: flag(monitoring, "enabled") ?? false },
    SecurityGroupIds: filled(texts(props, "vpcSecurityGroupIds") ?? []),
    TagSpecifications: filled(
      items(props, "tagSpecifications").map((specification) => ({
        ResourceType: choice<ResourceType>(specification, "resourceType"),
        Tags: tagList(textMap(specification, "tags")),
      })),
    ),
    UserData: text(props, "userData"),
  };
}

/** What instances get, as EC2 tells it. */
export function instanceOutputs(data: ResponseLaunchTemplateData): Outputs {
  return {
    blockDeviceMappings: filled((data.BlockDeviceMappings ?? []).map(diskOutputs)),
    creditSpecification: data.CreditSpecification && { cpuCredits: data.CreditSpecification.CpuCredits },
    disableApiStop: data.DisableApiStop,
    disableApiTermination: data.DisableApiTermination,
    ebsOptimized: written(data.EbsOptimized),
    imageId: data.ImageId,
    instanceInitiatedShutdownBehavior: data.InstanceInitiatedShutdownBehavior,
    instanceType: data.InstanceType,
    keyName: data.KeyName,
    metadataOptions: data.MetadataOptions && {
      httpEndpoint: data.MetadataOptions.HttpEndpoint,
      httpProtocolIpv6: data.MetadataOptions.HttpProtocolIpv6,
      httpPutResponseHopLimit: data.MetadataOptions.HttpPutResponseHopLimit,
      httpTokens: data.MetadataOptions.HttpTokens,
      instanceMetadataTags: data.MetadataOptions.InstanceMetadataTags,
    },
    monitoring: data.Monitoring && { enabled: data.Monitoring.Enabled },
    tagSpecifications: filled(
      (data.TagSpecifications ?? []).map(({ ResourceType, Tags }) => ({
        resourceType: ResourceType,
        tags: tagMap(Tags),
      })),
    ),
    userData: data.UserData,
    vpcSecurityGroupIds: filled(data.SecurityGroupIds ?? []),
  };
}

function diskRequest(disk: Props): LaunchTemplateBlockDeviceMappingRequest {
  const ebs = object(disk, "ebs");
  return {
    DeviceName: text(disk, "deviceName"),
    NoDevice: text(disk, "noDevice"),
    VirtualName: text(disk, "virtualName"),
    Ebs: ebs && {
      DeleteOnTermination: flag(ebs, "deleteOnTermination"),
      Encrypted: flag(ebs, "encrypted"),
      Iops: number(ebs, "iops"),
      KmsKeyId: text(ebs, "kmsKeyId"),
      SnapshotId: text(ebs, "snapshotId"),
      Throughput: number(ebs, "throughput"),
      VolumeSize: number(ebs, "volumeSize"),
      VolumeType: choice<VolumeType>(ebs, "volumeType"),
    },
  };
}

function diskOutputs({ DeviceName, NoDevice, VirtualName, Ebs }: LaunchTemplateBlockDeviceMapping): Outputs {
  return {
    deviceName: DeviceName,
    noDevice: NoDevice,
    virtualName: VirtualName,
    ebs: Ebs && {
      deleteOnTermination: written(Ebs.DeleteOnTermination),
      encrypted: written(Ebs.Encrypted),
      iops: Ebs.Iops,
      kmsKeyId: Ebs.KmsKeyId,
      snapshotId: Ebs.SnapshotId,
      throughput: Ebs.Throughput,
      volumeSize: Ebs.VolumeSize,
      volumeType: Ebs.VolumeType,
    },
  };
}

function metadataRequest(options: Props): LaunchTemplateInstanceMetadataOptionsRequest {
  return {
    HttpEndpoint: choice(options, "httpEndpoint"),
    HttpProtocolIpv6: choice(options, "httpProtocolIpv6"),
    HttpPutResponseHopLimit: number(options, "httpPutResponseHopLimit"),
    HttpTokens: choice(options, "httpTokens"),
    InstanceMetadataTags: choice(options, "instanceMetadataTags"),
  };
}

/** One of a set of words, which EC2 itself checks. */
function choice<T extends string>(props: Props, key: string): T | undefined {
  return text(props, key) as T | undefined;
}

const written = (value: boolean | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** The list; undefined when it is empty, as EC2 takes and the type tells it. */
function filled<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
