import {
  type _InstanceType,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type LaunchTemplateHttpTokensState,
  type LaunchTemplateInstanceMetadataEndpointState,
  type RequestLaunchTemplateData,
  type ResourceType,
  type ResponseLaunchTemplateData,
  type VolumeType,
} from "@aws-sdk/client-ec2";
import { ec2, ec2Tags, tagSpecifications } from "./ec2.ts";
import { unlessGone } from "./errors.ts";
import { flag, items, number, object, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsResource, Outputs, Props } from "./resource.ts";
import { tagList, tagMap } from "./tags.ts";

const NO_TEMPLATE = "InvalidLaunchTemplateId.NotFound";

/** `aws:ec2/launchTemplate:LaunchTemplate`. A change of what instances get is a new version; the old ones stay. */
const launchTemplate: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    blockDeviceMappings: {
      fields: {
        deviceName: {},
        ebs: { fields: { deleteOnTermination: {}, encrypted: {}, volumeSize: {}, volumeType: {} } },
      },
    },
    imageId: {},
    instanceType: {},
    metadataOptions: { fields: { httpEndpoint: {}, httpPutResponseHopLimit: {}, httpTokens: {} } },
    monitoring: { fields: { enabled: {} } },
    tagSpecifications: { fields: { resourceType: {}, tags: {} } },
    userData: {},
    vpcSecurityGroupIds: { set: true },
  },
  autonameLimit: 128,
  changing: ["latestVersion"],
  tags: ec2Tags,
  async create(props, aws) {
    const made = await ec2(aws).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: requiredText(props, "name"),
        LaunchTemplateData: instanceRequest(props),
        TagSpecifications: tagSpecifications("launch-template", props),
      }),
    );
    return made.LaunchTemplate?.LaunchTemplateId ?? "";
  },
  async read(id, _known, aws) {
    const call = ec2(aws).send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }));
    const found = (await unlessGone(call, NO_TEMPLATE))?.LaunchTemplates?.[0];
    if (!found) return undefined;
    const request = { LaunchTemplateId: id, Versions: [String(found.LatestVersionNumber)] };
    const answer = await ec2(aws).send(new DescribeLaunchTemplateVersionsCommand(request));
    return {
      ...instanceOutputs(answer.LaunchTemplateVersions?.[0]?.LaunchTemplateData ?? {}),
      latestVersion: found.LatestVersionNumber,
      name: found.LaunchTemplateName,
      tags: tagMap(found.Tags),
    };
  },
  async update(id, props, _old, _changed, aws) {
    const request = { LaunchTemplateId: id, LaunchTemplateData: instanceRequest(props) };
    await ec2(aws).send(new CreateLaunchTemplateVersionCommand(request));
  },
  async delete(id, _props, aws) {
    const call = ec2(aws).send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }));
    await unlessGone(call, NO_TEMPLATE);
  },
};

export const launchTemplateResources: Record<string, AwsResource> = {
  "aws:ec2/launchTemplate:LaunchTemplate": launchTemplate,
};

/** What instances get, as EC2 takes it: without empty lists. */
function instanceRequest(props: Props): RequestLaunchTemplateData {
  const [metadata, monitoring] = [object(props, "metadataOptions"), object(props, "monitoring")];
  return {
    BlockDeviceMappings: filled(
      items(props, "blockDeviceMappings").map((disk) => {
        const ebs = object(disk, "ebs");
        return {
          DeviceName: text(disk, "deviceName"),
          Ebs: ebs && {
            DeleteOnTermination: flag(ebs, "deleteOnTermination"),
            Encrypted: flag(ebs, "encrypted"),
            VolumeSize: number(ebs, "volumeSize"),
            VolumeType: text(ebs, "volumeType") as VolumeType | undefined,
          },
        };
      }),
    ),
    ImageId: text(props, "imageId"),
    InstanceType: text(props, "instanceType") as _InstanceType | undefined,
    MetadataOptions: metadata && {
      HttpEndpoint: text(metadata, "httpEndpoint") as LaunchTemplateInstanceMetadataEndpointState | undefined,
      HttpPutResponseHopLimit: number(metadata, "httpPutResponseHopLimit"),
      HttpTokens: text(metadata, "httpTokens") as LaunchTemplateHttpTokensState | undefined,
    },
    Monitoring: monitoring && { Enabled: flag(monitoring, "enabled") ?? false },
    SecurityGroupIds: filled(texts(props, "vpcSecurityGroupIds") ?? []),
    TagSpecifications: filled(
      items(props, "tagSpecifications").map((specification) => ({
        ResourceType: text(specification, "resourceType") as ResourceType | undefined,
        Tags: tagList(textMap(specification, "tags")),
      })),
    ),
    UserData: text(props, "userData"),
  };
}

/** What instances get, as EC2 tells it. */
function instanceOutputs(data: ResponseLaunchTemplateData): Outputs {
  const { MetadataOptions: metadata } = data;
  return {
    blockDeviceMappings: data.BlockDeviceMappings?.map(({ DeviceName, Ebs }) => ({
      deviceName: DeviceName,
      ebs: Ebs && {
        deleteOnTermination: Ebs.DeleteOnTermination,
        encrypted: Ebs.Encrypted,
        volumeSize: Ebs.VolumeSize,
        volumeType: Ebs.VolumeType,
      },
    })),
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    metadataOptions: metadata && {
      httpEndpoint: metadata.HttpEndpoint,
      httpPutResponseHopLimit: metadata.HttpPutResponseHopLimit,
      httpTokens: metadata.HttpTokens,
    },
    monitoring: data.Monitoring && { enabled: data.Monitoring.Enabled },
    tagSpecifications: data.TagSpecifications?.map(({ ResourceType, Tags }) => ({
      resourceType: ResourceType,
      tags: tagMap(Tags),
    })),
    userData: data.UserData,
    vpcSecurityGroupIds: data.SecurityGroupIds,
  };
}

/** The list; undefined when it is empty. */
function filled<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
