import { DELIVERY_PATH } from "./deploy-policies.ts";
import { allow, type PolicyDocument, policyDocument } from "./iam-policy.ts";

/** Where Pulumi keeps a stack's state, and the KMS key of its secrets. */
export interface StateLocation {
  bucket: string;
  keyArn: string;
}

export interface StatePermissions {
  /** Name in Pulumi.yaml. */
  project: string;
  stack: string;
  accountId: string;
  state: StateLocation;
}

/**
 * Lets a role read a stack's state and decrypt its secrets, a deploy also write the state, and those of no other stack. Whoever could
 * write another stack's state could run a program in its next update: the engine starts the plugin of every provider in the state.
 * Nothing deletes the versions that the bucket keeps.
 *
 * A managed policy, because the role's inline policies have no room left.
 */
export function statePolicy(
  { project, stack, accountId, state }: StatePermissions,
  access: "read" | "write",
): PolicyDocument {
  const bucket = `arn:aws:s3:::${state.bucket}`;
  const objects = objectsOf({ project, stack, bucket });
  return policyDocument([
    // Names of all objects: without that, S3 answers 403 for an object that does not exist, and Pulumi stops.
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    allow("ListStates", ["s3:ListBucket"], bucket),
    allow("ReadState", ["s3:GetObject"], [`${bucket}/.pulumi/meta.yaml`, ...objects]),
    ...(access === "write" ? [allow("WriteState", ["s3:DeleteObject", "s3:PutObject"], objects)] : []),
    allow("DecryptSecrets", ["kms:Decrypt"], state.keyArn, {
      StringEquals: { [`kms:EncryptionContext:${CONTEXT_KEY}`]: stack },
    }),
    // A refresh reads this policy.
    allow(
      "LookAtPolicies",
      ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"],
      `arn:aws:iam::${accountId}:policy${DELIVERY_PATH}*`,
    ),
  ]);
}

/** In a secrets provider: `awskms:///<key>?context_environment=<stack>`. https://gocloud.dev/howto/secrets/#aws */
const CONTEXT_KEY = "environment";

/**
 * Names of a stack's objects: https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/backend/diy/store.go and lock.go. The endings are
 * written out, because with `*` a policy for `dev` would match the state of `dev.eu`.
 */
function objectsOf({ project, stack, bucket }: { project: string; stack: string; bucket: string }): string[] {
  const of = (folder: string) => `${bucket}/.pulumi/${folder}/${project}/${stack}`;
  return [
    ...[".json", ".json.bak", ".json.gz", ".json.gz.bak", ".pulumi-tags"].map((end) => of("stacks") + end),
    ...["history", "backups", "locks/organization"].map((folder) => `${of(folder)}/*`),
  ];
}
