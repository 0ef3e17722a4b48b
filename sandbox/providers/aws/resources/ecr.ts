import * as ecr from "@aws-sdk/client-ecr";
import { declared } from "../declared-resource.ts";
import { type AwsResource, fixed } from "../resource.ts";
import { ecrService } from "../services.ts";

const NO_REPOSITORY = "RepositoryNotFoundException";

const repository = declared(ecrService, {
  tagged: true,
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
    forceDelete: { sent: "never", returned: false },
    imageScanningConfiguration: { computed: true, fields: { scanOnPush: { required: true } } },
    imageTagMutability: { default: "MUTABLE", allowed: Object.values(ecr.ImageTagMutability) },
    imageTagMutabilityExclusionFilters: { fields: { filter: { required: true }, filterType: { required: true } } },
    name: { forcesNew: true, computed: true, api: "repositoryName" },
  },
  outputs: { arn: "repositoryArn" },
  create: ecr.CreateRepositoryCommand,
  id: "repository.repositoryName",
  read: {
    command: ecr.DescribeRepositoriesCommand,
    by: "repositoryNames[0]",
    found: "repositories",
    more: ({ repositoryArn }) => [new ecr.ListTagsForResourceCommand({ resourceArn: String(repositoryArn) })],
  },
  update: [
    { on: ["imageTagMutability", "imageTagMutabilityExclusionFilters"], command: ecr.PutImageTagMutabilityCommand },
    { on: ["imageScanningConfiguration"], command: ecr.PutImageScanningConfigurationCommand },
    { on: ["forceDelete"], calls: () => [] },
  ],
  delete: {
    command: ecr.DeleteRepositoryCommand,
    as: { forceDelete: "force" },
    explain: { RepositoryNotEmptyException: "it still has images; with forceDelete: true they are deleted with it" },
  },
});

/** Another policy replaces it, and a repository has one. */
const lifecyclePolicy = declared(ecrService, {
  deleteBeforeReplace: true,
  identity: "repositoryName",
  gone: ["LifecyclePolicyNotFoundException", NO_REPOSITORY],
  inputs: {
    policy: { ...fixed, json: true, api: "lifecyclePolicyText" },
    repository: { ...fixed, api: "repositoryName" },
  },
  create: ecr.PutLifecyclePolicyCommand,
  id: ({ repository }) => String(repository),
  read: { command: ecr.GetLifecyclePolicyCommand, found: "" },
  delete: ecr.DeleteLifecyclePolicyCommand,
});

const repositoryPolicy = declared(ecrService, {
  identity: "repositoryName",
  gone: ["RepositoryPolicyNotFoundException", NO_REPOSITORY],
  inputs: {
    policy: { required: true, json: true, api: "policyText" },
    repository: { ...fixed, api: "repositoryName" },
  },
  create: ecr.SetRepositoryPolicyCommand,
  id: ({ repository }) => String(repository),
  read: { command: ecr.GetRepositoryPolicyCommand, found: "" },
  update: [ecr.SetRepositoryPolicyCommand],
  delete: ecr.DeleteRepositoryPolicyCommand,
});

export const ecrResources: Record<string, AwsResource> = {
  "aws:ecr/repository:Repository": repository,
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecyclePolicy,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": repositoryPolicy,
};
