import {
  BucketVersioningStatus,
  DeleteBucketEncryptionCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type MFADelete,
  ObjectOwnership,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { notAmong } from "./input-faults.ts";
import { flag, items, object, requiredText, text } from "./props.ts";
import { bucketSetting } from "./s3-bucket-setting.ts";

/** `aws:s3/bucketVersioning:BucketVersioning`. What was never on is `Disabled`; what was on once can only be suspended. */
export const versioning = bucketSetting({
  inputs: {
    versioningConfiguration: { required: true, fields: { mfaDelete: { computed: true }, status: { required: true } } },
  },
  validate: (props) =>
    notAmong("versioningConfiguration.status", object(props, "versioningConfiguration")?.status, [
      ...Object.values(BucketVersioningStatus),
      "Disabled",
    ]),
  async put(s3, Bucket, props) {
    const given = object(props, "versioningConfiguration") ?? {};
    const Status = requiredText(given, "status");
    if (Status === "Disabled") return;
    const MFADelete = text(given, "mfaDelete") as MFADelete | undefined;
    const VersioningConfiguration = { Status: Status as BucketVersioningStatus, MFADelete };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  },
  async get(s3, Bucket) {
    const found = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    return { versioningConfiguration: { mfaDelete: found.MFADelete, status: found.Status ?? "Disabled" } };
  },
  async clear(s3, Bucket, props) {
    if (text(object(props, "versioningConfiguration") ?? {}, "status") === "Disabled") return;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
  },
});

/** `aws:s3/bucketServerSideEncryptionConfiguration:…`. A bucket always has one: without this it is S3's own key. */
export const encryption = bucketSetting({
  inputs: {
    rules: {
      required: true,
      set: true,
      fields: {
        applyServerSideEncryptionByDefault: { fields: { kmsMasterKeyId: {}, sseAlgorithm: { required: true } } },
        bucketKeyEnabled: {},
      },
    },
  },
  gone: ["ServerSideEncryptionConfigurationNotFoundError"],
  validate: (props) =>
    items(props, "rules").flatMap((rule, index) =>
      notAmong(
        `rules[${index}].applyServerSideEncryptionByDefault.sseAlgorithm`,
        object(rule, "applyServerSideEncryptionByDefault")?.sseAlgorithm,
        Object.values(ServerSideEncryption),
      ),
    ),
  async put(s3, Bucket, props) {
    const Rules = items(props, "rules").map((rule) => {
      const byDefault = object(rule, "applyServerSideEncryptionByDefault");
      return {
        ApplyServerSideEncryptionByDefault: byDefault && {
          KMSMasterKeyID: text(byDefault, "kmsMasterKeyId"),
          SSEAlgorithm: requiredText(byDefault, "sseAlgorithm") as ServerSideEncryption,
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
        applyServerSideEncryptionByDefault: byDefault && {
          kmsMasterKeyId: byDefault.KMSMasterKeyID,
          sseAlgorithm: byDefault.SSEAlgorithm,
        },
        bucketKeyEnabled: BucketKeyEnabled,
      })),
    };
  },
  clear: (s3, Bucket) => s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
});

/** `aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock`. */
export const publicAccessBlock = bucketSetting({
  inputs: {
    blockPublicAcls: { default: false },
    blockPublicPolicy: { default: false },
    ignorePublicAcls: { default: false },
    restrictPublicBuckets: { default: false },
  },
  gone: ["NoSuchPublicAccessBlockConfiguration"],
  async put(s3, Bucket, props) {
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: flag(props, "blockPublicAcls"),
      BlockPublicPolicy: flag(props, "blockPublicPolicy"),
      IgnorePublicAcls: flag(props, "ignorePublicAcls"),
      RestrictPublicBuckets: flag(props, "restrictPublicBuckets"),
    };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  },
  async get(s3, Bucket) {
    const found = (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
    return {
      blockPublicAcls: found?.BlockPublicAcls ?? false,
      blockPublicPolicy: found?.BlockPublicPolicy ?? false,
      ignorePublicAcls: found?.IgnorePublicAcls ?? false,
      restrictPublicBuckets: found?.RestrictPublicBuckets ?? false,
    };
  },
  clear: (s3, Bucket) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
});

/** `aws:s3/bucketPolicy:BucketPolicy`. */
export const bucketPolicy = bucketSetting({
  inputs: { policy: { required: true, json: "policy" } },
  gone: ["NoSuchBucketPolicy"],
  put: (s3, Bucket, props) => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: requiredText(props, "policy") })),
  get: async (s3, Bucket) => ({ policy: (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy }),
  clear: (s3, Bucket) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
});

/** `aws:s3/bucketOwnershipControls:BucketOwnershipControls`. */
export const ownershipControls = bucketSetting({
  inputs: { rule: { required: true, fields: { objectOwnership: { required: true } } } },
  gone: ["OwnershipControlsNotFoundError"],
  validate: (props) =>
    notAmong("rule.objectOwnership", object(props, "rule")?.objectOwnership, Object.values(ObjectOwnership)),
  async put(s3, Bucket, props) {
    const ObjectOwnership = requiredText(object(props, "rule") ?? {}, "objectOwnership") as ObjectOwnership;
    const OwnershipControls = { Rules: [{ ObjectOwnership }] };
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  },
  async get(s3, Bucket) {
    const found = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    const [rule] = found.OwnershipControls?.Rules ?? [];
    return { rule: { objectOwnership: rule?.ObjectOwnership } };
  },
  clear: (s3, Bucket) => s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
});
