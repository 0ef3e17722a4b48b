import type { Rule } from "../rule.ts";

/** Resources that hold data, or whose deletion takes everything in them along. Logs tell of the past, and are not missed by a service. */
const HOLDS_DATA = [
  /^aws:eks\/cluster:/,
  /^aws:ecr\/repository:/,
  /^aws:s3\/bucket:/,
  /^aws:kms\/key:/,
  /^aws:(rds\/(instance|cluster)|dynamodb\/table|efs\/fileSystem|elasticache\/replicationGroup|opensearch\/domain|sqs\/queue|ebs\/volume):/,
  /^kubernetes:core\/v1:PersistentVolume(Claim)?$/,
];

export const protectedData: Rule = {
  name: "protected-data",
  description:
    "What holds data is protected: an update that would delete or replace it, a cluster included, is refused by the engine.",
  resource: ({ type, protect }) =>
    protect || !HOLDS_DATA.some((known) => known.test(type))
      ? []
      : ["nothing keeps an update from deleting its data. Give it the option protect: true"],
};
