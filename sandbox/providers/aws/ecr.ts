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
import { notAmong } from "./input-faults.ts";
import { flag, items, object, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";
import { tagChanges, tagList, tagMap } from "./tag-changes.ts";

const NO_REPOSITORY = "RepositoryNotFoundException";

/** `aws:ecr/repository:Repository`. */
const repository: AwsResource = {
  tagged: true,
  autoname: "name",
  autonameLowercase: true,
  inputs: {
    encryptionConfigurations: {
      computed: true,
      forcesNew: true,
      fields: { encryptionType: { default: "AES256" }, kmsKey: { computed: true } },
    },
    forceDelete: {},
    imageScanningConfiguration: { computed: true, fields: { scanOnPush: { required: true } } },
    imageTagMutability: { default: "MUTABLE" },
    imageTagMutabilityExclusionFilters: { fields: { filter: { required: true }, filterType: { required: true } } },
    name: { forcesNew: true, computed: true },
  },

  validate: (props) => notAmong("imageTagMutability", props.imageTagMutability, Object.values(ImageTagMutability)),

  async create(props, aws) {
    const [encryption] = items(props, "encryptionConfigurations");
    const answer = await aws.client(ECRClient).send(
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
      registryId: found.registryId,
      repositoryUrl: found.repositoryUri,
      tags: await tagsOf(aws, found),
    };
  },

  async update(id, props, old, changed, aws) {
    const ecr = aws.client(ECRClient);
    if (changed.has("imageTagMutability") || changed.has("imageTagMutabilityExclusionFilters")) {
      await ecr.send(new PutImageTagMutabilityCommand({ repositoryName: id, ...mutability(props) }));
    }
    if (changed.has("imageScanningConfiguration")) {
      const imageScanningConfiguration = scanning(props) ?? {};
      await ecr.send(new PutImageScanningConfigurationCommand({ repositoryName: id, imageScanningConfiguration }));
    }
    if (changed.has("tagsAll")) {
      const resourceArn = requiredText(old, "arn");
      const { added, removed } = tagChanges(props, old);
      if (removed.length > 0) await ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: removed }));
      const tags = tagList(added);
      if (tags) await ecr.send(new TagResourceCommand({ resourceArn, tags }));
    }
  },

  async delete(id, props, aws) {
    const request = new DeleteRepositoryCommand({ repositoryName: id, force: flag(props, "forceDelete") });
    try {
      await unlessGone(aws.client(ECRClient).send(request), NO_REPOSITORY);
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
    policy: { required: true, forcesNew: true, json: "document" },
    repository: { required: true, forcesNew: true },
  },

  async create(props, aws) {
    const repositoryName = requiredText(props, "repository");
    const lifecyclePolicyText = requiredText(props, "policy");
    await aws.client(ECRClient).send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    return repositoryName;
  },

  async read(id, _known, aws) {
    const found = await unlessGone(
      aws.client(ECRClient).send(new GetLifecyclePolicyCommand({ repositoryName: id })),
      "LifecyclePolicyNotFoundException",
      NO_REPOSITORY,
    );
    return (
      found && { policy: found.lifecyclePolicyText, registryId: found.registryId, repository: found.repositoryName }
    );
  },

  async delete(id, _props, aws) {
    await unlessGone(
      aws.client(ECRClient).send(new DeleteLifecyclePolicyCommand({ repositoryName: id })),
      "LifecyclePolicyNotFoundException",
      NO_REPOSITORY,
    );
  },
};

/** `aws:ecr/repositoryPolicy:RepositoryPolicy`. */
const repositoryPolicy: AwsResource = {
  inputs: {
    policy: { required: true, json: "policy" },
    repository: { required: true, forcesNew: true },
  },

  create: (props, aws) => setPolicy(props, aws),

  async read(id, _known, aws) {
    const found = await unlessGone(
      aws.client(ECRClient).send(new GetRepositoryPolicyCommand({ repositoryName: id })),
      "RepositoryPolicyNotFoundException",
      NO_REPOSITORY,
    );
    return found && { policy: found.policyText, registryId: found.registryId, repository: found.repositoryName };
  },

  async update(_id, props, _old, _changed, aws) {
    await setPolicy(props, aws);
  },

  async delete(id, _props, aws) {
    await unlessGone(
      aws.client(ECRClient).send(new DeleteRepositoryPolicyCommand({ repositoryName: id })),
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
  return (await unlessGone(aws.client(ECRClient).send(request), NO_REPOSITORY))?.repositories?.[0];
}

async function tagsOf(aws: AwsContext, { repositoryArn }: Repository): Promise<Record<string, string>> {
  return tagMap(
    (await aws.client(ECRClient).send(new ListTagsForResourceCommand({ resourceArn: repositoryArn }))).tags,
  );
}

async function setPolicy(props: Props, aws: AwsContext): Promise<string> {
  const repositoryName = requiredText(props, "repository");
  const policyText = requiredText(props, "policy");
  await aws.client(ECRClient).send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
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
