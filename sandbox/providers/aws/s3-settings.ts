import {
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  ExpirationStatus,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  ObjectOwnership,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { unlessGone } from "./errors.ts";
import { flag, items, number, object, requiredText, text } from "./props.ts";
import type { AwsResource, InputRule, Outputs, Props } from "./resource.ts";

const NO_BUCKET = "NoSuchBucket";

/** One setting of a bucket, which S3 keeps whole: it is put, got and cleared. */
interface BucketSetting {
  /** But for `bucket`, which all have. */
  inputs: Record<string, InputRule>;
  /** Code of the error that says that the bucket is without it. @default none */
  gone?: string;
  put(s3: S3Client, bucket: string, props: Props): Promise<unknown>;
  get(s3: S3Client, bucket: string): Promise<Outputs>;
  clear(s3: S3Client, bucket: string): Promise<unknown>;
}

/** The resource type of a setting. Its id is the bucket's name. */
function bucketSetting({ inputs, gone = NO_BUCKET, put, get, clear }: BucketSetting): AwsResource {
  return {
    inputs: { bucket: { required: true, forcesNew: true }, ...inputs },
    async create(props, aws) {
      const bucket = requiredText(props, "bucket");
      await put(aws.client(S3Client), bucket, props);
      return bucket;
    },
    async read(id, _known, aws) {
      const found = await unlessGone(get(aws.client(S3Client), id), NO_BUCKET, gone);
      return found && { bucket: id, ...found };
    },
    async update(id, props, _old, _changed, aws) {
      await put(aws.client(S3Client), id, props);
    },
    async delete(id, _props, aws) {
      await unlessGone(clear(aws.client(S3Client), id), NO_BUCKET, gone);
    },
  };
}

/** What was on once can only be suspended. */
const versioning = bucketSetting({
  inputs: {
    versioningConfiguration: { required: true, fields: { status: { required: true, allowed: ["Enabled"] } } },
  },
  put: (s3, Bucket) =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })),
  async get(s3, Bucket) {
    const { Status = "Disabled" } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    return { versioningConfiguration: { status: Status } };
  },
  clear: (s3, Bucket) =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
});

/** A bucket always has one: without this it is S3's own key. */
const encryption = bucketSetting({
  inputs: {
    rules: {
      required: true,
      set: true,
      fields: {
        applyServerSideEncryptionByDefault: {
          required: true,
          fields: {
            kmsMasterKeyId: {},
            sseAlgorithm: { required: true, allowed: Object.values(ServerSideEncryption) },
          },
        },
        bucketKeyEnabled: {},
      },
    },
  },
  gone: "ServerSideEncryptionConfigurationNotFoundError",
  async put(s3, Bucket, props) {
    const Rules = items(props, "rules").map((rule) => {
      const byDefault = object(rule, "applyServerSideEncryptionByDefault") ?? {};
      return {
        ApplyServerSideEncryptionByDefault: {
          KMSMasterKeyID: text(byDefault, "kmsMasterKeyId"),
          SSEAlgorithm: text(byDefault, "sseAlgorithm") as ServerSideEncryption,
        },
        BucketKeyEnabled: flag(rule, "bucketKeyEnabled"),
      };
    });
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
  },
  async get(s3, Bucket) {
    const found = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const rules = found.ServerSideEncryptionConfiguration?.Rules ?? [];
    return {
      rules: rules.map(({ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled }) => ({
        applyServerSideEncryptionByDefault: {
          kmsMasterKeyId: byDefault?.KMSMasterKeyID,
          sseAlgorithm: byDefault?.SSEAlgorithm,
        },
        bucketKeyEnabled: BucketKeyEnabled,
      })),
    };
  },
  clear: (s3, Bucket) => s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
});

const BLOCKS = {
  blockPublicAcls: "BlockPublicAcls",
  blockPublicPolicy: "BlockPublicPolicy",
  ignorePublicAcls: "IgnorePublicAcls",
  restrictPublicBuckets: "RestrictPublicBuckets",
} as const;

const publicAccessBlock = bucketSetting({
  inputs: Object.fromEntries(Object.keys(BLOCKS).map((name): [string, InputRule] => [name, { default: false }])),
  gone: "NoSuchPublicAccessBlockConfiguration",
  async put(s3, Bucket, props) {
    const given = Object.entries(BLOCKS).map(([name, member]) => [member, flag(props, name)]);
    const PublicAccessBlockConfiguration = Object.fromEntries(given) as Record<string, boolean>;
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  },
  async get(s3, Bucket) {
    const found = (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
    return Object.fromEntries(Object.entries(BLOCKS).map(([name, member]) => [name, found?.[member] ?? false]));
  },
  clear: (s3, Bucket) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
});

const bucketPolicy = bucketSetting({
  inputs: { policy: { required: true, json: true } },
  gone: "NoSuchBucketPolicy",
  put: (s3, Bucket, props) => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: requiredText(props, "policy") })),
  get: async (s3, Bucket) => ({ policy: (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy }),
  clear: (s3, Bucket) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
});

const ownershipControls = bucketSetting({
  inputs: {
    rule: {
      required: true,
      fields: { objectOwnership: { required: true, allowed: Object.values(ObjectOwnership) } },
    },
  },
  gone: "OwnershipControlsNotFoundError",
  async put(s3, Bucket, props) {
    const ObjectOwnership = text(object(props, "rule") ?? {}, "objectOwnership") as ObjectOwnership;
    const OwnershipControls = { Rules: [{ ObjectOwnership }] };
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  },
  async get(s3, Bucket) {
    const found = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    return { rule: { objectOwnership: found.OwnershipControls?.Rules?.[0]?.ObjectOwnership } };
  },
  clear: (s3, Bucket) => s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
});

/** When objects go. */
const lifecycleConfiguration = bucketSetting({
  inputs: {
    rules: {
      required: true,
      fields: {
        abortIncompleteMultipartUpload: { required: true, fields: { daysAfterInitiation: { required: true } } },
        expiration: { required: true, fields: { days: { required: true } } },
        filter: { required: true, fields: { prefix: { required: true } } },
        id: { required: true },
        noncurrentVersionExpiration: { required: true, fields: { noncurrentDays: { required: true } } },
        status: { required: true, allowed: Object.values(ExpirationStatus) },
      },
    },
  },
  gone: "NoSuchLifecycleConfiguration",
  async put(s3, Bucket, props) {
    const Rules = items(props, "rules").map((rule) => {
      const inside = (key: string, name: string) => number(object(rule, key) ?? {}, name);
      return {
        ID: text(rule, "id"),
        Status: text(rule, "status") as ExpirationStatus,
        Filter: { Prefix: String(object(rule, "filter")?.prefix) },
        AbortIncompleteMultipartUpload: {
          DaysAfterInitiation: inside("abortIncompleteMultipartUpload", "daysAfterInitiation"),
        },
        Expiration: { Days: inside("expiration", "days") },
        NoncurrentVersionExpiration: { NoncurrentDays: inside("noncurrentVersionExpiration", "noncurrentDays") },
      };
    });
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  },
  async get(s3, Bucket) {
    const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    return {
      rules: Rules.map((rule) => ({
        abortIncompleteMultipartUpload: {
          daysAfterInitiation: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
        },
        expiration: { days: rule.Expiration?.Days },
        filter: { prefix: rule.Filter?.Prefix },
        id: rule.ID,
        noncurrentVersionExpiration: { noncurrentDays: rule.NoncurrentVersionExpiration?.NoncurrentDays },
        status: rule.Status,
      })),
    };
  },
  clear: (s3, Bucket) => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
});

export const bucketSettings: Record<string, AwsResource> = {
  "aws:s3/bucketVersioning:BucketVersioning": versioning,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycleConfiguration,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownershipControls,
};
