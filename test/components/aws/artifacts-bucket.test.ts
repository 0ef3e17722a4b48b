import type * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { ArtifactsBucket, type ArtifactsBucketArgs } from "../../../components/aws/artifacts-bucket.ts";
import { type Declarations, declareAll, resolved } from "./declared.ts";

const KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1";
const BUCKET = "aws:s3/bucket:Bucket";
const NAME = "shop-prod-artifacts-0a1b2c3";

let bucket: ArtifactsBucket;

function declare(args: Partial<ArtifactsBucketArgs> = {}): Promise<Declarations> {
  const answers = { [BUCKET]: () => ({ bucket: NAME, arn: `arn:aws:s3:::${NAME}` }) };
  return declareAll(
    (opts) => {
      bucket = new ArtifactsBucket(
        "shop-prod",
        { kmsKeyArn: KEY, protect: "data", config: { retainDays: 365 }, ...args },
        opts,
      );
    },
    { answers },
  );
}

const settings = (declared: Declarations, kind: string) =>
  declared.one(`aws:s3/bucket${kind}:Bucket${kind}`, "shop-prod-artifacts").inputs;

describe("ArtifactsBucket", () => {
  let declared: Declarations;
  beforeAll(async () => {
    declared = await declare();
  });

  it("leaves its name to Pulumi, because bucket names are globally unique", () => {
    expect(declared.one(BUCKET, "shop-prod-artifacts").inputs).toEqual({ forceDestroy: false });
  });

  it("blocks public access and owns all objects", () => {
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

  it("refuses requests without TLS", () => {
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

  it("changes its settings one after another where S3 refuses concurrent changes", async () => {
    const waitsFor = async (kind: string) => {
      const { dependsOn } = declared.one(`aws:s3/bucket${kind}:Bucket${kind}`).opts;
      const [before] = [dependsOn].flat() as pulumi.Resource[];
      return before && resolved(before.urn);
    };
    expect(await waitsFor("Policy")).toMatch(/bucketOwnershipControls:BucketOwnershipControls::shop-prod-artifacts$/);
    expect(await waitsFor("OwnershipControls")).toMatch(/bucketPublicAccessBlock:BucketPublicAccessBlock::/);
    expect(await waitsFor("LifecycleConfiguration")).toMatch(/bucketVersioning:BucketVersioning::/);
  });

  it("is encrypted by the environment's KMS key", () => {
    expect(settings(declared, "ServerSideEncryptionConfiguration").rules).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY },
        bucketKeyEnabled: true,
      },
    ]);
  });

  it("keeps releases for a year, noncurrent versions for a month and incomplete uploads for a week", () => {
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

  it("keeps releases for the days in the config", async () => {
    const rules = settings(await declare({ config: { retainDays: 90 } }), "LifecycleConfiguration").rules;
    expect(rules).toMatchObject([{ expiration: { days: 90 } }]);
  });

  it("is protected, or deleted with all objects in it", async () => {
    expect(declared.one(BUCKET).opts.protect).toBe(true);
    const { inputs, opts } = (await declare({ protect: "none" })).one(BUCKET);
    expect(opts.protect).toBe(false);
    expect(inputs.forceDestroy).toBe(true);
  });

  it("outputs its name and ARN", async () => {
    await declare();
    expect(await resolved(bucket.bucketName)).toBe(NAME);
    expect(await resolved(bucket.bucketArn)).toBe(`arn:aws:s3:::${NAME}`);
  });
});
