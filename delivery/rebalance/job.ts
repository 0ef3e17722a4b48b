import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { BatchV1Api, type KubeConfig, type V1CronJob, type V1Job } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { SYSTEM_NAMESPACE } from "../../components/addons/addon.ts";
import { unlessMissing } from "../../components/cluster/api-requests.ts";
import { Failure } from "../failure.ts";

/** As charts/descheduler names it: <release>-after-deploy. */
const TEMPLATE = "descheduler-after-deploy";
/** Mounted into the pod as the descheduler's policy. */
const POLICY = "slipway.dev/policy";
const POLL_MILLISECONDS = 1_000;
/** Above the Job's own deadline of 60 s, so that its end is seen. */
const MOST_SECONDS = 90;

interface Policy {
  profiles: { pluginConfig: { name: string; args: Record<string, unknown> }[] }[];
}

/** @throws Failure if the add-on has not been deployed with it */
export async function readTemplate(access: KubeConfig): Promise<V1CronJob> {
  const batch = access.makeApiClient(BatchV1Api);
  const found = await unlessMissing(batch.readNamespacedCronJob({ name: TEMPLATE, namespace: SYSTEM_NAMESPACE }));
  if (found) return found;
  throw new Failure(`the CronJob ${TEMPLATE} is not in ${SYSTEM_NAMESPACE}. The next deploy creates it`);
}

/** A run of the descheduler that moves one pod of this service at most. */
export function jobOf({ metadata, spec }: V1CronJob, service: string): V1Job {
  const { name = "", namespace, uid = "" } = metadata ?? {};
  const template = spec?.jobTemplate.spec?.template;
  const policy = template?.metadata?.annotations?.[POLICY];
  if (!spec?.jobTemplate.spec || policy === undefined) throw new Error(`the CronJob ${name} has no policy`);
  const annotations = { ...template?.metadata?.annotations, [POLICY]: policyOf(policy, service) };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${name}-${randomBytes(3).toString("hex")}`,
      ...(namespace && { namespace }),
      labels: { ...spec.jobTemplate.metadata?.labels },
      // As kubectl create job --from does it. The CronJob's controller removes old ones.
      annotations: { "cronjob.kubernetes.io/instantiate": "manual", "slipway.dev/service": service },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: true }],
    },
    spec: {
      ...spec.jobTemplate.spec,
      template: { ...template, metadata: { ...template?.metadata, annotations } },
    },
  };
}

/** Of the evictor, so that it holds for every strategy: RemoveDuplicates takes no selector of its own. */
function policyOf(text: string, service: string): string {
  const policy = parse(text) as Policy;
  const evictors = policy.profiles.flatMap(({ pluginConfig }) =>
    pluginConfig.filter(({ name }) => name === "DefaultEvictor"),
  );
  if (evictors.length !== policy.profiles.length) throw new Error("a profile of the policy has no DefaultEvictor");
  for (const { args } of evictors) args.labelSelector = { matchLabels: { "app.kubernetes.io/instance": service } };
  return stringify(policy);
}

/**
 * Creates a Job and waits for its end.
 *
 * @returns its name
 * @throws Failure if it fails, or does not end in time
 */
export async function runJob(access: KubeConfig, job: V1Job): Promise<string> {
  const batch = access.makeApiClient(BatchV1Api);
  const { name = "", namespace = SYSTEM_NAMESPACE } = job.metadata ?? {};
  await batch.createNamespacedJob({ namespace, body: job });
  const log = `kubectl logs job/${name} -n ${namespace}`;
  for (const end = Date.now() + MOST_SECONDS * 1000; Date.now() < end; ) {
    await sleep(POLL_MILLISECONDS);
    const found = await unlessMissing(batch.readNamespacedJob({ name, namespace }));
    // Old Jobs are removed once they are over.
    if (found === undefined) return name;
    for (const { type, status, reason, message } of found.status?.conditions ?? []) {
      if (type === "Complete" && status === "True") return name;
      if (type !== "Failed" || status !== "True") continue;
      throw new Failure(`the Job ${name} failed: ${reason}: ${message}. Its log: ${log}`);
    }
  }
  throw new Failure(`the Job ${name} did not end within ${MOST_SECONDS} s. Its log: ${log}`);
}
