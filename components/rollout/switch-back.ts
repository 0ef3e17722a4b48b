import type { V1PodTemplateSpec } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Service } from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import { serviceValues } from "../service-values.ts";
import { inTime } from "./in-time.ts";
import { planSwitch, type SwitchPlan, switchRollout, type WantedPods, waitForSwitch } from "./kept-pods.ts";
import { versionIn } from "./pod-version.ts";
import { renderService } from "./render-service.ts";

export interface SwitchBackArgs {
  service: Service;
  cluster: ClusterConnection;
  namespace: pulumi.Output<string>;
  dns: Environment["dns"];
  /** Names of the service's ConfigMaps and Secrets, by the value of the chart that takes each. */
  data: Record<string, pulumi.Output<string>>;
  /** Resource of the messages. */
  parent: pulumi.Resource;
}

/**
 * Switches a blue/green service back to pods of an earlier release that still run, before Helm begins: see docs/decisions/rollback.md.
 * Whatever keeps it from that is a warning, and Helm does it as in every other update.
 *
 * @param image `repository@sha256:…`
 * @returns the image, once that is done. The release must use this output.
 */
export function switchBack(args: SwitchBackArgs, image: pulumi.Output<string>): pulumi.Output<string> {
  const { service, namespace, data } = args;
  // A service that is paused has no pods to switch to.
  if (service.rollout.strategy !== "blueGreen" || service.replicas.max === 0) return image;
  return pulumi.all([image, namespace, pulumi.all(data)]).apply(async ([reference, name, names]) => {
    const values = serviceValues(service, { image: reference, dns: args.dns, data: names });
    const template = () => renderTemplate(args, name, values);
    await switchBeforeHelm(args, { namespace: name, service: service.name, version: versionIn(values), template });
    return reference;
  });
}

/** As {@link switchBack}. @throws pulumi.RunError if what Helm has recorded does not serve again, since Helm would change nothing */
export async function switchBeforeHelm(
  { service, cluster, parent }: Pick<SwitchBackArgs, "service" | "cluster" | "parent">,
  wanted: WantedPods,
): Promise<void> {
  const { name, release, rollout } = service;
  const plan = async () => planSwitch(await cluster.reader(), wanted);
  if (pulumi.runtime.isDryRun()) {
    const found = await inTime(plan(), undefined);
    if (found) await pulumi.log.info(`${name} ${release}: would switch back ${describe(found)}.`, parent);
    return;
  }
  let found: SwitchPlan | undefined;
  try {
    found = await plan();
    if (found === undefined) return;
    await switchRollout(await cluster.reader(), wanted, found);
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    if (found?.isRecorded) throw new pulumi.RunError(unfinished(service, `its Rollout cannot be changed (${why})`));
    await pulumi.log.warn(
      `${name} ${release}: it cannot be switched back at once, so the rollout does it, some seconds later: ${why}.`,
      parent,
    );
    return;
  }
  await pulumi.log.info(`${name} ${release}: switches back ${describe(found)}.`, parent);
  if (!found.isRecorded) return;
  const fault = await waitForSwitch(await cluster.reader(), wanted, rollout.timeoutSeconds);
  if (fault !== undefined) throw new pulumi.RunError(unfinished(service, fault));
}

async function renderTemplate(
  { service: { name }, cluster }: SwitchBackArgs,
  namespace: string,
  values: Record<string, unknown>,
): Promise<V1PodTemplateSpec> {
  const objects = await renderService(cluster, namespace, name, values);
  const rollout = objects.find(({ kind }) => kind === "Rollout") as { spec?: { template?: V1PodTemplateSpec } };
  if (rollout?.spec?.template === undefined) throw new Error("charts/service renders no Rollout");
  return rollout.spec.template;
}

function describe({ pods, isRecorded }: SwitchPlan): string {
  if (isRecorded) return "after an update that was interrupted";
  return `to its ${pods} pods that still run, before the rollout is recorded`;
}

function unfinished({ name, release }: Service, fault: string): string {
  return (
    `${name}: an earlier update was interrupted after it had switched back from ${release}, and ${release} does not serve again: ` +
    `${fault}. Run this again, or deploy another release. See: kubectl get rollouts.argoproj.io ${name}`
  );
}
