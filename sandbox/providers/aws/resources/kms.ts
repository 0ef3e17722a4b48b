import * as kms from "@aws-sdk/client-kms";
import { declared } from "../declared-resource.ts";
import { flag } from "../props.ts";
import type { AwsResource } from "../resource.ts";
import { kmsService } from "../services.ts";

/** It encrypts and decrypts, with key material of AWS's own. */
const key = declared(kmsService, {
  tagged: true,
  identity: "KeyId",
  inputs: {
    deletionWindowInDays: { sent: "never", returned: false },
    description: { computed: true, keepEmpty: true },
    enableKeyRotation: { default: false, sent: "later", read: "KeyRotationEnabled" },
    policy: { computed: true, json: true },
  },
  outputs: { arn: "Arn", keyId: "KeyId" },
  create: kms.CreateKeyCommand,
  id: "KeyMetadata.KeyId",
  read: {
    command: kms.DescribeKeyCommand,
    found: "KeyMetadata",
    // Nothing can be encrypted with a key that waits for its deletion.
    isGone: ({ KeyState }) => KeyState === "PendingDeletion",
    more: (_, KeyId) => [
      new kms.GetKeyPolicyCommand({ KeyId, PolicyName: "default" }),
      new kms.ListResourceTagsCommand({ KeyId }),
      new kms.GetKeyRotationStatusCommand({ KeyId }),
    ],
  },
  update: [
    {
      on: ["enableKeyRotation"],
      calls: ({ id: KeyId, props }) => [
        flag(props, "enableKeyRotation")
          ? new kms.EnableKeyRotationCommand({ KeyId })
          : new kms.DisableKeyRotationCommand({ KeyId }),
      ],
    },
    { on: ["description"], command: kms.UpdateKeyDescriptionCommand },
    { on: ["policy"], command: kms.PutKeyPolicyCommand, with: { PolicyName: "default" } },
  ],
  delete: {
    command: kms.ScheduleKeyDeletionCommand,
    as: { deletionWindowInDays: "PendingWindowInDays" },
    lookFirst: true,
  },
});

/** Of a key that is named by its id. */
const declaredAlias = declared(kmsService, {
  identity: "AliasName",
  inputs: { name: { forcesNew: true, computed: true, api: "AliasName" }, targetKeyId: { required: true } },
  create: kms.CreateAliasCommand,
  id: ({ name }) => String(name),
  read: { command: kms.ListAliasesCommand, found: "Aliases", match: ({ AliasName }, id) => AliasName === id },
  update: [kms.UpdateAliasCommand],
  delete: kms.DeleteAliasCommand,
});

const alias: AwsResource = {
  ...declaredAlias,
  async read(id, _known, aws) {
    for await (const page of kms.paginateListAliases({ client: aws.client(kms.KMSClient) }, {})) {
      const found = page.Aliases?.find(({ AliasName }) => AliasName === id);
      if (found) return { name: id, targetKeyId: found.TargetKeyId };
    }
    return undefined;
  },
};

export const kmsResources: Record<string, AwsResource> = {
  "aws:kms/key:Key": key,
  "aws:kms/alias:Alias": alias,
};
