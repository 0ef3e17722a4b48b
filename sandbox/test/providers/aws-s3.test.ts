import {
  DeletePublicAccessBlockCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { DEFAULT_TAGS, emulated, endAll, Life, policy } from "./aws-life.ts";

afterAll(endAll);

describe("S3", () => {
  test("a bucket and its settings", async () => {
    const bucket = await Life.begin("aws:s3/bucket:Bucket", { tags: { a: "1" } });
    const name = bucket.id;
    expect(bucket.state).toMatchObject({
      arn: `arn:aws:s3:::${name}`,
      tagsAll: { ...DEFAULT_TAGS, a: "1" },
    });
    await bucket.change({ tags: { b: "2" } });

    const versions = { bucket: name, versioningConfiguration: { status: "Enabled" } };
    const versioning = await Life.begin("aws:s3/bucketVersioning:BucketVersioning", versions);
    const s3 = emulated.client(S3Client);
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
    await versioning.refresh();
    expect(await versioning.plan(versions)).toEqual(["update versioningConfiguration.status"]);
    await versioning.end(true);
    expect(versioning.state.versioningConfiguration).toEqual({ status: "Suspended" });

    const sse = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    const kms = { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:ap-northeast-2:123456789012:key/x" };
    const rules = { bucket: name, rules: [{ applyServerSideEncryptionByDefault: kms, bucketKeyEnabled: true }] };
    const encryption = await Life.begin(sse, rules);
    await encryption.change({ ...rules, rules: [{ applyServerSideEncryptionByDefault: kms }] });
    await encryption.end(true);

    const open = { bucket: name, blockPublicAcls: true, restrictPublicBuckets: true };
    const block = await Life.begin("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", open);
    await block.change({ ...open, blockPublicPolicy: true, ignorePublicAcls: true });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: name }));
    expect(await block.refresh()).toBe(false);

    const owner = { bucket: name, rule: { objectOwnership: "BucketOwnerEnforced" } };
    const ownership = await Life.begin("aws:s3/bucketOwnershipControls:BucketOwnershipControls", owner);
    await ownership.change({ bucket: name, rule: { objectOwnership: "BucketOwnerPreferred" } });
    await ownership.end();

    const deny = (Action: string): string =>
      policy({ Effect: "Deny", Principal: "*", Action, Resource: [bucket.state.arn] });
    const access = await Life.begin("aws:s3/bucketPolicy:BucketPolicy", { bucket: name, policy: deny("s3:*") });
    await access.change({ bucket: name, policy: deny("s3:GetObject") });
    await access.end();
    await bucket.end();
  });

  test("rules of a bucket's objects", async () => {
    const { id: bucket } = await Life.begin("aws:s3/bucket:Bucket", {});
    const given: PropertyMap = {
      bucket,
      rules: [
        {
          id: "releases",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: 365 },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    };
    const lifecycle = await Life.begin("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", given);
    await lifecycle.refresh();
    expect(await lifecycle.plan(given)).toEqual([]);
    const [first] = given.rules as PropertyMap[];
    await lifecycle.change({ bucket, rules: [{ ...first, expiration: { days: 30 } }] });
    expect(await lifecycle.plan({ bucket, rules: [{ ...first, status: "Disabled" }] })).toEqual([
      "update rules[0].expiration.days",
      "update rules[0].status",
    ]);
    await lifecycle.end();
  });

  test("a bucket with objects goes only where forceDestroy says so, with all their versions", async () => {
    const bucket = await Life.begin("aws:s3/bucket:Bucket", {});
    const versions = { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } };
    await Life.begin("aws:s3/bucketVersioning:BucketVersioning", versions);
    const s3 = emulated.client(S3Client);
    for (const Body of ["1", "2"]) await s3.send(new PutObjectCommand({ Bucket: bucket.id, Key: "release", Body }));
    await expect(bucket.end()).rejects.toThrow(/still has objects; with forceDestroy: true/);
    await bucket.change({ forceDestroy: true });
    await bucket.end();
  });
});
