import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  type LogGroupClass,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { unlessGone } from "./errors.ts";
import { notAmong } from "./input-faults.ts";
import { flag, number, requiredText, text, textMap } from "./props.ts";
import type { AwsResource } from "./resource.ts";
import { tagChanges } from "./tag-changes.ts";

const GONE = "ResourceNotFoundException";

/** Days that CloudWatch Logs keeps events; 0 is for ever. */
const RETENTIONS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** `aws:cloudwatch/logGroup:LogGroup`. */
export const logGroup: AwsResource = {
  tagged: true,
  autoname: "name",
  autonameLimit: 512,
  inputs: {
    kmsKeyId: {},
    logGroupClass: { computed: true, forcesNew: true },
    name: { computed: true, forcesNew: true },
    retentionInDays: { default: 0 },
    skipDestroy: { default: false },
  },

  validate: (props) => notAmong("retentionInDays", props.retentionInDays, RETENTIONS),

  async create(props, aws, op) {
    const logs = aws.client(CloudWatchLogsClient);
    const logGroupName = requiredText(props, "name");
    await logs.send(
      new CreateLogGroupCommand({
        logGroupName,
        kmsKeyId: text(props, "kmsKeyId"),
        logGroupClass: text(props, "logGroupClass") as LogGroupClass | undefined,
        tags: textMap(props, "tagsAll"),
      }),
    );
    op.made(logGroupName);
    const retentionInDays = number(props, "retentionInDays");
    if (retentionInDays) await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    return logGroupName;
  },

  async read(id, known, aws) {
    const logs = aws.client(CloudWatchLogsClient);
    const found = await find(logs, id);
    if (!found) return undefined;
    const arn = found.arn?.replace(/:\*$/, "");
    return {
      arn,
      kmsKeyId: found.kmsKeyId,
      logGroupClass: found.logGroupClass,
      name: found.logGroupName,
      retentionInDays: found.retentionInDays ?? 0,
      skipDestroy: flag(known, "skipDestroy") ?? false,
      tags: (await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags,
    };
  },

  async update(id, props, old, changed, aws) {
    const logs = aws.client(CloudWatchLogsClient);
    const group = { logGroupName: id };
    if (changed.has("retentionInDays")) {
      const retentionInDays = number(props, "retentionInDays");
      await (retentionInDays
        ? logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays }))
        : logs.send(new DeleteRetentionPolicyCommand(group)));
    }
    if (changed.has("kmsKeyId")) {
      const kmsKeyId = text(props, "kmsKeyId");
      await (kmsKeyId
        ? logs.send(new AssociateKmsKeyCommand({ ...group, kmsKeyId }))
        : logs.send(new DisassociateKmsKeyCommand(group)));
    }
    if (changed.has("tagsAll")) {
      const resourceArn = requiredText(old, "arn");
      const { added, removed } = tagChanges(props, old);
      if (removed.length > 0) await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: removed }));
      if (Object.keys(added).length > 0) await logs.send(new TagResourceCommand({ resourceArn, tags: added }));
    }
  },

  async delete(id, props, aws) {
    if (flag(props, "skipDestroy")) return;
    const request = new DeleteLogGroupCommand({ logGroupName: id });
    await unlessGone(aws.client(CloudWatchLogsClient).send(request), GONE);
  },
};

async function find(client: CloudWatchLogsClient, name: string): Promise<LogGroup | undefined> {
  for await (const page of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: name })) {
    const found = page.logGroups?.find(({ logGroupName }) => logGroupName === name);
    if (found) return found;
  }
  return undefined;
}
