import { describe, expect, it } from "vitest";
import { deployPolicy, previewPolicy } from "../../../../components/aws/access/deploy-policies.ts";
import type { PolicyDocument } from "../../../../components/aws/access/iam-policy.ts";
import { statePolicy } from "../../../../components/aws/access/state-policies.ts";
import { ACCOUNT, inRegion, permissions, REGION } from "./deploy-permissions.ts";
import { allows } from "./evaluate-policy.ts";

const BUCKET = "arn:aws:s3:::example-pulumi-state";
const keyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1a2b3c4d-0000-4000-8000-000000000000`;
const of = (stack: string) => ({
  project: "slipway",
  stack,
  accountId: ACCOUNT,
  state: { bucket: "example-pulumi-state", keyArn },
});
const roles: [string, PolicyDocument][] = [
  ["deploy", statePolicy(of("dev"), "write")],
  ["preview", statePolicy(of("dev"), "read")],
];

/** The objects of a stack in a self-managed backend, as the engine names them. */
const objectsOf = (stack: string) => [
  `${BUCKET}/.pulumi/stacks/slipway/${stack}.json`,
  `${BUCKET}/.pulumi/stacks/slipway/${stack}.json.bak`,
  `${BUCKET}/.pulumi/stacks/slipway/${stack}.json.gz`,
  `${BUCKET}/.pulumi/history/slipway/${stack}/${stack}-1764480000000000000.history.json`,
  `${BUCKET}/.pulumi/history/slipway/${stack}/${stack}-1764480000000000000.checkpoint.json`,
  `${BUCKET}/.pulumi/backups/slipway/${stack}/${stack}.1764480000000000000.json`,
  `${BUCKET}/.pulumi/locks/organization/slipway/${stack}/0b1c2d3e.json`,
];
const ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"];
const mayOn = (policy: PolicyDocument, resource: string) =>
  ACTIONS.filter((action) => allows(policy, { action, resource, context: inRegion }));
const decrypts = (policy: PolicyDocument, context: Record<string, string>, resource = keyArn) =>
  allows(policy, { action: "kms:Decrypt", resource, context: { ...inRegion, ...context } });

describe("dev's roles", () => {
  it.each(objectsOf("dev"))("read %s, and only a deploy writes it; its versions stay", (object) => {
    const [deploy, preview] = roles.map(([, policy]) => mayOn(policy, object));
    expect(deploy).toEqual(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    expect(preview).toEqual(["s3:GetObject"]);
  });

  describe.each(roles)("%s", (_, policy) => {
    // The last ones have names that begin as dev's does.
    it.each(["prod", "staging", "dev2", "dev.eu", "dev-eu", "dev.json"].flatMap(objectsOf))(
      "may not touch %s",
      (object) => {
        expect(mayOn(policy, object)).toEqual([]);
      },
    );

    it.each([
      `${BUCKET}/.pulumi/stacks/billing/dev.json`,
      `${BUCKET}/.pulumi/locks/dev/0b1c2d3e.json`,
      `${BUCKET}/anything`,
      "arn:aws:s3:::other/.pulumi/stacks/slipway/dev.json",
    ])("may not touch %s", (object) => {
      expect(mayOn(policy, object)).toEqual([]);
    });

    it("reads the backend's version and cannot change it", () => {
      expect(mayOn(policy, `${BUCKET}/.pulumi/meta.yaml`)).toEqual(["s3:GetObject"]);
    });

    it("changes nothing of the bucket", () => {
      for (const action of [
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "s3:DeleteBucket",
        "s3:PutLifecycleConfiguration",
      ]) {
        expect(allows(policy, { action, resource: BUCKET, context: inRegion }), action).toBe(false);
      }
      expect(allows(policy, { action: "s3:ListBucket", resource: BUCKET, context: inRegion })).toBe(true);
    });

    it("decrypts the secrets of its stack, and nothing of another one or without a context", () => {
      expect(decrypts(policy, { "kms:EncryptionContext:environment": "dev" })).toBe(true);
      expect(decrypts(policy, { "kms:EncryptionContext:environment": "prod" })).toBe(false);
      expect(decrypts(policy, { "kms:EncryptionContext:stack": "dev" })).toBe(false);
      expect(decrypts(policy, {})).toBe(false);
      const other = `arn:aws:kms:${REGION}:${ACCOUNT}:key/other`;
      expect(decrypts(policy, { "kms:EncryptionContext:environment": "dev" }, other)).toBe(false);
    });

    it("neither encrypts nor changes the key", () => {
      for (const action of ["kms:Encrypt", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:ScheduleKeyDeletion"]) {
        const context = { ...inRegion, "kms:EncryptionContext:environment": "dev" };
        expect(allows(policy, { action, resource: keyArn, context }), action).toBe(false);
      }
    });
  });
});

it("fits a managed policy with the longest names", () => {
  const state = { bucket: "b".repeat(63), keyArn };
  const long = statePolicy({ ...of("s".repeat(40)), project: "p".repeat(100), state }, "write");
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  expect(JSON.stringify(long).length).toBeLessThanOrEqual(6_144);
});

it("without a place of the state, the roles have no right to it", () => {
  for (const policy of [deployPolicy(permissions), previewPolicy(permissions)]) {
    for (const object of objectsOf("prod")) expect(mayOn(policy, object)).toEqual([]);
    expect(decrypts(policy, { "kms:EncryptionContext:environment": "prod" })).toBe(false);
  }
});
