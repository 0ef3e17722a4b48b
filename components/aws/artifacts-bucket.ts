import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ArtifactsConfig } from "../../config/index.ts";
import { policyJson } from "./access/iam-policy.ts";

/** A release is uploaded once, so a noncurrent version exists only if somebody overwrote or deleted it by mistake. */
const NONCURRENT_DAYS = 30;
const INCOMPLETE_UPLOAD_DAYS = 7;

export interface ArtifactsBucketArgs {
  /** KMS key of the environment. */
  kmsKeyArn: pulumi.Input<string>;
  config: ArtifactsConfig;
  /** data: neither an update nor a destroy deletes the bucket. none: it is deleted with all objects in it. */
  protect: "data" | "none";
}

/** Bucket of the releases' artifacts: private, versioned, encrypted by the environment's KMS key, reachable by TLS only. */
export class ArtifactsBucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;

  constructor(name: string, args: ArtifactsBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ArtifactsBucket", name, {}, opts);
    const { kmsKeyArn, config, protect } = args;

    const bucket = this.createBucket(name, protect);
    const ownership = this.blockPublicAccess(name, bucket);
    this.requireTls(name, bucket, ownership);
    this.encrypt(name, bucket, kmsKeyArn);
    this.expireArtifacts(name, bucket, config.retainDays);

    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }

  private createBucket(name: string, protect: "data" | "none"): aws.s3.Bucket {
    return new aws.s3.Bucket(
      `${name}-artifacts`,
      { forceDestroy: protect === "none" },
      { parent: this, protect: protect === "data" },
    );
  }

  /** No public access, and every object belongs to the bucket's account. */
  private blockPublicAccess(name: string, bucket: aws.s3.Bucket): aws.s3.BucketOwnershipControls {
    const publicAccessBlock = new aws.s3.BucketPublicAccessBlock(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent: this },
    );
    return new aws.s3.BucketOwnershipControls(
      `${name}-artifacts`,
      { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      // S3 refuses two concurrent changes of a bucket's access.
      { parent: this, dependsOn: publicAccessBlock },
    );
  }

  private requireTls(name: string, bucket: aws.s3.Bucket, ownership: aws.s3.BucketOwnershipControls): void {
    new aws.s3.BucketPolicy(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        policy: policyJson({
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      },
      // As above: one change of access at a time.
      { parent: this, dependsOn: ownership },
    );
  }

  private encrypt(name: string, bucket: aws.s3.Bucket, kmsKeyArn: pulumi.Input<string>): void {
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
            // Fewer requests to KMS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
            bucketKeyEnabled: true,
          },
        ],
      },
      { parent: this },
    );
  }

  private expireArtifacts(name: string, bucket: aws.s3.Bucket, retainDays: number): void {
    const versioning = new aws.s3.BucketVersioning(
      `${name}-artifacts`,
      { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
      { parent: this },
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            id: "releases",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: retainDays },
            noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: INCOMPLETE_UPLOAD_DAYS },
          },
        ],
      },
      // Without versioning, expiration deletes objects instead of making them noncurrent.
      { parent: this, dependsOn: versioning },
    );
  }
}
