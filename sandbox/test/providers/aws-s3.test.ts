import {
  DeletePublicAccessBlockCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { DEFAULT_TAGS, deleteAll, EmulatedResource, emulated, policy } from "./emulated-resource.ts";

afterAll(deleteAll);

describe("S3", () => {
  test("a bucket and its settings", async () => {
    const bucket = await EmulatedResource.create("aws:s3/bucket:Bucket", { tags: { a: "1" } });
    const name = bucket.id;
    expect(bucket.state).toMatchObject({
      arn: `arn:aws:s3:::${name}`,
      tagsAll: { ...DEFAULT_TAGS, a: "1" },
    });
    await bucket.update({ tags: { b: "2" } });

    const versions = { bucket: name, versioningConfiguration: { status: "Enabled" } };
    const versioning = await EmulatedResource.create("aws:s3/bucketVersioning:BucketVersioning", versions);
    const s3 = emulated.client(S3Client);
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
    await versioning.refresh();
    expect(await versioning.diff(versions)).toEqual(["update versioningConfiguration.status"]);
    await versioning.delete(true);
    expect(versioning.state.versioningConfiguration).toEqual({ status: "Suspended" });

    const sse = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    const kms = { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:ap-northeast-2:123456789012:key/x" };
    const rules = { bucket: name, rules: [{ applyServerSideEncryptionByDefault: kms, bucketKeyEnabled: true }] };
    const encryption = await EmulatedResource.create(sse, rules);
    await encryption.update({ ...rules, rules: [{ applyServerSideEncryptionByDefault: kms }] });
    await encryption.delete(true);

    const open = { bucket: name, blockPublicAcls: true, restrictPublicBuckets: true };
    const block = await EmulatedResource.create("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", open);
    await block.update({ ...open, blockPublicPolicy: true, ignorePublicAcls: true });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: name }));
    expect(await block.refresh()).toBe(false);

    const owner = { bucket: name, rule: { objectOwnership: "BucketOwnerEnforced" } };
    const ownership = await EmulatedResource.create("aws:s3/bucketOwnershipControls:BucketOwnershipControls", owner);
    await ownership.update({ bucket: name, rule: { objectOwnership: "BucketOwnerPreferred" } });
    await ownership.delete();

    const deny = (Action: string): string =>
      policy({ Effect: "Deny", Principal: "*", Action, Resource: [bucket.state.arn] });
    const access = await EmulatedResource.create("aws:s3/bucketPolicy:BucketPolicy", {
      bucket: name,
      policy: deny("s3:*"),
    });
    await access.update({ bucket: name, policy: deny("s3:GetObject") });
    await access.delete();
    await bucket.delete();
  });

  test("rules of a bucket's objects", async () => {
    const { id: bucket } = await EmulatedResource.create("aws:s3/bucket:Bucket", {});
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
    const lifecycle = await EmulatedResource.create(
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      given,
    );
    await lifecycle.refresh();
    expect(await lifecycle.diff(given)).toEqual([]);
    const [first] = given.rules as PropertyMap[];
    await lifecycle.update({ bucket, rules: [{ ...first, expiration: { days: 30 } }] });
    expect(await lifecycle.diff({ bucket, rules: [{ ...first, status: "Disabled" }] })).toEqual([
      "update rules[0].expiration.days",
      "update rules[0].status",
    ]);
    await lifecycle.delete();
  });

  test("a bucket with objects goes only where forceDestroy says so, with all their versions", async () => {
    const bucket = await EmulatedResource.create("aws:s3/bucket:Bucket", {});
    const versions = { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } };
    await EmulatedResource.create("aws:s3/bucketVersioning:BucketVersioning", versions);
    const s3 = emulated.client(S3Client);
    for (const Body of ["1", "2"]) await s3.send(new PutObjectCommand({ Bucket: bucket.id, Key: "release", Body }));
    await expect(bucket.delete()).rejects.toThrow(/still has objects; with forceDestroy: true/);
    await bucket.update({ forceDestroy: true });
    await bucket.delete();
  });
});
