import {
  CreateTagsCommand,
  DeleteTagsCommand,
  EC2Client,
  type ResourceType,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import { textMap } from "./props.ts";
import type { AwsContext, Props } from "./resource.ts";
import { tagChanges, tagList } from "./tag-changes.ts";

/** The tags of something that is being made, as EC2's create calls take them; undefined when there are none. */
export function tagSpecifications(type: ResourceType, props: Props): TagSpecification[] | undefined {
  const tags = tagList(textMap(props, "tagsAll"));
  return tags && [{ ResourceType: type, Tags: tags }];
}

/** Brings the tags of something in EC2 to what `props` has. */
export async function updateTags(
  id: string,
  props: Props,
  old: Props,
  changed: ReadonlySet<string>,
  aws: AwsContext,
): Promise<void> {
  if (!changed.has("tagsAll")) return;
  const ec2 = aws.client(EC2Client);
  const { added, removed } = tagChanges(props, old);
  const Tags = tagList(added);
  if (removed.length > 0) {
    await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: removed.map((Key) => ({ Key })) }));
  }
  if (Tags) await ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
}
