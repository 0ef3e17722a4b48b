import {
  AddTagsCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { PlainMap } from "../protocol/value.ts";
import type { AwsContext, Tagging } from "./resource.ts";
import { tagList, tagMap } from "./tags.ts";

export const elb = (aws: AwsContext): ElasticLoadBalancingV2Client => aws.client(ElasticLoadBalancingV2Client);

/** An attribute of a load balancer or target group: always text. */
export interface Attribute {
  Key?: string;
  Value?: string;
}

/** By property, the attribute that it is. */
export type AttributeNames = Readonly<Record<string, string>>;

/** Those of the properties that are given, as attributes. @param which names of those to be set. */
export function toAttributes(names: AttributeNames, props: PlainMap, which: Iterable<string>): Attribute[] {
  return [...which].flatMap((name) => {
    const [Key, value] = [names[name], props[name]];
    return Key === undefined || value === undefined ? [] : [{ Key, Value: String(value) }];
  });
}

/** Attributes as properties: numbers and booleans are such. */
export function fromAttributes(names: AttributeNames, attributes: readonly Attribute[] = []): PlainMap {
  const values = new Map(attributes.map(({ Key, Value = "" }) => [Key, Value]));
  return Object.fromEntries(
    Object.entries(names).map(([name, key]) => {
      const value = values.get(key) ?? "";
      return [name, /^(true|false|\d+)$/.test(value) ? (JSON.parse(value) as boolean | number) : value];
    }),
  );
}

/** Tags of a load balancer, target group or listener. */
export const elbTags: Tagging = {
  add: ({ id }, tags, aws) => elb(aws).send(new AddTagsCommand({ ResourceArns: [id], Tags: tagList(tags) })),
  remove: ({ id }, TagKeys, aws) => elb(aws).send(new RemoveTagsCommand({ ResourceArns: [id], TagKeys })),
};

export async function readTags(arn: string, aws: AwsContext): Promise<Record<string, string>> {
  const call = new DescribeTagsCommand({ ResourceArns: [arn] });
  return tagMap((await elb(aws).send(call)).TagDescriptions?.[0]?.Tags);
}
