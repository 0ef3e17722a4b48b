import {
  type Addon,
  CreateAddonCommand,
  DeleteAddonCommand,
  DescribeAddonCommand,
  type ResolveConflicts,
  UpdateAddonCommand,
} from "@aws-sdk/client-eks";
import { becomesActive, becomesGone, eks, eksTags, NOT_FOUND, splitId, updateDone } from "./eks.ts";
import { unlessGone } from "./errors.ts";
import { requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource } from "./resource.ts";

const CREATE_MINUTES = 20;
const UPDATE_MINUTES = 20;
const DELETE_MINUTES = 40;

/** `aws:eks/addon:Addon`. */
export const addon: AwsResource = {
  inputs: {
    addonName: { required: true, forcesNew: true },
    addonVersion: { computed: true },
    clusterName: { required: true, forcesNew: true },
    configurationValues: { computed: true },
    resolveConflictsOnCreate: { allowed: ["NONE", "OVERWRITE"] },
    resolveConflictsOnUpdate: { allowed: ["NONE", "OVERWRITE", "PRESERVE"] },
  },
  tags: eksTags,

  async create(props, aws, op) {
    const clusterName = requiredText(props, "clusterName");
    const addonName = requiredText(props, "addonName");
    await eks(aws).send(
      new CreateAddonCommand({
        addonName,
        clusterName,
        addonVersion: text(props, "addonVersion"),
        configurationValues: text(props, "configurationValues"),
        resolveConflicts: text(props, "resolveConflictsOnCreate") as ResolveConflicts | undefined,
        tags: textMap(props, "tagsAll"),
      }),
    );
    const id = `${clusterName}:${addonName}`;
    op.made(id);
    // Degraded counts as on its way: coredns is, as long as there is no node.
    await becomesActive(op, `add-on "${id}"`, CREATE_MINUTES, () => describe(id, aws), ["DEGRADED"]);
    return id;
  },

  async read(id, known, aws) {
    const found = await describe(id, aws);
    if (!found) return undefined;
    return {
      addonName: found.addonName,
      addonVersion: found.addonVersion,
      arn: found.addonArn,
      clusterName: found.clusterName,
      configurationValues: found.configurationValues,
      resolveConflictsOnCreate: known.resolveConflictsOnCreate,
      resolveConflictsOnUpdate: known.resolveConflictsOnUpdate,
      tags: found.tags,
    };
  },

  async update(id, props, _old, changed, aws, op) {
    if (!["addonVersion", "configurationValues"].some((name) => changed.has(name))) return;
    const [clusterName, addonName] = splitId(id, ":", 2);
    const request = {
      addonName,
      clusterName,
      resolveConflicts: text(props, "resolveConflictsOnUpdate") as ResolveConflicts | undefined,
      ...(changed.has("addonVersion") && { addonVersion: text(props, "addonVersion") }),
      ...(changed.has("configurationValues") && { configurationValues: text(props, "configurationValues") ?? "" }),
    };
    const { update } = await eks(aws).send(new UpdateAddonCommand(request));
    await updateDone(aws, op, { name: clusterName, addonName }, update, UPDATE_MINUTES);
  },

  async delete(id, _props, aws, op) {
    const [clusterName, addonName] = splitId(id, ":", 2);
    await unlessGone(eks(aws).send(new DeleteAddonCommand({ addonName, clusterName })), NOT_FOUND);
    await becomesGone(op, `add-on "${id}"`, DELETE_MINUTES, () => describe(id, aws));
  },
};

async function describe(id: string, aws: AwsContext): Promise<Addon | undefined> {
  const [clusterName, addonName] = splitId(id, ":", 2);
  const request = new DescribeAddonCommand({ addonName, clusterName });
  return (await unlessGone(eks(aws).send(request), NOT_FOUND))?.addon;
}
