import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  paginateListAliases,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { unlessGone } from "./errors.ts";
import { flag, number, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";

const kms = (aws: AwsContext): KMSClient => aws.client(KMSClient);

const GONE = "NotFoundException";

/** `aws:kms/key:Key` that encrypts and decrypts, with material of AWS's own. */
const key: AwsResource = {
  inputs: {
    deletionWindowInDays: {},
    description: { computed: true },
    enableKeyRotation: { default: false },
    policy: { computed: true, json: true },
  },
  tags: {
    add: ({ id }, tags, aws) => kms(aws).send(new TagResourceCommand({ KeyId: id, Tags: kmsTags(tags) })),
    remove: ({ id }, TagKeys, aws) => kms(aws).send(new UntagResourceCommand({ KeyId: id, TagKeys })),
  },

  async create(props, aws, op) {
    const answer = await kms(aws).send(
      new CreateKeyCommand({
        Description: text(props, "description"),
        Policy: text(props, "policy"),
        Tags: kmsTags(textMap(props, "tagsAll")),
      }),
    );
    const id = answer.KeyMetadata?.KeyId ?? "";
    op.made(id);
    if (flag(props, "enableKeyRotation")) await kms(aws).send(new EnableKeyRotationCommand({ KeyId: id }));
    return id;
  },

  async read(id, known, aws) {
    const found = await describe(aws, id);
    if (!found) return undefined;
    const { Policy } = await kms(aws).send(new GetKeyPolicyCommand({ KeyId: id, PolicyName: "default" }));
    const { Tags } = await kms(aws).send(new ListResourceTagsCommand({ KeyId: id }));
    const { KeyRotationEnabled } = await kms(aws).send(new GetKeyRotationStatusCommand({ KeyId: id }));
    return {
      arn: found.Arn,
      deletionWindowInDays: known.deletionWindowInDays,
      description: found.Description,
      enableKeyRotation: KeyRotationEnabled ?? false,
      keyId: found.KeyId,
      policy: Policy,
      tags: Object.fromEntries((Tags ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    };
  },

  async update(id, props, _old, changed, aws) {
    if (changed.has("enableKeyRotation")) {
      await (flag(props, "enableKeyRotation")
        ? kms(aws).send(new EnableKeyRotationCommand({ KeyId: id }))
        : kms(aws).send(new DisableKeyRotationCommand({ KeyId: id })));
    }
    if (changed.has("description")) {
      await kms(aws).send(
        new UpdateKeyDescriptionCommand({ KeyId: id, Description: text(props, "description") ?? "" }),
      );
    }
    if (changed.has("policy")) {
      const Policy = requiredText(props, "policy");
      await kms(aws).send(new PutKeyPolicyCommand({ KeyId: id, PolicyName: "default", Policy }));
    }
  },

  async delete(id, props, aws) {
    if (!(await describe(aws, id))) return;
    const request = { KeyId: id, PendingWindowInDays: number(props, "deletionWindowInDays") };
    await unlessGone(kms(aws).send(new ScheduleKeyDeletionCommand(request)), GONE);
  },
};

/** The key; none where it waits for its deletion: nothing can be encrypted with it. */
async function describe(aws: AwsContext, KeyId: string): Promise<KeyMetadata | undefined> {
  const found = (await unlessGone(kms(aws).send(new DescribeKeyCommand({ KeyId })), GONE))?.KeyMetadata;
  return found?.KeyState === "PendingDeletion" ? undefined : found;
}

const kmsTags = (tags: Record<string, string>): { TagKey: string; TagValue: string }[] =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

/** `aws:kms/alias:Alias` of a key that is named by its id. */
const alias: AwsResource = {
  inputs: { name: { computed: true, forcesNew: true }, targetKeyId: { required: true } },

  async create(props, aws) {
    const AliasName = requiredText(props, "name");
    const TargetKeyId = requiredText(props, "targetKeyId");
    await kms(aws).send(new CreateAliasCommand({ AliasName, TargetKeyId }));
    return AliasName;
  },

  async read(id, _known, aws) {
    for await (const page of paginateListAliases({ client: kms(aws) }, {})) {
      const found = page.Aliases?.find(({ AliasName }) => AliasName === id);
      if (found) return { name: id, targetKeyId: found.TargetKeyId };
    }
    return undefined;
  },

  async update(id, props, _old, _changed, aws) {
    const TargetKeyId = requiredText(props, "targetKeyId");
    await kms(aws).send(new UpdateAliasCommand({ AliasName: id, TargetKeyId }));
  },

  async delete(id, _props, aws) {
    await unlessGone(kms(aws).send(new DeleteAliasCommand({ AliasName: id })), GONE);
  },
};

export const kmsResources: Record<string, AwsResource> = {
  "aws:kms/key:Key": key,
  "aws:kms/alias:Alias": alias,
};
