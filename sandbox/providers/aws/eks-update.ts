import {
  DescribeUpdateCommand,
  EKSClient,
  TagResourceCommand,
  UntagResourceCommand,
  type Update,
} from "@aws-sdk/client-eks";
import type { Operation } from "../protocol/handler.ts";
import { textMap } from "./props.ts";
import type { AwsContext, Props } from "./resource.ts";
import { tagChanges } from "./tag-changes.ts";
import { waitFor } from "./wait.ts";

/** What EKS says of a thing that is not there. */
export const NOT_FOUND = "ResourceNotFoundException";

/** Milliseconds between looks at something that EKS works on. */
export const LOOK_EVERY_MS = 500;

/** What an update is of: a cluster, or a node group or an add-on in it. */
export interface Updated {
  name: string;
  nodegroupName?: string;
  addonName?: string;
}

/**
 * Waits until an update is through.
 *
 * @throws with EKS' reasons, when it fails or is cancelled.
 */
export async function updateDone(
  aws: AwsContext,
  op: Operation,
  of: Updated,
  update: Update | undefined,
  timeoutSeconds: number,
): Promise<void> {
  const title = of.nodegroupName ?? of.addonName ?? of.name;
  const wait = { until: `the update of "${title}" is through`, timeoutSeconds, everyMs: LOOK_EVERY_MS };
  await waitFor(op, wait, async () => {
    const answer = await aws.client(EKSClient).send(new DescribeUpdateCommand({ ...of, updateId: update?.id }));
    const { status, type, errors } = answer.update ?? {};
    if (status === "Successful") return true;
    if (status === "InProgress") return undefined;
    throw new Error(`${type ?? "the update"} ended as ${status}: ${reasons(errors)}`);
  });
}

/** What EKS tells of a failure, on one line. */
export function reasons(
  all: readonly { code?: string; errorCode?: string; message?: string; errorMessage?: string }[] | undefined,
): string {
  const each = (all ?? []).map(({ code, errorCode, message, errorMessage }) =>
    [errorCode ?? code, errorMessage ?? message].filter(Boolean).join(": "),
  );
  return each.length > 0 ? each.join("; ") : "EKS gives no reason";
}

/** Tags for a request. */
export const eksTags = (props: Props): Record<string, string> => textMap(props, "tagsAll");

/** Brings the tags of something in EKS to what `props` has. */
export async function updateEksTags(resourceArn: string, props: Props, old: Props, aws: AwsContext): Promise<void> {
  const { added, removed } = tagChanges(props, old);
  const eks = aws.client(EKSClient);
  if (removed.length > 0) await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: removed }));
  if (Object.keys(added).length > 0) await eks.send(new TagResourceCommand({ resourceArn, tags: added }));
}
