import {
  AssociateEncryptionConfigCommand,
  AuthenticationMode,
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  EKSClient,
  LogType,
  SupportType,
  UpdateClusterConfigCommand,
  type UpdateClusterConfigCommandInput,
  UpdateClusterVersionCommand,
} from "@aws-sdk/client-eks";
import type { Operation } from "../protocol/handler.ts";
import { clusterOutputs } from "./eks-cluster-outputs.ts";
import {
  accessConfig,
  encryptionConfig,
  logging,
  networkConfig,
  upgradePolicy,
  vpcAccess,
  vpcConfig,
  zonalShiftConfig,
} from "./eks-cluster-request.ts";
import { eksTags, LOOK_EVERY_MS, NOT_FOUND, reasons, updateDone, updateEksTags } from "./eks-update.ts";
import { unlessGone } from "./errors.ts";
import { notAmong } from "./input-faults.ts";
import { flag, object, requiredText, text, texts } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Props } from "./resource.ts";
import { waitFor } from "./wait.ts";

const CREATE_SECONDS = 30 * 60;
const UPDATE_SECONDS = 60 * 60;
const DELETE_SECONDS = 15 * 60;

const vpcRules: Record<string, InputRule> = {
  clusterSecurityGroupId: { output: true },
  endpointPrivateAccess: { default: false },
  endpointPublicAccess: { default: true },
  publicAccessCidrs: { computed: true, set: true },
  securityGroupIds: { set: true },
  subnetIds: { required: true, set: true },
  vpcId: { output: true },
};

/** `aws:eks/cluster:Cluster` in the cloud, without Auto Mode. */
export const cluster: AwsResource = {
  tagged: true,
  autoname: "name",
  autonameLimit: 100,
  changing: ["platformVersion", "status"],
  inputs: {
    accessConfig: {
      computed: true,
      fields: {
        authenticationMode: { computed: true },
        bootstrapClusterCreatorAdminPermissions: { default: true, forcesNew: true },
      },
    },
    bootstrapSelfManagedAddons: { default: true, forcesNew: true },
    deletionProtection: { computed: true },
    enabledClusterLogTypes: { set: true },
    encryptionConfig: {
      fields: {
        provider: { required: true, fields: { keyArn: { required: true } } },
        resources: { required: true, set: true },
      },
    },
    forceUpdateVersion: {},
    kubernetesNetworkConfig: {
      computed: true,
      fields: {
        elasticLoadBalancing: { output: true },
        ipFamily: { computed: true, forcesNew: true },
        serviceIpv4Cidr: { computed: true, forcesNew: true },
        serviceIpv6Cidr: { output: true },
      },
    },
    name: { computed: true, forcesNew: true },
    roleArn: { required: true, forcesNew: true },
    upgradePolicy: { computed: true, fields: { supportType: { computed: true } } },
    version: { computed: true },
    vpcConfig: { required: true, fields: vpcRules },
    zonalShiftConfig: { fields: { enabled: {} } },
  },

  validate: (props) => [
    ...notAmong(
      "accessConfig.authenticationMode",
      object(props, "accessConfig")?.authenticationMode,
      Object.values(AuthenticationMode),
    ),
    ...notAmong("enabledClusterLogTypes", props.enabledClusterLogTypes, Object.values(LogType)),
    ...notAmong("upgradePolicy.supportType", object(props, "upgradePolicy")?.supportType, Object.values(SupportType)),
  ],

  async create(props, aws, op) {
    const name = requiredText(props, "name");
    await aws.client(EKSClient).send(
      new CreateClusterCommand({
        name,
        roleArn: requiredText(props, "roleArn"),
        resourcesVpcConfig: vpcConfig(props),
        accessConfig: accessConfig(props),
        bootstrapSelfManagedAddons: flag(props, "bootstrapSelfManagedAddons"),
        deletionProtection: flag(props, "deletionProtection"),
        encryptionConfig: encryptionConfig(props),
        kubernetesNetworkConfig: networkConfig(props),
        logging: logging(props),
        upgradePolicy: upgradePolicy(props),
        version: text(props, "version"),
        zonalShiftConfig: zonalShiftConfig(props),
        tags: eksTags(props),
      }),
    );
    op.made(name);
    await active(name, aws, op);
    return name;
  },

  async read(id, known, aws) {
    const found = await describe(id, aws);
    return found && { ...clusterOutputs(found, known), tags: found.tags };
  },

  async update(id, props, old, changed, aws, op) {
    const eks = aws.client(EKSClient);
    const done = (update: Parameters<typeof updateDone>[3]) =>
      updateDone(aws, op, { name: id }, update, UPDATE_SECONDS);
    if (changed.has("version")) {
      const version = requiredText(props, "version");
      const force = flag(props, "forceUpdateVersion");
      await done((await eks.send(new UpdateClusterVersionCommand({ name: id, version, force }))).update);
    }
    if (changed.has("encryptionConfig")) {
      if (old.encryptionConfig !== undefined || props.encryptionConfig === undefined) {
        throw new Error("EKS neither ends the encryption of secrets nor takes another key for it; make a new cluster");
      }
      const request = { clusterName: id, encryptionConfig: encryptionConfig(props) };
      await done((await eks.send(new AssociateEncryptionConfigCommand(request))).update);
    }
    // EKS takes one kind of change at a time.
    for (const change of configChanges(props, old, changed)) {
      await done((await eks.send(new UpdateClusterConfigCommand({ name: id, ...change }))).update);
    }
    if (changed.has("tagsAll")) await updateEksTags(requiredText(old, "arn"), props, old, aws);
  },

  async delete(id, _props, aws, op) {
    const eks = aws.client(EKSClient);
    await unlessGone(eks.send(new DeleteClusterCommand({ name: id })), NOT_FOUND);
    const wait = { until: `cluster "${id}" is gone`, timeoutSeconds: DELETE_SECONDS, everyMs: LOOK_EVERY_MS };
    await waitFor(op, wait, async () => ((await describe(id, aws)) ? undefined : true));
  },
};

type ConfigChange = Omit<UpdateClusterConfigCommandInput, "name">;

function configChanges(props: Props, old: Props, changed: ReadonlySet<string>): ConfigChange[] {
  const changes: ConfigChange[] = [];
  if (changed.has("accessConfig")) {
    changes.push({ accessConfig: { authenticationMode: accessConfig(props)?.authenticationMode } });
  }
  if (changed.has("enabledClusterLogTypes")) changes.push({ logging: logging(props) });
  if (changed.has("upgradePolicy")) changes.push({ upgradePolicy: upgradePolicy(props) });
  if (changed.has("deletionProtection"))
    changes.push({ deletionProtection: flag(props, "deletionProtection") ?? false });
  if (changed.has("zonalShiftConfig")) {
    changes.push({ zonalShiftConfig: zonalShiftConfig(props) ?? { enabled: false } });
  }
  if (changed.has("vpcConfig")) changes.push(...vpcChanges(props, old));
  return changes;
}

function vpcChanges(props: Props, old: Props): ConfigChange[] {
  const before = object(old, "vpcConfig") ?? {};
  const next = object(props, "vpcConfig") ?? {};
  const list = (from: Props, key: string): string => JSON.stringify([...(texts(from, key) ?? [])].sort());
  const differs = (key: string): boolean => list(before, key) !== list(next, key);
  const access =
    flag(before, "endpointPrivateAccess") !== flag(next, "endpointPrivateAccess") ||
    flag(before, "endpointPublicAccess") !== flag(next, "endpointPublicAccess") ||
    (next.publicAccessCidrs !== undefined && differs("publicAccessCidrs"));
  const changes: ConfigChange[] = access ? [{ resourcesVpcConfig: vpcAccess(next) }] : [];
  for (const key of ["subnetIds", "securityGroupIds"]) {
    if (differs(key)) changes.push({ resourcesVpcConfig: { [key]: texts(next, key) ?? [] } });
  }
  return changes;
}

async function describe(name: string, aws: AwsContext): Promise<Cluster | undefined> {
  const answer = await unlessGone(aws.client(EKSClient).send(new DescribeClusterCommand({ name })), NOT_FOUND);
  return answer?.cluster;
}

async function active(name: string, aws: AwsContext, op: Operation): Promise<void> {
  const wait = { until: `cluster "${name}" is active`, timeoutSeconds: CREATE_SECONDS, everyMs: LOOK_EVERY_MS };
  await waitFor(op, wait, async () => {
    const found = await describe(name, aws);
    if (found?.status === "ACTIVE") return true;
    if (found?.status === "CREATING") return undefined;
    throw new Error(`the cluster ended as ${found?.status ?? "gone"}: ${reasons(found?.health?.issues)}`);
  });
}
