import {
  CapacityTypes,
  type LaunchTemplateSpecification,
  type Nodegroup,
  type NodegroupScalingConfig,
  type NodegroupUpdateConfig,
  type NodeRepairConfig,
  type Taint,
  TaintEffect,
  type UpdateLabelsPayload,
  type UpdateTaintsPayload,
} from "@aws-sdk/client-eks";
import { exactlyOne } from "./exactly-one.ts";
import { type InputFault, notAmong, notWithin } from "./input-faults.ts";
import { flag, items, number, object, requiredText, text, textMap } from "./props.ts";
import type { Outputs, Props } from "./resource.ts";

export function nodeGroupFaults(props: Props): InputFault[] {
  const { minSize, maxSize, desiredSize } = object(props, "scalingConfig") ?? {};
  const update = object(props, "updateConfig");
  return [
    ...notAmong("capacityType", props.capacityType, Object.values(CapacityTypes)),
    ...notWithin("scalingConfig.minSize", minSize, 0),
    ...notWithin("scalingConfig.desiredSize", desiredSize, 0),
    ...notWithin("scalingConfig.maxSize", maxSize, 1),
    ...items(props, "taints").flatMap(({ effect }, index) =>
      notAmong(`taints[${index}].effect`, effect, Object.values(TaintEffect)),
    ),
    ...(update ? exactlyOne(update, ["maxUnavailable", "maxUnavailablePercentage"]) : []).map(({ reason }) => ({
      property: "updateConfig",
      reason,
    })),
    ...notWithin("updateConfig.maxUnavailable", update?.maxUnavailable, 1, 100),
    ...notWithin("updateConfig.maxUnavailablePercentage", update?.maxUnavailablePercentage, 1, 100),
  ];
}

/** EKS tells id and name but takes only one of them: the id, when there is one. */
export function launchTemplate(props: Props): LaunchTemplateSpecification | undefined {
  const template = object(props, "launchTemplate");
  if (!template) return undefined;
  const id = text(template, "id");
  const version = text(template, "version");
  return id ? { id, version } : { name: text(template, "name"), version };
}

export function scalingConfig(props: Props): NodegroupScalingConfig {
  const scaling = object(props, "scalingConfig") ?? {};
  return {
    desiredSize: number(scaling, "desiredSize"),
    maxSize: number(scaling, "maxSize"),
    minSize: number(scaling, "minSize"),
  };
}

export function updateConfig(props: Props): NodegroupUpdateConfig | undefined {
  const update = object(props, "updateConfig");
  return (
    update && {
      maxUnavailable: number(update, "maxUnavailable"),
      maxUnavailablePercentage: number(update, "maxUnavailablePercentage"),
    }
  );
}

export function repairConfig(props: Props): NodeRepairConfig | undefined {
  const repair = object(props, "nodeRepairConfig");
  return repair && { enabled: flag(repair, "enabled") };
}

export function taints(props: Props): Taint[] {
  return items(props, "taints").map((taint) => ({
    effect: requiredText(taint, "effect") as TaintEffect,
    key: requiredText(taint, "key"),
    value: text(taint, "value"),
  }));
}

/** What leads from the old labels to the new; undefined when nothing does. */
export function labelChanges(props: Props, old: Props): UpdateLabelsPayload | undefined {
  const next = textMap(props, "labels");
  const before = textMap(old, "labels");
  const addOrUpdateLabels = Object.fromEntries(Object.entries(next).filter(([key, value]) => before[key] !== value));
  const removeLabels = Object.keys(before).filter((key) => !(key in next));
  const some = Object.keys(addOrUpdateLabels).length + removeLabels.length > 0;
  return some ? { addOrUpdateLabels, removeLabels } : undefined;
}

/** What leads from the old taints to the new; undefined when nothing does. A taint is known by its key and effect. */
export function taintChanges(props: Props, old: Props): UpdateTaintsPayload | undefined {
  const next = taints(props);
  const before = taints(old);
  const find = (all: Taint[], { key, effect }: Taint): Taint | undefined =>
    all.find((taint) => taint.key === key && taint.effect === effect);
  const addOrUpdateTaints = next.filter((taint) => {
    const same = find(before, taint);
    return same === undefined || same.value !== taint.value;
  });
  const removeTaints = before.filter((taint) => !find(next, taint));
  return addOrUpdateTaints.length + removeTaints.length > 0 ? { addOrUpdateTaints, removeTaints } : undefined;
}

/** A node group's properties, but its tags. */
export function nodeGroupOutputs(found: Nodegroup): Outputs {
  return {
    amiType: found.amiType,
    arn: found.nodegroupArn,
    capacityType: found.capacityType,
    clusterName: found.clusterName,
    diskSize: found.diskSize,
    instanceTypes: found.instanceTypes,
    labels: found.labels,
    launchTemplate: found.launchTemplate && { ...found.launchTemplate },
    nodeGroupName: found.nodegroupName,
    nodeRepairConfig: found.nodeRepairConfig && { enabled: found.nodeRepairConfig.enabled },
    nodeRoleArn: found.nodeRole,
    releaseVersion: found.releaseVersion,
    resources: [
      {
        autoscalingGroups: found.resources?.autoScalingGroups?.map(({ name }) => ({ name })),
        remoteAccessSecurityGroupId: found.resources?.remoteAccessSecurityGroup ?? "",
      },
    ],
    scalingConfig: found.scalingConfig && { ...found.scalingConfig },
    status: found.status,
    subnetIds: found.subnets,
    taints: found.taints?.map((taint) => ({ ...taint })),
    updateConfig: found.updateConfig && {
      maxUnavailable: found.updateConfig.maxUnavailable,
      maxUnavailablePercentage: found.updateConfig.maxUnavailablePercentage,
    },
    version: found.version,
  };
}
