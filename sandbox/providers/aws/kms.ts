import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  type KeySpec,
  type KeyUsageType,
  KMSClient,
  PutKeyPolicyCommand,
  paginateListAliases,
  paginateListResourceTags,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { unlessGone } from "./errors.ts";
import { notWithin } from "./input-faults.ts";
import { flag, number, requiredText, text, textMap } from "./props.ts";
import type { AwsResource, Props } from "./resource.ts";
import { tagChanges } from "./tag-changes.ts";

const GONE = "NotFoundException";

/** `aws:kms/key:Key` with material of AWS's own. */
const key: AwsResource = {
  tagged: true,
  inputs: {
    bypassPolicyLockoutSafetyCheck: { default: false },
    customerMasterKeySpec: { forcesNew: true, default: "SYMMETRIC_DEFAULT" },
    deletionWindowInDays: {},
    description: { computed: true },
    enableKeyRotation: { default: false },
    isEnabled: { default: true },
    keyUsage: { forcesNew: true, default: "ENCRYPT_DECRYPT" },
    multiRegion: { forcesNew: true, computed: true },
    policy: { computed: true, json: "policy" },
    rotationPeriodInDays: { computed: true },
  },

  validate: (props) => [
    ...notWithin("deletionWindowInDays", props.deletionWindowInDays, 7, 30),
    ...notWithin("rotationPeriodInDays", props.rotationPeriodInDays, 90, 2560),
    ...(props.rotationPeriodInDays !== undefined && props.enableKeyRotation !== true
      ? [{ property: "rotationPeriodInDays", reason: "needs enableKeyRotation: true" }]
      : []),
  ],

  async create(props, aws, op) {
    const kms = aws.client(KMSClient);
    const answer = await kms.send(
      new CreateKeyCommand({
        BypassPolicyLockoutSafetyCheck: flag(props, "bypassPolicyLockoutSafetyCheck"),
        Description: text(props, "description"),
        KeySpec: text(props, "customerMasterKeySpec") as KeySpec | undefined,
        KeyUsage: text(props, "keyUsage") as KeyUsageType | undefined,
        MultiRegion: flag(props, "multiRegion"),
        Policy: text(props, "policy"),
        Tags: kmsTags(textMap(props, "tagsAll")),
      }),
    );
    const id = answer.KeyMetadata?.KeyId ?? "";
    op.made(id);
    if (flag(props, "enableKeyRotation")) await rotate(kms, id, props);
    if (flag(props, "isEnabled") === false) await kms.send(new DisableKeyCommand({ KeyId: id }));
    return id;
  },

  async read(id, known, aws) {
    const kms = aws.client(KMSClient);
    const found = await describe(kms, id);
    // A key that waits for its deletion is as good as gone: nothing can be encrypted with it.
    if (!found || isEnding(found)) return undefined;
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: id, PolicyName: "default" }));
    const rotation = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id }));
    return {
      arn: found.Arn,
      bypassPolicyLockoutSafetyCheck: flag(known, "bypassPolicyLockoutSafetyCheck") ?? false,
      customerMasterKeySpec: found.KeySpec,
      deletionWindowInDays: number(known, "deletionWindowInDays"),
      description: found.Description,
      enableKeyRotation: rotation.KeyRotationEnabled ?? false,
      isEnabled: found.Enabled,
      keyId: found.KeyId,
      keyUsage: found.KeyUsage,
      multiRegion: found.MultiRegion,
      policy: Policy,
      rotationPeriodInDays: rotation.KeyRotationEnabled ? rotation.RotationPeriodInDays : undefined,
      tags: await tagsOf(kms, id),
    };
  },

  async update(id, props, old, changed, aws) {
    const kms = aws.client(KMSClient);
    const enabled = flag(props, "isEnabled") ?? true;
    // A disabled key takes no other change: enabled first, disabled last.
    if (changed.has("isEnabled") && enabled) await kms.send(new EnableKeyCommand({ KeyId: id }));
    if (changed.has("enableKeyRotation") || changed.has("rotationPeriodInDays")) await rotate(kms, id, props);
    if (changed.has("description")) {
      await kms.send(new UpdateKeyDescriptionCommand({ KeyId: id, Description: text(props, "description") ?? "" }));
    }
    if (changed.has("policy")) {
      const BypassPolicyLockoutSafetyCheck = flag(props, "bypassPolicyLockoutSafetyCheck");
      const Policy = requiredText(props, "policy");
      await kms.send(
        new PutKeyPolicyCommand({ KeyId: id, PolicyName: "default", Policy, BypassPolicyLockoutSafetyCheck }),
      );
    }
    if (changed.has("tagsAll")) {
      const { added, removed } = tagChanges(props, old);
      if (removed.length > 0) await kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: removed }));
      if (Object.keys(added).length > 0) await kms.send(new TagResourceCommand({ KeyId: id, Tags: kmsTags(added) }));
    }
    if (changed.has("isEnabled") && !enabled) await kms.send(new DisableKeyCommand({ KeyId: id }));
  },

  async delete(id, props, aws) {
    const kms = aws.client(KMSClient);
    const PendingWindowInDays = number(props, "deletionWindowInDays");
    const found = await describe(kms, id);
    if (!found || isEnding(found)) return;
    await unlessGone(kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays })), GONE);
  },
};

/** `aws:kms/alias:Alias`, with a name that is given. */
const alias: AwsResource = {
  inputs: {
    name: { computed: true, forcesNew: true },
    // An alias takes a key by its id or its ARN, and tells the id.
    targetKeyId: { required: true, same: (old, next) => keyIdOf(old) === keyIdOf(next) },
  },

  validate: (props) =>
    /^alias\/[\w/-]+$/.test(requiredText(props, "name"))
      ? []
      : [
          {
            property: "name",
            reason: `"${text(props, "name")}" must be "alias/" and letters, digits, "/", "_" or "-"`,
          },
        ],

  async create(props, aws) {
    const AliasName = requiredText(props, "name");
    const TargetKeyId = requiredText(props, "targetKeyId");
    await aws.client(KMSClient).send(new CreateAliasCommand({ AliasName, TargetKeyId }));
    return AliasName;
  },

  async read(id, _known, aws) {
    for await (const page of paginateListAliases({ client: aws.client(KMSClient) }, {})) {
      const found = page.Aliases?.find(({ AliasName }) => AliasName === id);
      if (!found) continue;
      const { AliasArn: arn, TargetKeyId: targetKeyId } = found;
      return { arn, name: id, targetKeyArn: arn?.replace(/alias\/.*$/, `key/${targetKeyId}`), targetKeyId };
    }
    return undefined;
  },

  async update(id, props, _old, changed, aws) {
    if (!changed.has("targetKeyId")) return;
    const TargetKeyId = requiredText(props, "targetKeyId");
    await aws.client(KMSClient).send(new UpdateAliasCommand({ AliasName: id, TargetKeyId }));
  },

  async delete(id, _props, aws) {
    await unlessGone(aws.client(KMSClient).send(new DeleteAliasCommand({ AliasName: id })), GONE);
  },
};

export const kmsResources: Record<string, AwsResource> = {
  "aws:kms/key:Key": key,
  "aws:kms/alias:Alias": alias,
};

async function describe(kms: KMSClient, KeyId: string): Promise<KeyMetadata | undefined> {
  return (await unlessGone(kms.send(new DescribeKeyCommand({ KeyId })), GONE))?.KeyMetadata;
}

const isEnding = ({ KeyState }: KeyMetadata): boolean =>
  KeyState === "PendingDeletion" || KeyState === "PendingReplicaDeletion";

async function rotate(kms: KMSClient, KeyId: string, props: Props): Promise<void> {
  const RotationPeriodInDays = number(props, "rotationPeriodInDays");
  await (flag(props, "enableKeyRotation")
    ? kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }))
    : kms.send(new DisableKeyRotationCommand({ KeyId })));
}

async function tagsOf(client: KMSClient, KeyId: string): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  for await (const page of paginateListResourceTags({ client }, { KeyId })) {
    for (const { TagKey = "", TagValue = "" } of page.Tags ?? []) tags[TagKey] = TagValue;
  }
  return tags;
}

const kmsTags = (tags: Record<string, string>): { TagKey: string; TagValue: string }[] =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

const keyIdOf = (idOrArn: unknown): string => String(idOrArn).replace(/^arn:.*:key\//, "");
