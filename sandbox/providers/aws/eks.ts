import {
  DescribeUpdateCommand,
  EKSClient,
  TagResourceCommand,
  UntagResourceCommand,
  type Update,
} from "@aws-sdk/client-eks";
import type { Operation } from "../protocol/handler.ts";
import { text } from "./props.ts";
import type { AwsContext, Props, Tagging } from "./resource.ts";
import { type Wait, waitFor } from "./waiting.ts";

export const eks = (aws: AwsContext): EKSClient => aws.client(EKSClient);

/** What EKS says of a thing that is not there. */
export const NOT_FOUND = "ResourceNotFoundException";

/** What an update is of: a cluster, or a node group or an add-on in it. */
export interface Updated {
  name: string;
  nodegroupName?: string;
  addonName?: string;
}

/** What EKS tells of something that it works on. */
interface Described {
  status?: string;
  health?: { issues?: readonly Reason[] };
}

interface Reason {
  code?: string;
  errorCode?: string;
  message?: string;
  errorMessage?: string;
}

/** A wait on EKS, which is looked at often. */
const eksWait = (until: string, minutes: number): Wait => ({ until, timeoutSeconds: minutes * 60, everyMs: 500 });

/**
 * Waits until something that was made is active.
 *
 * @param what as `cluster "prod"`.
 * @param onTheWay statuses besides CREATING that lead there.
 * @throws with EKS' reasons, when it never will be.
 */
export async function becomesActive(
  op: Operation,
  what: string,
  minutes: number,
  describe: () => Promise<Described | undefined>,
  onTheWay: readonly string[] = [],
): Promise<void> {
  await waitFor(op, eksWait(`${what} is active`, minutes), async () => {
    const { status = "gone", health } = (await describe()) ?? {};
    if (status === "ACTIVE") return true;
    if (status === "CREATING" || onTheWay.includes(status)) return undefined;
    throw new Error(`${what} ended as ${status}: ${reasons(health?.issues)}`);
  });
}

/** Waits until something that is being deleted is gone. @throws with EKS' reasons, when it cannot be deleted. */
export async function becomesGone(
  op: Operation,
  what: string,
  minutes: number,
  describe: () => Promise<Described | undefined>,
): Promise<void> {
  await waitFor(op, eksWait(`${what} is gone`, minutes), async () => {
    const found = await describe();
    if (!found) return true;
    if (found.status !== "DELETE_FAILED") return undefined;
    throw new Error(`${what} cannot be deleted: ${reasons(found.health?.issues)}`);
  });
}

/** Waits until an update is through. @throws with EKS' reasons, when it fails or is cancelled. */
export async function updateDone(
  aws: AwsContext,
  op: Operation,
  of: Updated,
  update: Update | undefined,
  minutes: number,
): Promise<void> {
  const title = of.nodegroupName ?? of.addonName ?? of.name;
  await waitFor(op, eksWait(`the update of "${title}" is through`, minutes), async () => {
    const answer = await eks(aws).send(new DescribeUpdateCommand({ ...of, updateId: update?.id }));
    const { status, type, errors } = answer.update ?? {};
    if (status === "Successful") return true;
    if (status === "InProgress") return undefined;
    throw new Error(`${type ?? "the update"} ended as ${status}: ${reasons(errors)}`);
  });
}

/** What EKS tells of a failure, on one line. */
function reasons(all: readonly Reason[] | undefined): string {
  const each = (all ?? []).map(({ code, errorCode, message, errorMessage }) =>
    [errorCode ?? code, errorMessage ?? message].filter(Boolean).join(": "),
  );
  return each.length > 0 ? each.join("; ") : "EKS gives no reason";
}

export const eksTags: Tagging = {
  add: ({ old }, tags, aws) => eks(aws).send(new TagResourceCommand({ resourceArn: arnOf(old), tags })),
  remove: ({ old }, tagKeys, aws) => eks(aws).send(new UntagResourceCommand({ resourceArn: arnOf(old), tagKeys })),
};

const arnOf = (old: Props): string | undefined =>
  ["arn", "accessEntryArn", "associationArn"].map((name) => text(old, name)).find((arn) => arn !== undefined);

/**
 * The parts of an id such as `cluster:node-group`. What is left after the last separator that counts, separators included, is the
 * last part: it may be an ARN.
 */
export function splitId(id: string, separator: string, count: 2): [string, string];
export function splitId(id: string, separator: string, count: 3): [string, string, string];
export function splitId(id: string, separator: string, count: number): string[] {
  const all = id.split(separator);
  return [...all.slice(0, count - 1), all.slice(count - 1).join(separator)];
}
