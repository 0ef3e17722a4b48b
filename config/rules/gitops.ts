import type { Fault } from "../fault.ts";
import type { ParsedService } from "../schema/service/index.ts";
import type { Checked } from "./checked.ts";

/** What a stack needs whose services Argo CD rolls out, and what only an update by Helm can do. */
export function gitopsFaults({ environment, written }: Checked): Fault[] {
  const { delivery, services } = environment;
  if (delivery?.mode !== "gitops") {
    if (delivery?.gitops === undefined) return [];
    return [
      {
        path: ["delivery", "gitops"],
        message: "without delivery.mode: gitops it has no effect. Add the mode, or remove it",
      },
    ];
  }
  const faults: Fault[] = [];
  if (delivery.gitops === undefined) {
    const message = "mode gitops needs the manifests repository. Add delivery.gitops.repository: https://…";
    faults.push({ path: ["delivery", "mode"], message });
  }
  if (written.rebalance === "afterDeploy") {
    const message =
      "afterDeploy needs the cluster's credentials, which slipway deploy does not have in mode gitops. Remove it";
    faults.push({ path: ["rebalance"], message });
  }
  faults.push(...slackFaults(environment));
  return [...faults, ...Object.entries(services).flatMap(([name, service]) => serviceFaults(name, service))];
}

/** Where messages go is said once: a webhook has its channel, a token needs one. */
function slackFaults({ delivery, addons }: Checked["environment"]): Fault[] {
  const slack = delivery?.gitops?.slack;
  if (slack === undefined) return [];
  const at = (...path: string[]) => ["delivery", "gitops", "slack", ...path];
  const faults: Fault[] = [];
  if (slack.by === "token" && slack.channel === undefined) {
    faults.push({
      path: at("by"),
      message: "token needs a channel to write to. Add channel: deploys, or use by: webhook",
    });
  }
  for (const field of ["channel", "apiUrl"] as const) {
    if (slack.by === "token" || slack[field] === undefined) continue;
    faults.push({ path: at(field), message: "a webhook has its own. Remove it, or use by: token" });
  }
  if (addons.argoCd.enabled === false) {
    const message =
      "with addons.argoCd.enabled: false this stack sets up no Argo CD, so it cannot set up its notifications. Set them up where that Argo CD is, and remove this";
    faults.push({ path: at(), message, hideValue: true });
  }
  return faults;
}

function serviceFaults(name: string, { enabled, migration, renamedFrom }: ParsedService): Fault[] {
  if (!enabled) return [];
  const faults: Fault[] = [];
  if (migration !== undefined) {
    const message =
      "a migration is run by the update, which does not reach the cluster in mode gitops. Run the migration as a service of kind job, or use mode: direct";
    faults.push({ path: ["services", name, "migration"], message, hideValue: true });
  }
  if (renamedFrom !== undefined) {
    const message =
      "Argo CD removes the old name and creates the new one without waiting, which loses requests. Add the new name beside the old one, and remove the old one with a later deploy";
    faults.push({ path: ["services", name, "renamedFrom"], message });
  }
  return faults;
}
