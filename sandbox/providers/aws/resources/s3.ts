import * as s3 from "@aws-sdk/client-s3";
import type { CommandClass } from "../declaration.ts";
import { declared } from "../declared-resource.ts";
import { isError, unlessGone } from "../errors.ts";
import type { Message } from "../mapping.ts";
import { flag, requiredText, textMap } from "../props.ts";
import type { AwsContext, AwsResource, InputRule, Tagged } from "../resource.ts";
import { s3Service } from "../services.ts";
import { tagList, tagMap } from "../tags.ts";

const GONE = ["NotFound", "NoSuchBucket"];

/** Its settings are resources of their own. */
const bucket: AwsResource = {
  tags: { add: putTags, remove: putTags },
  autoname: "bucket",
  autonameLimit: 63,
  autonameLowercase: true,
  inputs: { bucket: { forcesNew: true, computed: true }, forceDestroy: { default: false } },

  async create(props, aws, op) {
    const Bucket = requiredText(props, "bucket");
    // The first region of all cannot be named: a bucket is there when no region is given.
    const CreateBucketConfiguration =
      aws.region === "us-east-1" ? undefined : { LocationConstraint: aws.region as s3.BucketLocationConstraint };
    await aws.client(s3.S3Client).send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    op.created(Bucket);
    await putTags({ id: Bucket, all: textMap(props, "tagsAll") }, undefined, aws);
    return Bucket;
  },

  async read(id, known, aws) {
    const client = aws.client(s3.S3Client);
    const found = await unlessGone(client.send(new s3.HeadBucketCommand({ Bucket: id })), GONE);
    if (!found) return undefined;
    const tagging = await unlessGone(client.send(new s3.GetBucketTaggingCommand({ Bucket: id })), ["NoSuchTagSet"]);
    return {
      arn: `arn:${aws.partition}:s3:::${id}`,
      bucket: id,
      forceDestroy: flag(known, "forceDestroy") ?? false,
      tags: tagMap(tagging?.TagSet),
    };
  },

  // Only the state holds forceDestroy.
  async update() {},

  async delete(id, props, aws) {
    const client = aws.client(s3.S3Client);
    const deleteBucket = () => unlessGone(client.send(new s3.DeleteBucketCommand({ Bucket: id })), GONE);
    try {
      await deleteBucket();
    } catch (error) {
      if (!isError(error, "BucketNotEmpty")) throw error;
      if (!flag(props, "forceDestroy")) {
        throw new Error("it still has objects; with forceDestroy: true they are deleted with it", { cause: error });
      }
      await deleteObjects(client, id);
      await deleteBucket();
    }
  },
};

/** Writes all tags at once: S3 has no other call. */
async function putTags({ id, all }: Pick<Tagged, "id" | "all">, _tags: unknown, aws: AwsContext): Promise<void> {
  const [client, TagSet] = [aws.client(s3.S3Client), tagList(all)];
  await (TagSet
    ? client.send(new s3.PutBucketTaggingCommand({ Bucket: id, Tagging: { TagSet } }))
    : client.send(new s3.DeleteBucketTaggingCommand({ Bucket: id })));
}

/** Deletes every object in every version, and every delete marker. */
async function deleteObjects(client: s3.S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new s3.ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await client.send(
      new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first) throw new Error(`cannot delete ${Errors.length} objects, "${first.Key}" among them: ${first.Message}`);
  }
}

/** A setting of a bucket, which S3 puts, gets and clears as a whole. Its id is the bucket's name. */
function bucketSetting(setting: {
  /** But for `bucket`, which all have. */
  inputs: Record<string, InputRule>;
  /** Code of the error that says that the bucket has no such setting. @default none */
  gone?: string;
  put: CommandClass;
  get: CommandClass;
  clear: CommandClass;
  /** Further members of `clear`. */
  clearWith?: Message;
}): AwsResource {
  const { inputs, gone = "NoSuchBucket", put, get, clear, clearWith } = setting;
  return declared(s3Service, {
    identity: "Bucket",
    gone: ["NoSuchBucket", gone],
    inputs: { bucket: { required: true, forcesNew: true, returned: false }, ...inputs },
    create: put,
    id: (props) => String(props.bucket),
    read: { command: get, found: "" },
    update: [put],
    delete: { command: clear, with: clearWith },
  });
}

/** Once enabled, it can only be suspended. */
const versioning = bucketSetting({
  inputs: {
    versioningConfiguration: {
      required: true,
      read: "",
      fields: { status: { required: true, allowed: ["Enabled"], parse: (status) => String(status ?? "Disabled") } },
    },
  },
  put: s3.PutBucketVersioningCommand,
  get: s3.GetBucketVersioningCommand,
  clear: s3.PutBucketVersioningCommand,
  clearWith: { VersioningConfiguration: { Status: "Suspended" } },
});

/** A bucket always has one: without this it is S3's own key. */
const encryption = bucketSetting({
  inputs: {
    rules: {
      required: true,
      set: true,
      api: "ServerSideEncryptionConfiguration.Rules",
      fields: {
        applyServerSideEncryptionByDefault: {
          required: true,
          fields: {
            kmsMasterKeyId: { api: "KMSMasterKeyID" },
            sseAlgorithm: { required: true, allowed: Object.values(s3.ServerSideEncryption), api: "SSEAlgorithm" },
          },
        },
        bucketKeyEnabled: {},
      },
    },
  },
  gone: "ServerSideEncryptionConfigurationNotFoundError",
  put: s3.PutBucketEncryptionCommand,
  get: s3.GetBucketEncryptionCommand,
  clear: s3.DeleteBucketEncryptionCommand,
});

const block = (member: string): InputRule => ({ default: false, api: `PublicAccessBlockConfiguration.${member}` });

const publicAccessBlock = bucketSetting({
  inputs: {
    blockPublicAcls: block("BlockPublicAcls"),
    blockPublicPolicy: block("BlockPublicPolicy"),
    ignorePublicAcls: block("IgnorePublicAcls"),
    restrictPublicBuckets: block("RestrictPublicBuckets"),
  },
  gone: "NoSuchPublicAccessBlockConfiguration",
  put: s3.PutPublicAccessBlockCommand,
  get: s3.GetPublicAccessBlockCommand,
  clear: s3.DeletePublicAccessBlockCommand,
});

const bucketPolicy = bucketSetting({
  inputs: { policy: { required: true, json: true } },
  gone: "NoSuchBucketPolicy",
  put: s3.PutBucketPolicyCommand,
  get: s3.GetBucketPolicyCommand,
  clear: s3.DeleteBucketPolicyCommand,
});

const ownershipControls = bucketSetting({
  inputs: {
    rule: {
      required: true,
      api: "OwnershipControls.Rules[0]",
      fields: { objectOwnership: { required: true, allowed: Object.values(s3.ObjectOwnership) } },
    },
  },
  gone: "OwnershipControlsNotFoundError",
  put: s3.PutBucketOwnershipControlsCommand,
  get: s3.GetBucketOwnershipControlsCommand,
  clear: s3.DeleteBucketOwnershipControlsCommand,
});

/** When objects are deleted. */
const lifecycleConfiguration = bucketSetting({
  inputs: {
    rules: {
      required: true,
      api: "LifecycleConfiguration.Rules",
      read: "Rules",
      fields: {
        abortIncompleteMultipartUpload: { required: true, fields: { daysAfterInitiation: { required: true } } },
        expiration: { required: true, fields: { days: { required: true } } },
        filter: { required: true, fields: { prefix: { required: true, keepEmpty: true } } },
        id: { required: true, api: "ID" },
        noncurrentVersionExpiration: { required: true, fields: { noncurrentDays: { required: true } } },
        status: { required: true, allowed: Object.values(s3.ExpirationStatus) },
      },
    },
  },
  gone: "NoSuchLifecycleConfiguration",
  put: s3.PutBucketLifecycleConfigurationCommand,
  get: s3.GetBucketLifecycleConfigurationCommand,
  clear: s3.DeleteBucketLifecycleCommand,
});

export const s3Resources: Record<string, AwsResource> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketVersioning:BucketVersioning": versioning,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycleConfiguration,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownershipControls,
};
