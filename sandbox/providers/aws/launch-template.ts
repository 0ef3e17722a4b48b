import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  type LaunchTemplate,
  ModifyLaunchTemplateCommand,
} from "@aws-sdk/client-ec2";
import { ec2Arn } from "./ec2-arn.ts";
import { tagSpecifications, updateTags } from "./ec2-tags.ts";
import { unlessGone } from "./errors.ts";
import { instanceInputs, instanceOutputs, instanceRequest } from "./launch-template-data.ts";
import { ownChanges } from "./own-changes.ts";
import { flag, number, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { tagMap } from "./tag-changes.ts";

const NO_TEMPLATE = "InvalidLaunchTemplateId.NotFound";
/** Which version counts: a change makes no new one. */
const ABOUT_VERSIONS = ["defaultVersion", "updateDefaultVersion"];

/** `aws:ec2/launchTemplate:LaunchTemplate`. A change of what instances get is a new version; the old ones stay. */
const launchTemplate: AwsResource = {
  inputs: {
    ...instanceInputs,
    name: { computed: true, forcesNew: true },
    defaultVersion: { computed: true },
    description: {},
    updateDefaultVersion: {},
  },
  autonameLimit: 128,
  changing: ["latestVersion"],
  tagged: true,
  validate: ({ defaultVersion, updateDefaultVersion }) =>
    defaultVersion !== undefined && updateDefaultVersion !== undefined
      ? [{ property: "updateDefaultVersion", reason: 'conflicts with "defaultVersion": give one of them' }]
      : [],
  async create(props, aws) {
    const made = await aws.client(EC2Client).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: requiredText(props, "name"),
        LaunchTemplateData: instanceRequest(props),
        TagSpecifications: tagSpecifications("launch-template", props),
        VersionDescription: text(props, "description"),
      }),
    );
    return made.LaunchTemplate?.LaunchTemplateId ?? "";
  },
  async read(id, known, aws) {
    const found = await findTemplate(id, aws);
    if (!found) return undefined;
    const latest = String(found.LatestVersionNumber);
    const request = { LaunchTemplateId: id, Versions: [latest] };
    const answer = await aws.client(EC2Client).send(new DescribeLaunchTemplateVersionsCommand(request));
    const version = answer.LaunchTemplateVersions?.[0];
    return {
      ...instanceOutputs(version?.LaunchTemplateData ?? {}),
      arn: ec2Arn(aws, "launch-template", id),
      defaultVersion: found.DefaultVersionNumber,
      description: version?.VersionDescription || undefined,
      latestVersion: found.LatestVersionNumber,
      name: found.LaunchTemplateName,
      tags: tagMap(found.Tags),
      updateDefaultVersion: known.updateDefaultVersion,
    };
  },
  async update(id, props, old, changed, aws) {
    const ec2 = aws.client(EC2Client);
    let latest = number(old, "latestVersion");
    if (ownChanges(changed).some((name) => !ABOUT_VERSIONS.includes(name))) {
      const request = {
        LaunchTemplateId: id,
        LaunchTemplateData: instanceRequest(props),
        VersionDescription: text(props, "description"),
      };
      const made = await ec2.send(new CreateLaunchTemplateVersionCommand(request));
      latest = made.LaunchTemplateVersion?.VersionNumber;
    }
    const version = flag(props, "updateDefaultVersion")
      ? latest
      : changed.has("defaultVersion") && number(props, "defaultVersion");
    if (version) {
      const request = { LaunchTemplateId: id, DefaultVersion: String(version) };
      await ec2.send(new ModifyLaunchTemplateCommand(request));
    }
    await updateTags(id, props, old, changed, aws);
  },
  async delete(id, _props, aws) {
    const call = aws.client(EC2Client).send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }));
    await unlessGone(call, NO_TEMPLATE);
  },
};

export const launchTemplateResources: Record<string, AwsResource> = {
  "aws:ec2/launchTemplate:LaunchTemplate": launchTemplate,
};

async function findTemplate(id: string, aws: AwsContext): Promise<LaunchTemplate | undefined> {
  const call = aws.client(EC2Client).send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }));
  return (await unlessGone(call, NO_TEMPLATE))?.LaunchTemplates?.[0];
}
