import {
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ImageTagMutability,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { declared } from "../declared-resource.ts";
import type { AwsResource } from "../resource.ts";
import { ecr } from "../services.ts";

const fixed = { required: true, forcesNew: true } as const;
const NO_REPOSITORY = "RepositoryNotFoundException";

const repository = declared({
  service: ecr,
  tagged: "",
  autonameLowercase: true,
  identity: "repositoryName",
  gone: [NO_REPOSITORY],
  inputs: {
    encryptionConfigurations: {
      computed: true,
      forcesNew: true,
      api: "encryptionConfiguration",
      single: true,
      fields: { encryptionType: { default: "AES256", allowed: ["AES256", "KMS"] }, kmsKey: { computed: true } },
    },
    forceDelete: { sent: "never", told: false },
    imageScanningConfiguration: { computed: true, fields: { scanOnPush: { required: true } } },
    imageTagMutability: { default: "MUTABLE", allowed: Object.values(ImageTagMutability) },
    imageTagMutabilityExclusionFilters: { fields: { filter: { required: true }, filterType: { required: true } } },
    name: { forcesNew: true, computed: true, api: "repositoryName" },
  },
  outputs: { arn: "repositoryArn" },
  create: { command: CreateRepositoryCommand },
  id: "repository.repositoryName",
  read: {
    command: DescribeRepositoriesCommand,
    by: "repositoryNames[0]",
    found: "repositories",
    more: ({ repositoryArn }) => [new ListTagsForResourceCommand({ resourceArn: String(repositoryArn) })],
  },
  update: [
    { on: ["imageTagMutability", "imageTagMutabilityExclusionFilters"], command: PutImageTagMutabilityCommand },
    { on: ["imageScanningConfiguration"], command: PutImageScanningConfigurationCommand },
    { on: ["forceDelete"], calls: () => [] },
  ],
  delete: {
    command: DeleteRepositoryCommand,
    as: { forceDelete: "force" },
    explain: { RepositoryNotEmptyException: "it still has images; with forceDelete: true they are deleted with it" },
  },
});

/** Another policy replaces it, and a repository has one. */
const lifecyclePolicy = declared({
  service: ecr,
  deleteBeforeReplace: true,
  identity: "repositoryName",
  gone: ["LifecyclePolicyNotFoundException", NO_REPOSITORY],
  inputs: {
    policy: { ...fixed, json: true, api: "lifecyclePolicyText" },
    repository: { ...fixed, api: "repositoryName" },
  },
  create: { command: PutLifecyclePolicyCommand },
  id: ({ repository }) => String(repository),
  read: { command: GetLifecyclePolicyCommand, found: "" },
  delete: { command: DeleteLifecyclePolicyCommand },
});

const repositoryPolicy = declared({
  service: ecr,
  identity: "repositoryName",
  gone: ["RepositoryPolicyNotFoundException", NO_REPOSITORY],
  inputs: {
    policy: { required: true, json: true, api: "policyText" },
    repository: { ...fixed, api: "repositoryName" },
  },
  create: { command: SetRepositoryPolicyCommand },
  id: ({ repository }) => String(repository),
  read: { command: GetRepositoryPolicyCommand, found: "" },
  update: [{ command: SetRepositoryPolicyCommand }],
  delete: { command: DeleteRepositoryPolicyCommand },
});

export const ecrResources: Record<string, AwsResource> = {
  "aws:ecr/repository:Repository": repository,
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecyclePolicy,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": repositoryPolicy,
};
