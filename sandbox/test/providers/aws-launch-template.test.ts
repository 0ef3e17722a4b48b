import {
  CreateLaunchTemplateVersionCommand,
  DeleteTagsCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { afterAll, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { deleteAll, EmulatedResource, emulated } from "./emulated-resource.ts";

const create = (given: PropertyMap): Promise<EmulatedResource> =>
  EmulatedResource.create("aws:ec2/launchTemplate:LaunchTemplate", given);
const ec2 = emulated.client(EC2Client);

afterAll(deleteAll);

const disk = { volumeType: "gp3", volumeSize: 50, encrypted: "true", deleteOnTermination: "true" };
const given = {
  imageId: "ami-1",
  instanceType: "t3.medium",
  userData: Buffer.from("hello").toString("base64"),
  vpcSecurityGroupIds: ["sg-2", "sg-1"],
  metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
  monitoring: { enabled: true },
  blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: disk }],
  tagSpecifications: [{ resourceType: "instance", tags: { Name: "node" } }],
};

test("what instances get makes a version, tags do not", async () => {
  const template = await create({ ...given, tags: { Name: "one" } });
  expect(template.state).toMatchObject({ latestVersion: 1, name: expect.stringMatching(/^test-/), ...given });
  await template.update({ ...given, tags: { Name: "two" } });
  expect(template.state.latestVersion).toBe(1);
  const larger = [{ deviceName: "/dev/xvda", ebs: { ...disk, volumeSize: 80 } }];
  await template.update({ ...given, imageId: "ami-2", blockDeviceMappings: larger });
  expect(template.state).toMatchObject({ latestVersion: 2, imageId: "ami-2", monitoring: { enabled: true } });
  const { instanceType: _, ...severalTypes } = given;
  await template.update(severalTypes);
  const old = { LaunchTemplateId: template.id, Versions: ["1"] };
  const { LaunchTemplateVersions } = await ec2.send(new DescribeLaunchTemplateVersionsCommand(old));
  expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId).toBe("ami-1");
  await template.delete();
});

test("a version that somebody made, and a tag that is gone, show", async () => {
  const template = await create({ ...given, tags: { Name: "one" } });
  const LaunchTemplateData = { ImageId: "ami-1", MetadataOptions: { HttpTokens: "optional" } } as const;
  const request = { LaunchTemplateId: template.id, LaunchTemplateData };
  await ec2.send(new CreateLaunchTemplateVersionCommand(request));
  await ec2.send(new DeleteTagsCommand({ Resources: [template.id], Tags: [{ Key: "Name" }] }));
  await template.refresh();
  expect(await template.diff({ ...given, tags: { Name: "one" } })).toEqual(
    expect.arrayContaining(["add instanceType", "add tags.Name", "add userData", "update metadataOptions.httpTokens"]),
  );
  await template.update({ ...given, tags: { Name: "one" } });
  expect(template.state.latestVersion).toBe(3);
  await template.delete();
});
