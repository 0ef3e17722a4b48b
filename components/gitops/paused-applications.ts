import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { applicationName, argoCdNamespace } from "../../config/naming.ts";
import type { ArgoApplication } from "../cluster/argo-applications.ts";
import type { ClusterReader } from "../cluster/reader.ts";

/** Argo CD leaves an Application alone that has it: https://argo-cd.readthedocs.io/en/release-3.2/user-guide/skip_reconcile/ */
const SKIP = "argocd.argoproj.io/skip-reconcile";
/** When the change to Helm began. */
const HANDED_BACK = "slipway.dev/handed-back";
const SERVICE = "slipway.dev/service";
const POLL_MILLISECONDS = 2_000;
const IDLE_SECONDS = 60;

export interface ApplicationsReader {
  applications: Pick<ClusterReader["applications"], "list" | "annotate">;
}
type Place = Pick<Environment, "name" | "namespace">;

/** This stack's Applications, by service. One Argo CD may have those of others. */
export async function applicationsOf(
  reader: ApplicationsReader,
  { name: stack, namespace }: Place,
): Promise<Map<string, ArgoApplication>> {
  const all = await reader.applications.list(argoCdNamespace(namespace), SERVICE);
  const own = all.flatMap((application): [string, ArgoApplication][] => {
    const service = application.metadata.labels?.[SERVICE] ?? "";
    return application.metadata.name === applicationName(stack, service) ? [[service, application]] : [];
  });
  return new Map(own);
}

/** When the change to Helm that is under way began, for another attempt at it. Undefined if none is. */
export async function handedBackSince(reader: ApplicationsReader, place: Place): Promise<string | undefined> {
  const applications = [...(await applicationsOf(reader, place)).values()];
  return applications.flatMap(({ metadata }) => metadata.annotations?.[HANDED_BACK] ?? [])[0];
}

/**
 * Keeps Argo CD from what Helm is about to change: it would heal it. It deletes nothing, and can be undone.
 *
 * @throws pulumi.RunError if a sync is under way that does not end.
 */
export async function pauseApplications(reader: ApplicationsReader, place: Place, since: string): Promise<void> {
  const namespace = argoCdNamespace(place.namespace);
  const end = Date.now() + IDLE_SECONDS * 1000;
  for (;;) {
    const before = await applicationsOf(reader, place);
    if (![...before.values()].some(isBusy)) {
      for (const { metadata } of before.values())
        await reader.applications.annotate(namespace, metadata.name ?? "", { [SKIP]: "true", [HANDED_BACK]: since });
      // One may have begun between the two.
      if (![...(await applicationsOf(reader, place)).values()].some(isBusy)) return;
      await resumeApplications(reader, place);
    }
    if (Date.now() > end) throw new pulumi.RunError(busyMessage([...before.values()].filter(isBusy), namespace));
    await sleep(POLL_MILLISECONDS);
  }
}

/** A change to Helm was interrupted, and the stack stays with Argo CD after all. */
export async function resumeApplications(reader: ApplicationsReader, place: Place): Promise<void> {
  for (const { metadata } of (await applicationsOf(reader, place)).values()) {
    if (metadata.annotations?.[HANDED_BACK] === undefined) continue;
    await reader.applications.annotate(argoCdNamespace(place.namespace), metadata.name ?? "", {
      [SKIP]: null,
      [HANDED_BACK]: null,
    });
  }
}

function isBusy({ operation, status }: ArgoApplication): boolean {
  return operation !== undefined || /^(Running|Terminating)$/.test(status?.operationState?.phase ?? "");
}

function busyMessage(busy: readonly ArgoApplication[], namespace: string): string {
  const names = busy.map(({ metadata }) => metadata.name).join(", ");
  return (
    `Argo CD has been applying ${names} for ${IDLE_SECONDS} s, and would apply it against Helm. Nothing was changed. Run this again once ` +
    `the sync is over: kubectl get applications -n ${namespace}. If it cannot end, because a commit cannot be applied, commit a fix. If Argo CD ` +
    `does not run: kubectl patch application <name> -n ${namespace} --type merge -p ` +
    `'{"operation":null,"status":{"operationState":{"phase":"Failed"}}}'`
  );
}
