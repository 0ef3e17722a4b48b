import { AppsV1Api, CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { selector } from "../../components/cluster/api-requests.ts";
import { Rollouts } from "../../components/cluster/rollouts.ts";
import {
  planSwitch,
  type SwitchPlan,
  type SwitchReader,
  switchRollout,
  undoSwitch,
  type WantedPods,
} from "../../components/rollout/kept-pods.ts";
import { clusterErrorReason, connectCluster } from "../cluster.ts";
import type { StackEnvironment } from "../environment.ts";
import type { ServiceImage } from "../images.ts";
import { info, warn } from "../output.ts";

interface Found {
  wanted: WantedPods;
  plan: SwitchPlan;
}

/**
 * Blue/green services of a rollback whose pods of the earlier release still run. The program takes seconds until it is at them, so they
 * are switched as soon as the engine holds the stack's lock: see docs/decisions/rollback.md. What keeps it from that is a warning, and
 * the program does it.
 */
export class SwitchesBack {
  private readonly access: Promise<SwitchReader>;
  private readonly found: Promise<Found[]>;
  private begun: Promise<Found[]> | undefined;

  /** Begins to read the cluster. @param images what the services go back to */
  constructor(environment: StackEnvironment, images: readonly ServiceImage[]) {
    const wanted = wantedOf(environment, images);
    this.access = wanted.length === 0 ? new Promise(() => {}) : connectCluster(environment).then(readerOf);
    this.found = Promise.all(wanted.map((pods) => this.plan(pods))).then((all) => all.flat());
    // It is told when it is needed.
    this.access.catch(() => {});
  }

  /** Says what would be switched. */
  async announce(): Promise<void> {
    for (const { wanted, plan } of await this.found)
      info(`Would switch ${describe(wanted, plan)} as soon as the engine holds the stack's lock.`);
  }

  /** Switches, the first time that it is called. */
  begin(): void {
    this.begun ??= this.found.then(async (found) => {
      const switched = await Promise.all(found.map((one) => this.switch(one)));
      return switched.flat();
    });
  }

  /** Takes it back: the update was refused. It never fails: what it cannot do is a warning. */
  async undo(): Promise<void> {
    for (const { wanted, plan } of (await this.begun) ?? []) {
      const { service } = wanted;
      try {
        await undoSwitch(await this.access, wanted, plan);
        info(`${service}: the update was refused, so the traffic goes back to the release from before.`);
      } catch (error) {
        warn(
          `${service} stays switched to ${wanted.version.release}, although the update was refused: ${clusterErrorReason(error)}. ` +
            "The next update puts right what serves.",
        );
      }
    }
  }

  private async plan(wanted: WantedPods): Promise<Found[]> {
    try {
      const plan = await planSwitch(await this.access, wanted);
      return plan === undefined || plan.isRecorded ? [] : [{ wanted, plan }];
    } catch (error) {
      warn(`${wanted.service}: ${FAILED}: ${clusterErrorReason(error)}.`);
      return [];
    }
  }

  private async switch(found: Found): Promise<Found[]> {
    const { wanted, plan } = found;
    try {
      await switchRollout(await this.access, wanted, plan);
      info(`Switching ${describe(wanted, plan)} before the update.`);
      return [found];
    } catch (error) {
      warn(`${wanted.service}: ${FAILED}: ${clusterErrorReason(error)}.`);
      return [];
    }
  }
}

const FAILED = "it cannot be switched back at once, so the update does it, some seconds later";

/** What a migration has changed is known to the program only, so a service with one waits for it. */
function wantedOf({ config }: StackEnvironment, images: readonly ServiceImage[]): WantedPods[] {
  return images.flatMap(({ service, release, tag, digest }) => {
    const own = config.services.find(({ name }) => name === service);
    if (own?.rollout.strategy !== "blueGreen" || own.migration !== undefined || own.replicas.max === 0) return [];
    const image = `${tag.replace(/:[^:/]*$/, "")}@${digest}`;
    return [{ namespace: config.namespace, service, version: { image, release } }];
  });
}

function readerOf(access: KubeConfig): SwitchReader {
  const apps = access.makeApiClient(AppsV1Api);
  const core = access.makeApiClient(CoreV1Api);
  return {
    rollouts: new Rollouts(access),
    replicaSets: async (namespace, labels) =>
      (await apps.listNamespacedReplicaSet({ namespace, labelSelector: selector(labels) })).items,
    revisionRecords: async (namespace, labels) => {
      const labelSelector = selector({ owner: "helm", ...labels });
      return (await core.listNamespacedSecret({ namespace, labelSelector })).items;
    },
  };
}

function describe({ service, version }: WantedPods, { pods }: SwitchPlan): string {
  return `${service} back to ${version.release}, whose ${pods} pods still run,`;
}
