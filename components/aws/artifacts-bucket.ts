import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ArtifactsConfig } from "../../config/index.ts";

/** Releases are written once: an older version is there only because somebody overwrote or deleted one by mistake. */
const NONCURRENT_DAYS = 30;
const INCOMPLETE_UPLOAD_DAYS = 7;

export interface ArtifactsBucketArgs {
  /** KMS key of the environment. */
  keyArn: pulumi.Input<string>;
  config: ArtifactsConfig;
  /** data: neither an update nor a destroy deletes the bucket. none: it is deleted with all that is in it. */
  protect: "data" | "none";
}

/** Bucket of what a release is made of: private, versioned, encrypted by the environment's key, reached by TLS only. */
export class ArtifactsBucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;

  constructor(name: string, args: ArtifactsBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ArtifactsBucket", name, {}, opts);
    const { keyArn, config, protect } = args;

    const bucket = this.createBucket(name, protect);
    this.close(name, bucket);
    this.encrypt(name, bucket, keyArn);
    this.expire(name, bucket, config.retainDays);

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

  /** Out of reach of the public and of plain HTTP; no object belongs to anybody but the account. */
  private close(name: string, bucket: aws.s3.Bucket): void {
    const block = new aws.s3.BucketPublicAccessBlock(
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
    const ownership = new aws.s3.BucketOwnershipControls(
      `${name}-artifacts`,
      { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      // S3 refuses two changes of a bucket's access at once.
      { parent: this, dependsOn: block },
    );
    new aws.s3.BucketPolicy(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "TlsOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      },
      { parent: this, dependsOn: ownership },
    );
  }

  private encrypt(name: string, bucket: aws.s3.Bucket, keyArn: pulumi.Input<string>): void {
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            // One request to KMS for many objects: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
            bucketKeyEnabled: true,
          },
        ],
      },
      { parent: this },
    );
  }

  private expire(name: string, bucket: aws.s3.Bucket, retainDays: number): void {
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
      // Without versions, expiring would delete for good what it is to make noncurrent.
      { parent: this, dependsOn: versioning },
    );
  }
}
