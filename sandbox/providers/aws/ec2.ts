import {
  CreateTagsCommand,
  DeleteTagsCommand,
  EC2Client,
  type ResourceType,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import { textMap } from "./props.ts";
import type { AwsContext, Props, Tagging } from "./resource.ts";
import { tagList } from "./tags.ts";

export const ec2 = (aws: AwsContext): EC2Client => aws.client(EC2Client);

export const ec2Tags: Tagging = {
  add: ({ id }, tags, aws) => ec2(aws).send(new CreateTagsCommand({ Resources: [id], Tags: tagList(tags) })),
  remove: ({ id }, keys, aws) =>
    ec2(aws).send(new DeleteTagsCommand({ Resources: [id], Tags: keys.map((Key) => ({ Key })) })),
};

/** The tags of something that is being made, as EC2's create calls take them; undefined when there are none. */
export function tagSpecifications(type: ResourceType, props: Props): TagSpecification[] | undefined {
  const tags = tagList(textMap(props, "tagsAll"));
  return tags && [{ ResourceType: type, Tags: tags }];
}
