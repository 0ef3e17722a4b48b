import {
  AddTagsCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { AwsContext, Props } from "./resource.ts";
import { tagChanges, tagList, tagMap } from "./tag-changes.ts";

/** Tags of a load balancer, target group or listener. */
export async function readTags(arn: string, aws: AwsContext): Promise<Record<string, string>> {
  const call = new DescribeTagsCommand({ ResourceArns: [arn] });
  return tagMap((await aws.client(ElasticLoadBalancingV2Client).send(call)).TagDescriptions?.[0]?.Tags);
}

/** Brings the tags of a load balancer, target group or listener to what `props` has. */
export async function updateTags(
  arn: string,
  props: Props,
  old: Props,
  changed: ReadonlySet<string>,
  aws: AwsContext,
): Promise<void> {
  if (!changed.has("tagsAll")) return;
  const elb = aws.client(ElasticLoadBalancingV2Client);
  const { added, removed } = tagChanges(props, old);
  const Tags = tagList(added);
  if (removed.length > 0) await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: removed }));
  if (Tags) await elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags }));
}
