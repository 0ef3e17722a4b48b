import { valueAt } from "../../fault.ts";
import { fieldsOfOtherKinds } from "../../kind-fields.ts";
import type { Kind } from "../../kinds.ts";
import { resolveService } from "../../resolve.ts";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { isCalled } from "./ports.ts";

const WHY: Record<Kind, string> = {
  deployment: "does not run to an end",
  web: "does not run to an end",
  worker: "has no port and does not run to an end",
  stateful: "does not run to an end",
  cron: "runs to its end at its times, and nothing calls it",
  job: "runs to its end in a deploy, and nothing calls it",
};

/** Fields that contradict the kind. */
export function checkKind(name: string, service: ParsedService, add: AddFault): void {
  const { kind = "deployment" } = service;
  for (const path of fieldsOfOtherKinds(kind)) {
    if (valueAt(service, path) !== undefined)
      add(path, `not for kind: ${kind}, which ${WHY[kind]}. Remove it, or use ${kindsWith(path[0])}`);
  }
  if (kind === "web" && !isCalled(service)) add(["port"], "required by kind: web. Set it, or use kind: worker");
  if (kind === "cron" && service.cron?.schedule === undefined) {
    add(["cron", "schedule"], 'required by kind: cron. Set it, such as "30 2 * * *" for each day at 2:30');
  }
  const { timeoutSeconds } = resolveService(name, service, "").rollout;
  if (kind === "job" && timeoutSeconds > MAX_ROLLOUT_SECONDS) {
    add(
      ["job", "activeDeadlineSeconds"],
      `the deploy waits for it, and with start and stop that would be ${timeoutSeconds} s: ${MAX_ROLLOUT_SECONDS} at most. Lower it, or ` +
        "use kind: cron with suspend: true, and slipway run",
    );
  }
}

function kindsWith(field: unknown): string {
  if (field === "cron") return "kind: cron";
  if (field === "job") return "kind: cron or job";
  if (field === "volume") return "kind: stateful";
  return "another kind";
}
