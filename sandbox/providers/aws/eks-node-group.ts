import {
  type AMITypes,
  type CapacityTypes,
  CreateNodegroupCommand,
  DeleteNodegroupCommand,
  DescribeNodegroupCommand,
  EKSClient,
  type Nodegroup,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
} from "@aws-sdk/client-eks";
import type { Operation } from "../protocol/handler.ts";
import {
  labelChanges,
  launchTemplate,
  nodeGroupFaults,
  nodeGroupOutputs,
  repairConfig,
  scalingConfig,
  taintChanges,
  taints,
  updateConfig,
} from "./eks-node-group-parts.ts";
import { eksTags, LOOK_EVERY_MS, NOT_FOUND, reasons, updateDone, updateEksTags } from "./eks-update.ts";
import { unlessGone } from "./errors.ts";
import { flag, number, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";
import { splitId } from "./resource-id.ts";
import { waitFor } from "./wait.ts";

const TIMEOUT_SECONDS = 60 * 60;

/** `aws:eks/nodeGroup:NodeGroup`. */
export const nodeGroup: AwsResource = {
  tagged: true,
  autoname: "nodeGroupName",
  autonameLimit: 63,
  changing: ["status"],
  inputs: {
    amiType: { computed: true, forcesNew: true },
    capacityType: { computed: true, forcesNew: true },
    clusterName: { required: true, forcesNew: true },
    diskSize: { computed: true, forcesNew: true },
    forceUpdateVersion: {},
    instanceTypes: { computed: true, forcesNew: true },
    labels: {},
    launchTemplate: {
      fields: {
        id: { computed: true, forcesNew: true },
        name: { computed: true, forcesNew: true },
        version: { required: true },
      },
    },
    nodeGroupName: { computed: true, forcesNew: true },
    nodeRepairConfig: { computed: true, fields: { enabled: { default: false } } },
    nodeRoleArn: { required: true, forcesNew: true },
    releaseVersion: { computed: true },
    scalingConfig: {
      required: true,
      fields: { desiredSize: { required: true }, maxSize: { required: true }, minSize: { required: true } },
    },
    subnetIds: { required: true, forcesNew: true, set: true },
    taints: { set: true, fields: { effect: { required: true }, key: { required: true }, value: {} } },
    updateConfig: { computed: true, fields: { maxUnavailable: {}, maxUnavailablePercentage: {} } },
    version: { computed: true },
  },
  validate: nodeGroupFaults,

  async create(props, aws, op) {
    const clusterName = requiredText(props, "clusterName");
    const nodegroupName = requiredText(props, "nodeGroupName");
    const given = taints(props);
    await aws.client(EKSClient).send(
      new CreateNodegroupCommand({
        clusterName,
        nodegroupName,
        nodeRole: requiredText(props, "nodeRoleArn"),
        subnets: texts(props, "subnetIds"),
        amiType: text(props, "amiType") as AMITypes | undefined,
        capacityType: text(props, "capacityType") as CapacityTypes | undefined,
        diskSize: number(props, "diskSize"),
        instanceTypes: texts(props, "instanceTypes"),
        labels: textMap(props, "labels"),
        launchTemplate: launchTemplate(props),
        nodeRepairConfig: repairConfig(props),
        releaseVersion: text(props, "releaseVersion"),
        scalingConfig: scalingConfig(props),
        taints: given.length > 0 ? given : undefined,
        updateConfig: updateConfig(props),
        version: text(props, "version"),
        tags: eksTags(props),
      }),
    );
    const id = `${clusterName}:${nodegroupName}`;
    op.made(id);
    await active(id, aws, op);
    return id;
  },

  async read(id, known, aws) {
    const found = await describe(id, aws);
    if (!found) return undefined;
    return { ...nodeGroupOutputs(found), forceUpdateVersion: flag(known, "forceUpdateVersion"), tags: found.tags };
  },

  async update(id, props, old, changed, aws, op) {
    const eks = aws.client(EKSClient);
    const [clusterName, nodegroupName] = splitId(id, ":", 2);
    const group = { clusterName, nodegroupName };
    const done = (update: Parameters<typeof updateDone>[3]) =>
      updateDone(aws, op, { name: clusterName, nodegroupName }, update, TIMEOUT_SECONDS);
    if (["launchTemplate", "releaseVersion", "version"].some((name) => changed.has(name))) {
      const request = new UpdateNodegroupVersionCommand({
        ...group,
        force: flag(props, "forceUpdateVersion"),
        launchTemplate: launchTemplate(props),
        ...(changed.has("releaseVersion") && { releaseVersion: text(props, "releaseVersion") }),
        ...(changed.has("version") && { version: text(props, "version") }),
      });
      await done((await eks.send(request)).update);
    }
    if (["labels", "nodeRepairConfig", "scalingConfig", "taints", "updateConfig"].some((name) => changed.has(name))) {
      const request = new UpdateNodegroupConfigCommand({
        ...group,
        labels: labelChanges(props, old),
        taints: taintChanges(props, old),
        ...(changed.has("nodeRepairConfig") && { nodeRepairConfig: repairConfig(props) }),
        ...(changed.has("scalingConfig") && { scalingConfig: scalingConfig(props) }),
        ...(changed.has("updateConfig") && { updateConfig: updateConfig(props) }),
      });
      await done((await eks.send(request)).update);
    }
    if (changed.has("tagsAll")) await updateEksTags(requiredText(old, "arn"), props, old, aws);
  },

  async delete(id, _props, aws, op) {
    const [clusterName, nodegroupName] = splitId(id, ":", 2);
    await unlessGone(aws.client(EKSClient).send(new DeleteNodegroupCommand({ clusterName, nodegroupName })), NOT_FOUND);
    const until = `node group "${nodegroupName}" is gone`;
    await waitFor(op, { until, timeoutSeconds: TIMEOUT_SECONDS, everyMs: LOOK_EVERY_MS }, async () => {
      const found = await describe(id, aws);
      if (!found) return true;
      if (found.status !== "DELETE_FAILED") return undefined;
      throw new Error(`the node group cannot be deleted: ${reasons(found.health?.issues)}`);
    });
  },
};

async function describe(id: string, aws: AwsContext): Promise<Nodegroup | undefined> {
  const [clusterName, nodegroupName] = splitId(id, ":", 2);
  const request = new DescribeNodegroupCommand({ clusterName, nodegroupName });
  return (await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND))?.nodegroup;
}

async function active(id: string, aws: AwsContext, op: Operation): Promise<void> {
  const wait = { until: `node group "${id}" is active`, timeoutSeconds: TIMEOUT_SECONDS, everyMs: LOOK_EVERY_MS };
  await waitFor(op, wait, async () => {
    const found = await describe(id, aws);
    if (found?.status === "ACTIVE") return true;
    if (found?.status === "CREATING") return undefined;
    throw new Error(`the node group ended as ${found?.status ?? "gone"}: ${reasons(found?.health?.issues)}`);
  });
}
