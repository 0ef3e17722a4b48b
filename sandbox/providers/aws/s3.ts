import type { AwsResource } from "./resource.ts";
import { bucket } from "./s3-bucket.ts";
import { lifecycleConfiguration } from "./s3-lifecycle.ts";
import { bucketPolicy, encryption, ownershipControls, publicAccessBlock, versioning } from "./s3-settings.ts";

export const s3Resources: Record<string, AwsResource> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketVersioning:BucketVersioning": versioning,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycleConfiguration,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownershipControls,
};
