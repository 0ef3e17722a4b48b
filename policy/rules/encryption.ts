import type { DeclaredResource, Rule } from "../rule.ts";

type Props = DeclaredResource["props"];

/** What is wrong with a resource that stores data, by its type. S3 and DynamoDB encrypt everything by themselves. */
const CHECKS: Record<string, (props: Props) => string | undefined> = {
  "aws:ebs/volume:Volume": needs("encrypted", true),
  "aws:ec2/launchTemplate:LaunchTemplate": ({ blockDeviceMappings = [] }) => {
    const plain = (blockDeviceMappings as { ebs?: { encrypted?: unknown } }[]).filter(
      ({ ebs }) => ebs !== undefined && String(ebs.encrypted) !== "true",
    );
    return plain.length > 0 ? "set ebs.encrypted of each blockDeviceMapping" : undefined;
  },
  "aws:ecr/repository:Repository": ({ encryptionConfigurations = [] }) =>
    (encryptionConfigurations as { encryptionType?: string }[]).some(({ encryptionType }) => encryptionType === "KMS")
      ? undefined
      : "set encryptionConfigurations with encryptionType: KMS",
  "aws:eks/cluster:Cluster": ({ encryptionConfig }) =>
    (encryptionConfig as { resources?: string[] } | undefined)?.resources?.includes("secrets")
      ? undefined
      : "set encryptionConfig with resources: [secrets]",
  "aws:cloudwatch/logGroup:LogGroup": needs("kmsKeyId"),
  "aws:sns/topic:Topic": needs("kmsMasterKeyId"),
  "aws:sqs/queue:Queue": ({ kmsMasterKeyId, sqsManagedSseEnabled }) =>
    kmsMasterKeyId || sqsManagedSseEnabled ? undefined : "set kmsMasterKeyId",
  "aws:rds/instance:Instance": needs("storageEncrypted", true),
  "aws:rds/cluster:Cluster": needs("storageEncrypted", true),
  "aws:efs/fileSystem:FileSystem": needs("encrypted", true),
  "aws:elasticache/replicationGroup:ReplicationGroup": needs("atRestEncryptionEnabled", true),
  "aws:opensearch/domain:Domain": ({ encryptAtRest }) =>
    (encryptAtRest as { enabled?: boolean } | undefined)?.enabled ? undefined : "set encryptAtRest.enabled",
  "aws:secretsmanager/secret:Secret": needs("kmsKeyId"),
};

/** Drivers of volumes that the cloud encrypts only if it is told to. */
const PROVISIONER = "ebs.csi.aws.com";

export const encryption: Rule = {
  name: "encryption",
  description: "Everything that stores data encrypts it, with a key that can be taken away.",
  resource: ({ type, props }) => {
    const fix = CHECKS[type]?.(props);
    return fix === undefined ? [] : [`its data is not encrypted. To encrypt it, ${fix}`];
  },
  objects: (objects) =>
    objects.flatMap((object) => {
      const { kind, metadata, provisioner, parameters } = object as typeof object & {
        provisioner?: string;
        parameters?: Record<string, string>;
      };
      if (kind !== "StorageClass" || provisioner !== PROVISIONER || parameters?.encrypted === "true") return [];
      return [`StorageClass ${metadata?.name}: its volumes are not encrypted. Set parameters.encrypted: "true"`];
    }),
};

function needs(field: string, value?: unknown) {
  return (props: Props) => {
    const isSet = value === undefined ? Boolean(props[field]) : props[field] === value;
    return isSet ? undefined : `set ${field}`;
  };
}
