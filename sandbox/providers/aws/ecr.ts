import {
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type EncryptionType,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ImageTagMutability,
  type ImageTagMutabilityExclusionFilter,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  type Repository,
  SetRepositoryPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecr";
import { isError, unlessGone } from "./errors.ts";
import { flag, items, object, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagList, tagMap } from "./tags.ts";

const ecr = (aws: AwsContext): ECRClient => aws.client(ECRClient);

const NO_REPOSITORY = "RepositoryNotFoundException";

/** `aws:ecr/repository:Repository`. */
const repository: AwsResource = {
  autonameLowercase: true,
  tags: {
    add: ({ old }, tags, aws) =>
      ecr(aws).send(new TagResourceCommand({ resourceArn: text(old, "arn"), tags: tagList(tags) })),
    remove: ({ old }, tagKeys, aws) =>
      ecr(aws).send(new UntagResourceCommand({ resourceArn: text(old, "arn"), tagKeys })),
  },
  inputs: {
    encryptionConfigurations: {
      computed: true,
      forcesNew: true,
      fields: { encryptionType: { default: "AES256", allowed: ["AES256", "KMS"] }, kmsKey: { computed: true } },
    },
    forceDelete: {},
    imageScanningConfiguration: { computed: true, fields: { scanOnPush: { required: true } } },
    imageTagMutability: { default: "MUTABLE", allowed: Object.values(ImageTagMutability) },
    imageTagMutabilityExclusionFilters: { fields: { filter: { required: true }, filterType: { required: true } } },
    name: { forcesNew: true, computed: true },
  },

  async create(props, aws) {
    const [encryption] = items(props, "encryptionConfigurations");
    const answer = await ecr(aws).send(
      new CreateRepositoryCommand({
        repositoryName: requiredText(props, "name"),
        encryptionConfiguration: encryption && {
          encryptionType: text(encryption, "encryptionType") as EncryptionType,
          kmsKey: text(encryption, "kmsKey"),
        },
        imageScanningConfiguration: scanning(props),
        ...mutability(props),
        tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    return answer.repository?.repositoryName ?? "";
  },

  async read(id, known, aws) {
    const found = await describe(aws, id);
    if (!found) return undefined;
    return {
      arn: found.repositoryArn,
      encryptionConfigurations: found.encryptionConfiguration && [{ ...found.encryptionConfiguration }],
      forceDelete: flag(known, "forceDelete"),
      imageScanningConfiguration: { scanOnPush: found.imageScanningConfiguration?.scanOnPush ?? false },
      imageTagMutability: found.imageTagMutability,
      imageTagMutabilityExclusionFilters: found.imageTagMutabilityExclusionFilters?.map((filter) => ({ ...filter })),
      name: found.repositoryName,
      tags: await tagsOf(aws, found),
    };
  },

  async update(id, props, _old, changed, aws) {
    if (changed.has("imageTagMutability") || changed.has("imageTagMutabilityExclusionFilters")) {
      await ecr(aws).send(new PutImageTagMutabilityCommand({ repositoryName: id, ...mutability(props) }));
    }
    if (changed.has("imageScanningConfiguration")) {
      const imageScanningConfiguration = scanning(props) ?? {};
      await ecr(aws).send(new PutImageScanningConfigurationCommand({ repositoryName: id, imageScanningConfiguration }));
    }
  },

  async delete(id, props, aws) {
    const request = new DeleteRepositoryCommand({ repositoryName: id, force: flag(props, "forceDelete") });
    try {
      await unlessGone(ecr(aws).send(request), NO_REPOSITORY);
    } catch (error) {
      if (!isError(error, "RepositoryNotEmptyException")) throw error;
      throw new Error(`it still has images; with forceDelete: true they are deleted with it`, { cause: error });
    }
  },
};

/** `aws:ecr/lifecyclePolicy:LifecyclePolicy`: another policy replaces it, and there is one per repository. */
const lifecyclePolicy: AwsResource = {
  deleteBeforeReplace: true,
  inputs: {
    policy: { required: true, forcesNew: true, json: true },
    repository: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const repositoryName = requiredText(props, "repository");
    const lifecyclePolicyText = requiredText(props, "policy");
    await ecr(aws).send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    return repositoryName;
  },

  async read(id, _known, aws) {
    const found = await unlessGone(
      ecr(aws).send(new GetLifecyclePolicyCommand({ repositoryName: id })),
      "LifecyclePolicyNotFoundException",
      NO_REPOSITORY,
    );
    return found && { policy: found.lifecyclePolicyText, repository: found.repositoryName };
  },

  async delete(id, _props, aws) {
    await unlessGone(
      ecr(aws).send(new DeleteLifecyclePolicyCommand({ repositoryName: id })),
      "LifecyclePolicyNotFoundException",
      NO_REPOSITORY,
    );
  },
};

/** `aws:ecr/repositoryPolicy:RepositoryPolicy`. */
const repositoryPolicy: AwsResource = {
  inputs: {
    policy: { required: true, json: true },
    repository: { required: true, forcesNew: true },
  },

  create: (props, aws) => setPolicy(props, aws),

  async read(id, _known, aws) {
    const found = await unlessGone(
      ecr(aws).send(new GetRepositoryPolicyCommand({ repositoryName: id })),
      "RepositoryPolicyNotFoundException",
      NO_REPOSITORY,
    );
    return found && { policy: found.policyText, repository: found.repositoryName };
  },

  async update(_id, props, _old, _changed, aws) {
    await setPolicy(props, aws);
  },

  async delete(id, _props, aws) {
    await unlessGone(
      ecr(aws).send(new DeleteRepositoryPolicyCommand({ repositoryName: id })),
      "RepositoryPolicyNotFoundException",
      NO_REPOSITORY,
    );
  },
};

export const ecrResources: Record<string, AwsResource> = {
  "aws:ecr/repository:Repository": repository,
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecyclePolicy,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": repositoryPolicy,
};

async function describe(aws: AwsContext, name: string): Promise<Repository | undefined> {
  const request = new DescribeRepositoriesCommand({ repositoryNames: [name] });
  return (await unlessGone(ecr(aws).send(request), NO_REPOSITORY))?.repositories?.[0];
}

async function tagsOf(aws: AwsContext, { repositoryArn }: Repository): Promise<Record<string, string>> {
  return tagMap((await ecr(aws).send(new ListTagsForResourceCommand({ resourceArn: repositoryArn }))).tags);
}

async function setPolicy(props: Props, aws: AwsContext): Promise<string> {
  const repositoryName = requiredText(props, "repository");
  const policyText = requiredText(props, "policy");
  await ecr(aws).send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
  return repositoryName;
}

function scanning(props: Props): { scanOnPush: boolean | undefined } | undefined {
  const given = object(props, "imageScanningConfiguration");
  return given && { scanOnPush: flag(given, "scanOnPush") };
}

function mutability(props: Props): {
  imageTagMutability: ImageTagMutability;
  imageTagMutabilityExclusionFilters?: ImageTagMutabilityExclusionFilter[];
} {
  const filters = items(props, "imageTagMutabilityExclusionFilters");
  return {
    imageTagMutability: requiredText(props, "imageTagMutability") as ImageTagMutability,
    ...(filters.length > 0 && {
      imageTagMutabilityExclusionFilters: filters.map((item) => ({
        filter: requiredText(item, "filter"),
        filterType: requiredText(item, "filterType") as ImageTagMutabilityExclusionFilter["filterType"],
      })),
    }),
  };
}
