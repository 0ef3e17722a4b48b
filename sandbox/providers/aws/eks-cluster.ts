import {
  AuthenticationMode,
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  LogType,
  SupportType,
  type Update,
  UpdateClusterConfigCommand,
  type UpdateClusterConfigCommandInput,
  UpdateClusterVersionCommand,
} from "@aws-sdk/client-eks";
import { becomesActive, becomesGone, eks, eksTags, NOT_FOUND, updateDone } from "./eks.ts";
import { unlessGone } from "./errors.ts";
import { flag, object, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, Outputs, Props } from "./resource.ts";

const CREATE_MINUTES = 30;
const UPDATE_MINUTES = 60;
const DELETE_MINUTES = 15;

/** `aws:eks/cluster:Cluster` in the cloud, without Auto Mode. */
export const cluster: AwsResource = {
  autonameLimit: 100,
  inputs: {
    accessConfig: {
      required: true,
      fields: {
        authenticationMode: { required: true, allowed: Object.values(AuthenticationMode) },
        bootstrapClusterCreatorAdminPermissions: { default: true, forcesNew: true },
      },
    },
    bootstrapSelfManagedAddons: { default: true, forcesNew: true },
    deletionProtection: { computed: true },
    enabledClusterLogTypes: { set: true, allowed: Object.values(LogType) },
    encryptionConfig: {
      required: true,
      fields: {
        provider: { required: true, fields: { keyArn: { required: true } } },
        resources: { required: true, set: true },
      },
    },
    kubernetesNetworkConfig: {
      required: true,
      fields: { serviceIpv4Cidr: { required: true, forcesNew: true } },
    },
    name: { computed: true, forcesNew: true },
    roleArn: { required: true, forcesNew: true },
    upgradePolicy: {
      required: true,
      fields: { supportType: { required: true, allowed: Object.values(SupportType) } },
    },
    version: { required: true },
    vpcConfig: {
      required: true,
      fields: {
        clusterSecurityGroupId: { output: true },
        endpointPrivateAccess: { default: false },
        endpointPublicAccess: { default: true },
        publicAccessCidrs: { computed: true, set: true },
        subnetIds: { required: true, set: true },
      },
    },
  },
  tags: eksTags,

  async create(props, aws, op) {
    const name = requiredText(props, "name");
    const vpc = object(props, "vpcConfig") ?? {};
    const access = object(props, "accessConfig") ?? {};
    const encryption = object(props, "encryptionConfig") ?? {};
    await eks(aws).send(
      new CreateClusterCommand({
        name,
        roleArn: requiredText(props, "roleArn"),
        version: text(props, "version"),
        resourcesVpcConfig: { ...apiAccess(vpc), subnetIds: texts(vpc, "subnetIds") },
        accessConfig: {
          ...accessConfig(props),
          bootstrapClusterCreatorAdminPermissions: flag(access, "bootstrapClusterCreatorAdminPermissions"),
        },
        bootstrapSelfManagedAddons: flag(props, "bootstrapSelfManagedAddons"),
        deletionProtection: flag(props, "deletionProtection"),
        encryptionConfig: [
          {
            provider: { keyArn: text(object(encryption, "provider") ?? {}, "keyArn") },
            resources: texts(encryption, "resources"),
          },
        ],
        kubernetesNetworkConfig: {
          serviceIpv4Cidr: text(object(props, "kubernetesNetworkConfig") ?? {}, "serviceIpv4Cidr"),
        },
        logging: logging(props),
        upgradePolicy: upgradePolicy(props),
        tags: textMap(props, "tagsAll"),
      }),
    );
    op.made(name);
    await becomesActive(op, `cluster "${name}"`, CREATE_MINUTES, () => describe(name, aws));
    return name;
  },

  async read(id, known, aws) {
    const found = await describe(id, aws);
    return found && outputs(found, known);
  },

  async update(id, props, old, changed, aws, op) {
    const done = (update: Update | undefined) => updateDone(aws, op, { name: id }, update, UPDATE_MINUTES);
    if (changed.has("encryptionConfig")) {
      throw new Error("EKS neither ends the encryption of secrets nor takes another key for it; make a new cluster");
    }
    if (changed.has("version")) {
      const version = requiredText(props, "version");
      await done((await eks(aws).send(new UpdateClusterVersionCommand({ name: id, version }))).update);
    }
    // EKS takes one kind of change at a time.
    for (const change of configChanges(props, old, changed)) {
      await done((await eks(aws).send(new UpdateClusterConfigCommand({ name: id, ...change }))).update);
    }
  },

  async delete(id, _props, aws, op) {
    await unlessGone(eks(aws).send(new DeleteClusterCommand({ name: id })), NOT_FOUND);
    await becomesGone(op, `cluster "${id}"`, DELETE_MINUTES, () => describe(id, aws));
  },
};

async function describe(name: string, aws: AwsContext): Promise<Cluster | undefined> {
  const answer = await unlessGone(eks(aws).send(new DescribeClusterCommand({ name })), NOT_FOUND);
  return answer?.cluster;
}

/** A cluster's properties. What EKS never tells is taken from `known`. */
function outputs(found: Cluster, known: Props): Outputs {
  const [encryption] = found.encryptionConfig ?? [];
  const bootstrap = flag(object(known, "accessConfig") ?? {}, "bootstrapClusterCreatorAdminPermissions");
  const vpc = found.resourcesVpcConfig;
  return {
    accessConfig: {
      authenticationMode: found.accessConfig?.authenticationMode,
      bootstrapClusterCreatorAdminPermissions: bootstrap ?? true,
    },
    arn: found.arn,
    bootstrapSelfManagedAddons: flag(known, "bootstrapSelfManagedAddons") ?? true,
    certificateAuthority: { data: found.certificateAuthority?.data },
    deletionProtection: found.deletionProtection,
    enabledClusterLogTypes: found.logging?.clusterLogging
      ?.filter(({ enabled }) => enabled)
      .flatMap(({ types = [] }) => types),
    encryptionConfig: encryption && {
      provider: { keyArn: encryption.provider?.keyArn },
      resources: encryption.resources,
    },
    endpoint: found.endpoint,
    kubernetesNetworkConfig: { serviceIpv4Cidr: found.kubernetesNetworkConfig?.serviceIpv4Cidr },
    name: found.name,
    roleArn: found.roleArn,
    tags: found.tags,
    upgradePolicy: { supportType: found.upgradePolicy?.supportType },
    version: found.version,
    vpcConfig: {
      clusterSecurityGroupId: vpc?.clusterSecurityGroupId,
      endpointPrivateAccess: vpc?.endpointPrivateAccess,
      endpointPublicAccess: vpc?.endpointPublicAccess,
      publicAccessCidrs: vpc?.publicAccessCidrs,
      subnetIds: vpc?.subnetIds,
    },
  };
}

type ConfigChange = Omit<UpdateClusterConfigCommandInput, "name">;

function configChanges(props: Props, old: Props, changed: ReadonlySet<string>): ConfigChange[] {
  const changes: Record<string, () => ConfigChange[]> = {
    accessConfig: () => [{ accessConfig: accessConfig(props) }],
    deletionProtection: () => [{ deletionProtection: flag(props, "deletionProtection") ?? false }],
    enabledClusterLogTypes: () => [{ logging: logging(props) }],
    upgradePolicy: () => [{ upgradePolicy: upgradePolicy(props) }],
    vpcConfig: () => vpcChanges(object(props, "vpcConfig") ?? {}, object(old, "vpcConfig") ?? {}),
  };
  return Object.entries(changes).flatMap(([name, requests]) => (changed.has(name) ? requests() : []));
}

/** Who reaches the API, and where the control plane is, are two changes. */
function vpcChanges(next: Props, before: Props): ConfigChange[] {
  const sorted = (vpc: Props, key: string): string => JSON.stringify([...(texts(vpc, key) ?? [])].sort());
  const access = (vpc: Props): string =>
    JSON.stringify([flag(vpc, "endpointPrivateAccess"), flag(vpc, "endpointPublicAccess")]);
  const cidrs =
    next.publicAccessCidrs !== undefined && sorted(before, "publicAccessCidrs") !== sorted(next, "publicAccessCidrs");
  return [
    ...(cidrs || access(before) !== access(next) ? [{ resourcesVpcConfig: apiAccess(next) }] : []),
    ...(sorted(before, "subnetIds") === sorted(next, "subnetIds")
      ? []
      : [{ resourcesVpcConfig: { subnetIds: texts(next, "subnetIds") } }]),
  ];
}

const apiAccess = (vpc: Props) => ({
  endpointPrivateAccess: flag(vpc, "endpointPrivateAccess"),
  endpointPublicAccess: flag(vpc, "endpointPublicAccess"),
  publicAccessCidrs: texts(vpc, "publicAccessCidrs"),
});

const accessConfig = (props: Props) => ({
  authenticationMode: text(object(props, "accessConfig") ?? {}, "authenticationMode") as AuthenticationMode,
});

const upgradePolicy = (props: Props) => ({
  supportType: text(object(props, "upgradePolicy") ?? {}, "supportType") as SupportType,
});

/** Every type of log is named, so that those left out are switched off. */
function logging(props: Props) {
  const on = texts(props, "enabledClusterLogTypes") ?? [];
  const all = Object.values(LogType);
  return {
    clusterLogging: [
      { enabled: true, types: all.filter((type) => on.includes(type)) },
      { enabled: false, types: all.filter((type) => !on.includes(type)) },
    ],
  };
}
