import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { isError, unlessGone } from "./errors.ts";
import { flag, requiredText, textMap } from "./props.ts";
import type { AwsContext, AwsResource, Tagged } from "./resource.ts";
import { bucketSettings } from "./s3-settings.ts";
import { tagList, tagMap } from "./tags.ts";

const GONE = ["NotFound", "NoSuchBucket"];

/** Its settings are resources of their own. */
const bucket: AwsResource = {
  tags: { add: putTags, remove: putTags },
  autoname: "bucket",
  autonameLimit: 63,
  autonameLowercase: true,
  inputs: {
    bucket: { computed: true, forcesNew: true },
    forceDestroy: { default: false },
  },

  async create(props, aws, op) {
    const Bucket = requiredText(props, "bucket");
    // The first region of all cannot be named: it is where a bucket is when none is.
    const CreateBucketConfiguration =
      aws.region === "us-east-1" ? undefined : { LocationConstraint: aws.region as BucketLocationConstraint };
    const s3 = aws.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    op.made(Bucket);
    await putTags({ id: Bucket, all: textMap(props, "tagsAll") }, undefined, aws);
    return Bucket;
  },

  async read(id, known, aws) {
    const s3 = aws.client(S3Client);
    const found = await unlessGone(s3.send(new HeadBucketCommand({ Bucket: id })), ...GONE);
    if (!found) return undefined;
    const tagging = await unlessGone(s3.send(new GetBucketTaggingCommand({ Bucket: id })), "NoSuchTagSet");
    return {
      arn: `arn:${aws.partition}:s3:::${id}`,
      bucket: id,
      forceDestroy: flag(known, "forceDestroy") ?? false,
      tags: tagMap(tagging?.TagSet),
    };
  },

  // What of forceDestroy counts is what the state has.
  async update() {},

  async delete(id, props, aws) {
    const s3 = aws.client(S3Client);
    const end = () => unlessGone(s3.send(new DeleteBucketCommand({ Bucket: id })), ...GONE);
    try {
      await end();
    } catch (error) {
      if (!isError(error, "BucketNotEmpty")) throw error;
      if (!flag(props, "forceDestroy")) {
        throw new Error("it still has objects; with forceDestroy: true they are deleted with it", { cause: error });
      }
      await empty(s3, id);
      await end();
    }
  },
};

/** Writes all tags at once: S3 knows no other way. */
async function putTags({ id, all }: Pick<Tagged, "id" | "all">, _tags: unknown, aws: AwsContext): Promise<void> {
  const [s3, TagSet] = [aws.client(S3Client), tagList(all)];
  await (TagSet
    ? s3.send(new PutBucketTaggingCommand({ Bucket: id, Tagging: { TagSet } }))
    : s3.send(new DeleteBucketTaggingCommand({ Bucket: id })));
}

/** Deletes every object, in every version, and every mark of a deletion. */
async function empty(s3: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first) throw new Error(`cannot delete ${Errors.length} objects, "${first.Key}" among them: ${first.Message}`);
  }
}

export const s3Resources: Record<string, AwsResource> = { "aws:s3/bucket:Bucket": bucket, ...bucketSettings };
