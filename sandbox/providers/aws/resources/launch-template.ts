import * as ec2 from "@aws-sdk/client-ec2";
import { declared } from "../declared-resource.ts";
import { valueAt } from "../mapping.ts";
import type { AwsResource, InputRule } from "../resource.ts";
import { ec2Service } from "../services.ts";
import { keysAndValues } from "../tags.ts";

/** What instances get. */
const instance: Record<string, InputRule> = {
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
  tagSpecifications: { fields: { resourceType: {}, tags: keysAndValues("Key") } },
  userData: {},
  vpcSecurityGroupIds: { set: true, api: "SecurityGroupIds" },
};

const inData = ([key, rule]: [string, InputRule]): [string, InputRule] => [
  key,
  { ...rule, api: `LaunchTemplateData.${rule.api ?? key.charAt(0).toUpperCase() + key.slice(1)}` },
];

/** A change of what instances get is a new version; the old ones stay. */
const launchTemplate = declared(ec2Service, {
  tagged: "launch-template",
  identity: "LaunchTemplateId",
  gone: ["InvalidLaunchTemplateId.NotFound"],
  inputs: {
    name: { forcesNew: true, computed: true, api: "LaunchTemplateName" },
    ...Object.fromEntries(Object.entries(instance).map(inData)),
  },
  autonameLimit: 128,
  changing: ["latestVersion"],
  outputs: { latestVersion: "LatestVersionNumber" },
  create: ec2.CreateLaunchTemplateCommand,
  id: "LaunchTemplate.LaunchTemplateId",
  read: {
    command: ec2.DescribeLaunchTemplatesCommand,
    by: "LaunchTemplateIds[0]",
    found: "LaunchTemplates",
    more: ({ LatestVersionNumber }, LaunchTemplateId) => [
      new ec2.DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [String(LatestVersionNumber)] }),
    ],
    adapt: (found) => ({
      ...found,
      LaunchTemplateData: valueAt(found, "LaunchTemplateVersions[0].LaunchTemplateData"),
    }),
  },
  update: [{ on: Object.keys(instance), command: ec2.CreateLaunchTemplateVersionCommand }],
  delete: ec2.DeleteLaunchTemplateCommand,
});

export const launchTemplateResources: Record<string, AwsResource> = {
  "aws:ec2/launchTemplate:LaunchTemplate": launchTemplate,
};
