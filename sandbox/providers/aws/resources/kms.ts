import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  paginateListAliases,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { declared } from "../declared-resource.ts";
import { flag } from "../props.ts";
import type { AwsResource } from "../resource.ts";
import { kms } from "../services.ts";

const GONE = ["NotFoundException"];

/** It encrypts and decrypts, with key material of AWS's own. */
const key = declared({
  service: kms,
  tagged: "",
  identity: "KeyId",
  gone: GONE,
  inputs: {
    deletionWindowInDays: { sent: "never", told: false },
    description: { computed: true, keepEmpty: true },
    enableKeyRotation: { default: false, sent: "later", read: "KeyRotationEnabled" },
    policy: { computed: true, json: true },
  },
  outputs: { arn: "Arn", keyId: "KeyId" },
  create: { command: CreateKeyCommand },
  id: "KeyMetadata.KeyId",
  read: {
    command: DescribeKeyCommand,
    found: "KeyMetadata",
    // Nothing can be encrypted with a key that waits for its deletion.
    isGone: ({ KeyState }) => KeyState === "PendingDeletion",
    more: (_, KeyId) => [
      new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }),
      new ListResourceTagsCommand({ KeyId }),
      new GetKeyRotationStatusCommand({ KeyId }),
    ],
  },
  update: [
    {
      on: ["enableKeyRotation"],
      calls: ({ id: KeyId, props }) => [
        flag(props, "enableKeyRotation")
          ? new EnableKeyRotationCommand({ KeyId })
          : new DisableKeyRotationCommand({ KeyId }),
      ],
    },
    { on: ["description"], command: UpdateKeyDescriptionCommand },
    { on: ["policy"], command: PutKeyPolicyCommand, with: { PolicyName: "default" } },
  ],
  delete: {
    command: ScheduleKeyDeletionCommand,
    as: { deletionWindowInDays: "PendingWindowInDays" },
    lookFirst: true,
  },
});

/** Of a key that is named by its id. */
const declaredAlias = declared({
  service: kms,
  identity: "AliasName",
  gone: GONE,
  inputs: { name: { computed: true, forcesNew: true, api: "AliasName" }, targetKeyId: { required: true } },
  create: { command: CreateAliasCommand },
  id: ({ name }) => String(name),
  read: { command: ListAliasesCommand, found: "Aliases", match: ({ AliasName }, id) => AliasName === id },
  update: [{ command: UpdateAliasCommand }],
  delete: { command: DeleteAliasCommand },
});

const alias: AwsResource = {
  ...declaredAlias,
  async read(id, _known, aws) {
    for await (const page of paginateListAliases({ client: aws.client(KMSClient) }, {})) {
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
