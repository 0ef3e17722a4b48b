import {
  type Addon,
  type AddonPodIdentityAssociations,
  CreateAddonCommand,
  DeleteAddonCommand,
  DescribeAddonCommand,
  DescribePodIdentityAssociationCommand,
  EKSClient,
  type ResolveConflicts,
  UpdateAddonCommand,
  type UpdateAddonCommandInput,
} from "@aws-sdk/client-eks";
import type { Operation } from "../protocol/handler.ts";
import { eksTags, LOOK_EVERY_MS, NOT_FOUND, reasons, updateDone, updateEksTags } from "./eks-update.ts";
import { unlessGone } from "./errors.ts";
import { notAmong } from "./input-faults.ts";
import { flag, items, requiredText, text } from "./props.ts";
import type { AwsContext, AwsResource, Outputs, Props } from "./resource.ts";
import { splitId } from "./resource-id.ts";
import { timestamp } from "./timestamp.ts";
import { waitFor } from "./wait.ts";

const CREATE_SECONDS = 20 * 60;
const UPDATE_SECONDS = 20 * 60;
const DELETE_SECONDS = 40 * 60;

/** `aws:eks/addon:Addon`. */
export const addon: AwsResource = {
  tagged: true,
  changing: ["modifiedAt"],
  inputs: {
    addonName: { required: true, forcesNew: true },
    addonVersion: { computed: true },
    clusterName: { required: true, forcesNew: true },
    configurationValues: { computed: true },
    podIdentityAssociations: {
      set: true,
      fields: { roleArn: { required: true }, serviceAccount: { required: true } },
    },
    preserve: {},
    resolveConflictsOnCreate: {},
    resolveConflictsOnUpdate: {},
    serviceAccountRoleArn: {},
  },

  validate: (props) => [
    ...notAmong("resolveConflictsOnCreate", props.resolveConflictsOnCreate, ["NONE", "OVERWRITE"]),
    ...notAmong("resolveConflictsOnUpdate", props.resolveConflictsOnUpdate, ["NONE", "OVERWRITE", "PRESERVE"]),
  ],

  async create(props, aws, op) {
    const clusterName = requiredText(props, "clusterName");
    const addonName = requiredText(props, "addonName");
    await aws.client(EKSClient).send(
      new CreateAddonCommand({
        addonName,
        clusterName,
        addonVersion: text(props, "addonVersion"),
        configurationValues: text(props, "configurationValues"),
        podIdentityAssociations: props.podIdentityAssociations === undefined ? undefined : podIdentities(props),
        resolveConflicts: text(props, "resolveConflictsOnCreate") as ResolveConflicts | undefined,
        serviceAccountRoleArn: text(props, "serviceAccountRoleArn"),
        tags: eksTags(props),
      }),
    );
    const id = `${clusterName}:${addonName}`;
    op.made(id);
    await active(id, aws, op);
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
      createdAt: timestamp(found.createdAt),
      modifiedAt: timestamp(found.modifiedAt),
      podIdentityAssociations: await associationsOf(found, aws),
      preserve: flag(known, "preserve"),
      resolveConflictsOnCreate: text(known, "resolveConflictsOnCreate"),
      resolveConflictsOnUpdate: text(known, "resolveConflictsOnUpdate"),
      serviceAccountRoleArn: found.serviceAccountRoleArn,
      tags: found.tags,
    };
  },

  async update(id, props, old, changed, aws, op) {
    const [clusterName, addonName] = splitId(id, ":", 2);
    if (
      ["addonVersion", "configurationValues", "podIdentityAssociations", "serviceAccountRoleArn"].some((name) =>
        changed.has(name),
      )
    ) {
      const request: UpdateAddonCommandInput = {
        addonName,
        clusterName,
        resolveConflicts: text(props, "resolveConflictsOnUpdate") as ResolveConflicts | undefined,
        // Left out, it would be taken from the add-on.
        serviceAccountRoleArn: text(props, "serviceAccountRoleArn"),
        ...(changed.has("addonVersion") && { addonVersion: text(props, "addonVersion") }),
        ...(changed.has("configurationValues") && { configurationValues: text(props, "configurationValues") ?? "" }),
        ...(changed.has("podIdentityAssociations") && { podIdentityAssociations: podIdentities(props) }),
      };
      const { update } = await aws.client(EKSClient).send(new UpdateAddonCommand(request));
      await updateDone(aws, op, { name: clusterName, addonName }, update, UPDATE_SECONDS);
    }
    if (changed.has("tagsAll")) await updateEksTags(requiredText(old, "arn"), props, old, aws);
  },

  async delete(id, props, aws, op) {
    const [clusterName, addonName] = splitId(id, ":", 2);
    const request = new DeleteAddonCommand({ addonName, clusterName, preserve: flag(props, "preserve") });
    await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND);
    const wait = { until: `add-on "${addonName}" is gone`, timeoutSeconds: DELETE_SECONDS, everyMs: LOOK_EVERY_MS };
    await waitFor(op, wait, async () => ((await describe(id, aws)) ? undefined : true));
  },
};

async function describe(id: string, aws: AwsContext): Promise<Addon | undefined> {
  const [clusterName, addonName] = splitId(id, ":", 2);
  const request = new DescribeAddonCommand({ addonName, clusterName });
  return (await unlessGone(aws.client(EKSClient).send(request), NOT_FOUND))?.addon;
}

/** Degraded counts as on its way: coredns is, as long as there is no node. */
async function active(id: string, aws: AwsContext, op: Operation): Promise<void> {
  const wait = { until: `add-on "${id}" is active`, timeoutSeconds: CREATE_SECONDS, everyMs: LOOK_EVERY_MS };
  await waitFor(op, wait, async () => {
    const found = await describe(id, aws);
    if (found?.status === "ACTIVE") return true;
    if (found?.status === "CREATING" || found?.status === "DEGRADED") return undefined;
    throw new Error(`the add-on ended as ${found?.status ?? "gone"}: ${reasons(found?.health?.issues)}`);
  });
}

const podIdentities = (props: Props): AddonPodIdentityAssociations[] =>
  items(props, "podIdentityAssociations").map((item) => ({
    roleArn: requiredText(item, "roleArn"),
    serviceAccount: requiredText(item, "serviceAccount"),
  }));

/** An add-on tells the ARNs of its associations; role and service account are theirs to tell. */
async function associationsOf(found: Addon, aws: AwsContext): Promise<Outputs[]> {
  return Promise.all(
    (found.podIdentityAssociations ?? []).map(async (arn) => {
      const [, , associationId] = splitId(arn, "/", 3);
      const request = { associationId, clusterName: found.clusterName };
      const { association } = await aws.client(EKSClient).send(new DescribePodIdentityAssociationCommand(request));
      return { roleArn: association?.roleArn, serviceAccount: association?.serviceAccount };
    }),
  );
}
