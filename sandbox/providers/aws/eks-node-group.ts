import {
  CapacityTypes,
  CreateNodegroupCommand,
  DeleteNodegroupCommand,
  DescribeNodegroupCommand,
  type Nodegroup,
  type Update,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
} from "@aws-sdk/client-eks";
import { becomesActive, becomesGone, eks, eksTags, NOT_FOUND, splitId, updateDone } from "./eks.ts";
import { unlessGone } from "./errors.ts";
import { flag, number, object, requiredText, text, textMap, texts } from "./props.ts";
import type { AwsContext, AwsResource, Props } from "./resource.ts";

const MINUTES = 60;

/** `aws:eks/nodeGroup:NodeGroup` of a launch template. */
export const nodeGroup: AwsResource = {
  autoname: "nodeGroupName",
  autonameLimit: 63,
  inputs: {
    capacityType: { computed: true, allowed: Object.values(CapacityTypes), forcesNew: true },
    clusterName: { required: true, forcesNew: true },
    instanceTypes: { computed: true, forcesNew: true },
    launchTemplate: {
      required: true,
      fields: { id: { required: true, forcesNew: true }, version: { required: true } },
    },
    nodeGroupName: { computed: true, forcesNew: true },
    nodeRepairConfig: { computed: true, fields: { enabled: { default: false } } },
    nodeRoleArn: { required: true, forcesNew: true },
    scalingConfig: {
      required: true,
      fields: { desiredSize: { required: true }, maxSize: { required: true }, minSize: { required: true } },
    },
    subnetIds: { required: true, forcesNew: true, set: true },
    updateConfig: { computed: true, fields: { maxUnavailable: { required: true } } },
  },
  tags: eksTags,

  async create(props, aws, op) {
    const clusterName = requiredText(props, "clusterName");
    const nodegroupName = requiredText(props, "nodeGroupName");
    await eks(aws).send(
      new CreateNodegroupCommand({
        clusterName,
        nodegroupName,
        nodeRole: requiredText(props, "nodeRoleArn"),
        subnets: texts(props, "subnetIds"),
        capacityType: text(props, "capacityType") as CapacityTypes | undefined,
        instanceTypes: texts(props, "instanceTypes"),
        launchTemplate: launchTemplate(props),
        ...config(props),
        tags: textMap(props, "tagsAll"),
      }),
    );
    const id = `${clusterName}:${nodegroupName}`;
    op.made(id);
    await becomesActive(op, `node group "${id}"`, MINUTES, () => describe(id, aws));
    return id;
  },

  async read(id, _known, aws) {
    const found = await describe(id, aws);
    return (
      found && {
        arn: found.nodegroupArn,
        capacityType: found.capacityType,
        clusterName: found.clusterName,
        instanceTypes: found.instanceTypes,
        launchTemplate: { id: found.launchTemplate?.id, version: found.launchTemplate?.version },
        nodeGroupName: found.nodegroupName,
        nodeRepairConfig: { enabled: found.nodeRepairConfig?.enabled },
        nodeRoleArn: found.nodeRole,
        resources: [{ autoscalingGroups: found.resources?.autoScalingGroups?.map(({ name }) => ({ name })) }],
        scalingConfig: { ...found.scalingConfig },
        subnetIds: found.subnets,
        tags: found.tags,
        updateConfig: { maxUnavailable: found.updateConfig?.maxUnavailable },
      }
    );
  },

  async update(id, props, _old, changed, aws, op) {
    const [clusterName, nodegroupName] = splitId(id, ":", 2);
    const done = (update: Update | undefined) =>
      updateDone(aws, op, { name: clusterName, nodegroupName }, update, MINUTES);
    if (changed.has("launchTemplate")) {
      const request = { clusterName, nodegroupName, launchTemplate: launchTemplate(props) };
      await done((await eks(aws).send(new UpdateNodegroupVersionCommand(request))).update);
    }
    const changes = Object.entries(config(props)).filter(([name]) => changed.has(name));
    if (changes.length > 0) {
      const request = { clusterName, nodegroupName, ...Object.fromEntries(changes) };
      await done((await eks(aws).send(new UpdateNodegroupConfigCommand(request))).update);
    }
  },

  async delete(id, _props, aws, op) {
    const [clusterName, nodegroupName] = splitId(id, ":", 2);
    await unlessGone(eks(aws).send(new DeleteNodegroupCommand({ clusterName, nodegroupName })), NOT_FOUND);
    await becomesGone(op, `node group "${id}"`, MINUTES, () => describe(id, aws));
  },
};

async function describe(id: string, aws: AwsContext): Promise<Nodegroup | undefined> {
  const [clusterName, nodegroupName] = splitId(id, ":", 2);
  const request = new DescribeNodegroupCommand({ clusterName, nodegroupName });
  return (await unlessGone(eks(aws).send(request), NOT_FOUND))?.nodegroup;
}

function launchTemplate(props: Props): { id?: string; version?: string } {
  const template = object(props, "launchTemplate") ?? {};
  return { id: text(template, "id"), version: text(template, "version") };
}

/** What EKS changes in one update, by property. */
function config(props: Props) {
  const [repair, scaling, update] = ["nodeRepairConfig", "scalingConfig", "updateConfig"].map((key) =>
    object(props, key),
  );
  return {
    nodeRepairConfig: repair && { enabled: flag(repair, "enabled") },
    scalingConfig: scaling && {
      desiredSize: number(scaling, "desiredSize"),
      maxSize: number(scaling, "maxSize"),
      minSize: number(scaling, "minSize"),
    },
    updateConfig: update && { maxUnavailable: number(update, "maxUnavailable") },
  };
}
