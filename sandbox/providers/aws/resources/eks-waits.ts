import * as eks from "@aws-sdk/client-eks";
import type { Change, States } from "../declaration.ts";
import { send } from "../declared-resource.ts";
import { type Message, valueAt } from "../mapping.ts";
import { eksService } from "../services.ts";
import { waitFor } from "../waiting.ts";

/** EKS is asked often. */
const EVERY_MS = 500;

interface Reason {
  code?: string;
  errorCode?: string;
  message?: string;
  errorMessage?: string;
}

/** @param onTheWay states that lead to ACTIVE, besides CREATING. */
export function eksStates(noun: string, ...onTheWay: string[]): Omit<States, "seconds"> {
  return {
    noun,
    at: "status",
    ready: "ACTIVE",
    pending: ["CREATING", ...onTheWay],
    reason: (found) => reasons(valueAt(found, "health.issues")),
    everyMs: EVERY_MS,
  };
}

/** Waits until the update that a call began is done. @throws with EKS' reasons, when it fails or is cancelled. */
export async function settleUpdate(
  answer: Message,
  { aws, op }: Change,
  of: Message,
  timeoutSeconds: number,
): Promise<void> {
  const title = of.nodegroupName ?? of.addonName ?? of.name;
  const request = { ...of, updateId: valueAt(answer, "update.id") } as ConstructorParameters<
    typeof eks.DescribeUpdateCommand
  >[0];
  await waitFor(op, { until: `the update of "${title}" is done`, timeoutSeconds, everyMs: EVERY_MS }, async () => {
    const { update } = (await send(aws, eksService, new eks.DescribeUpdateCommand(request))) as {
      update?: Record<string, unknown>;
    };
    if (update?.status === "Successful") return true;
    if (update?.status === "InProgress") return undefined;
    throw new Error(`${update?.type ?? "the update"} ended as ${update?.status}: ${reasons(update?.errors)}`);
  });
}

/** What EKS says of a failure, on one line. */
function reasons(all: unknown): string {
  const each = ((all ?? []) as Reason[]).map(({ code, errorCode, message, errorMessage }) =>
    [errorCode ?? code, errorMessage ?? message].filter(Boolean).join(": "),
  );
  return each.length > 0 ? each.join("; ") : "EKS gives no reason";
}
