import type * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { ArtifactsBucket, type ArtifactsBucketArgs } from "../../../components/aws/artifacts-bucket.ts";
import { type Mocked, mockAws, one, resolved } from "./mocked-aws.ts";

const KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1";
const BUCKET = "aws:s3/bucket:Bucket";
const NAME = "shop-prod-artifacts-0a1b2c3";

let bucket: ArtifactsBucket;

function declare(args: Partial<ArtifactsBucketArgs> = {}): Promise<Mocked[]> {
  return mockAws({ [BUCKET]: () => ({ bucket: NAME, arn: `arn:aws:s3:::${NAME}` }) }, (opts) => {
    bucket = new ArtifactsBucket(
      "shop-prod",
      { keyArn: KEY, protect: "data", config: { retainDays: 365 }, ...args },
      opts,
    );
  });
}

const settings = (declared: Mocked[], kind: string) =>
  one(declared, `aws:s3/bucket${kind}:Bucket${kind}`, "shop-prod-artifacts").inputs;

describe("the bucket of artifacts", () => {
  let declared: Mocked[];
  beforeAll(async () => {
    declared = await declare();
  });

  it("leaves its name to Pulumi, for bucket names are the world's", () => {
    expect(one(declared, BUCKET, "shop-prod-artifacts").inputs).toEqual({ forceDestroy: false });
  });

  it("is closed to the public, and to objects of others", () => {
    expect(settings(declared, "PublicAccessBlock")).toEqual({
      bucket: NAME,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(settings(declared, "OwnershipControls")).toEqual({
      bucket: NAME,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
  });

  it("is reached by TLS only", () => {
    expect(JSON.parse(String(settings(declared, "Policy").policy)).Statement).toEqual([
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${NAME}`, `arn:aws:s3:::${NAME}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("is changed one step at a time where S3 needs it so", async () => {
    const waitsFor = async (kind: string) => {
      const { dependsOn } = one(declared, `aws:s3/bucket${kind}:Bucket${kind}`).opts;
      const [before] = [dependsOn].flat() as pulumi.Resource[];
      return before && resolved(before.urn);
    };
    expect(await waitsFor("Policy")).toMatch(/bucketOwnershipControls:BucketOwnershipControls::shop-prod-artifacts$/);
    expect(await waitsFor("OwnershipControls")).toMatch(/bucketPublicAccessBlock:BucketPublicAccessBlock::/);
    expect(await waitsFor("LifecycleConfiguration")).toMatch(/bucketVersioning:BucketVersioning::/);
  });

  it("is encrypted by the environment's key", () => {
    expect(settings(declared, "ServerSideEncryptionConfiguration").rules).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY },
        bucketKeyEnabled: true,
      },
    ]);
  });

  it("keeps versions, each release for a year, mistakes for a month and half an upload for a week", () => {
    expect(settings(declared, "Versioning").versioningConfiguration).toEqual({ status: "Enabled" });
    expect(settings(declared, "LifecycleConfiguration").rules).toEqual([
      {
        id: "releases",
        status: "Enabled",
        filter: { prefix: "" },
        expiration: { days: 365 },
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
    ]);
  });

  it("keeps releases as long as the config says", async () => {
    const rules = settings(await declare({ config: { retainDays: 90 } }), "LifecycleConfiguration").rules;
    expect(rules).toMatchObject([{ expiration: { days: 90 } }]);
  });

  it("is protected, or goes with all that is in it", async () => {
    expect(one(declared, BUCKET).opts.protect).toBe(true);
    const { inputs, opts } = one(await declare({ protect: "none" }), BUCKET);
    expect(opts.protect).toBe(false);
    expect(inputs.forceDestroy).toBe(true);
  });

  it("tells its name", async () => {
    await declare();
    expect(await resolved(bucket.bucketName)).toBe(NAME);
    expect(await resolved(bucket.bucketArn)).toBe(`arn:aws:s3:::${NAME}`);
  });
});
