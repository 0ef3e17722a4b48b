import * as pulumi from "@pulumi/pulumi";
import type { Environment, Service } from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { renderService } from "../rollout/render-service.ts";
import { serviceValues } from "../service-values.ts";
import { migrationObjects } from "./job.ts";
import { recordServed } from "./ledger.ts";
import { digestOf, type Migration, nameOf } from "./migration.ts";
import { waitForOlderPods } from "./older-pods.ts";
import { liveReleases } from "./plan.ts";
import { MigrationError, runMigration } from "./run.ts";

export interface StagesArgs {
  service: Service;
  cluster: ClusterConnection;
  namespace: pulumi.Output<string>;
  dns: Environment["dns"];
  /** Names of the service's ConfigMaps and Secrets, by the value of the chart that takes each. */
  data: Record<string, pulumi.Output<string>>;
  /** What the migration's pod needs besides, such as an IAM role. */
  after: readonly pulumi.Resource[];
  /** Whether this update runs the migration: see planMigrations. */
  runs: boolean;
}

/** Outputs of a Helm release, known once it is rolled out. */
interface RolledOut {
  status: pulumi.Output<{ status: string } | undefined>;
  values: pulumi.Output<Record<string, unknown> | undefined>;
}

/** The migration of a service around its rollout. */
export class MigrationStages {
  private readonly args: StagesArgs;

  constructor(args: StagesArgs) {
    this.args = args;
  }

  /**
   * The image that is about to be rolled out, once its expand migration has run. The release must use this output.
   *
   * @param image `repository@sha256:…`
   */
  beforeRollout(image: pulumi.Output<string>): pulumi.Output<string> {
    const { namespace, after, data } = this.args;
    const ready = pulumi.all([image, namespace, pulumi.all(data), pulumi.all(after.map(({ urn }) => urn))]);
    return ready.apply(async ([reference, name, names]) => {
      await this.before(reference, name, names);
      return reference;
    });
  }

  /**
   * Runs a contract migration once no pod of an older image lives.
   *
   * @returns the digest that is served, once that is done. An update that does not wait for it may end before.
   */
  afterRollout(release: RolledOut): pulumi.Output<string | undefined> {
    const { namespace, data } = this.args;
    const all = pulumi.all([release.status, release.values, namespace, pulumi.all(data)]);
    return all.apply(async ([status, values, name, names]) => {
      // What the release is now, not what it should be: an update of other targets does not change it.
      const image = values?.image;
      if (status?.status !== "deployed" || typeof image !== "string") return undefined;
      await this.after(image, name, names);
      return digestOf(image);
    });
  }

  /**
   * @param data names of the service's ConfigMaps and Secrets
   * @throws pulumi.RunError that names the service
   */
  async before(image: string, namespace: string, data: Record<string, string>): Promise<void> {
    if (pulumi.runtime.isDryRun()) return;
    await this.explain(async () => {
      const { name: service } = this.args.service;
      const reader = await this.args.cluster.reader();
      const live = await liveReleases(reader, namespace, service);
      const older = live.filter(({ digest }) => digest !== digestOf(image));
      await recordServed(reader.migrations, { namespace, service }, older);
      if (this.phase === "expand") await this.run(image, namespace, data);
    });
  }

  /** As {@link before}. */
  async after(image: string, namespace: string, data: Record<string, string>): Promise<void> {
    if (pulumi.runtime.isDryRun()) return;
    await this.explain(async () => {
      const { name: service, release } = this.args.service;
      const reader = await this.args.cluster.reader();
      await recordServed(reader.migrations, { namespace, service }, [{ release, digest: digestOf(image) }]);
      if (this.phase !== "contract" || !this.args.runs) return;
      if (await this.isAlone(reader, image, namespace)) await this.run(image, namespace, data);
    });
  }

  /** Waits for older pods. @returns whether none is left */
  private async isAlone(reader: ClusterReader, image: string, namespace: string): Promise<boolean> {
    const { name: service, shutdown } = this.args.service;
    const name = nameOf(this.migration(image, namespace));
    const awaited = { namespace, service, image, stopSeconds: shutdown.preStopSeconds + shutdown.drainSeconds };
    const left = await waitForOlderPods(reader, awaited, (message) => say(`${name}: ${message}.`));
    if (left === undefined) return true;
    const why = `${name}: pods of older releases still live: ${left.names.join(", ")}. The contract migration has not run. `;
    if (!left.isByRollout) throw new MigrationError(`${why}Once they are gone, run the same command again.`);
    await pulumi.log.warn(`${why}Once the rollout is over, run the same command again: it runs the migration.`);
    return false;
  }

  private get phase() {
    return this.args.service.migration?.phase;
  }

  private migration(image: string, namespace: string): Migration {
    const { name, release, migration } = this.args.service;
    if (migration === undefined) throw new Error(`${name} has no migration`);
    return { service: name, release, namespace, config: migration, image };
  }

  private async run(image: string, namespace: string, data: Record<string, string>): Promise<void> {
    const { service, cluster, dns, runs } = this.args;
    if (!runs) return;
    const migration = this.migration(image, namespace);
    const objects = async () => {
      const values = serviceValues(service, { image, dns, data });
      return migrationObjects(await renderService(cluster, namespace, service.name, values), migration);
    };
    const { migrations } = await cluster.reader();
    await runMigration(migrations, migration, objects, say);
  }

  private async explain(act: () => Promise<void>): Promise<void> {
    const { service } = this.args;
    try {
      await act();
    } catch (error) {
      if (error instanceof MigrationError) throw new pulumi.RunError(error.message);
      const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
      throw new pulumi.RunError(
        `${service.name} ${service.release}: the migration ${this.phase} cannot be run or recorded: ${why}. Check the connection, and that you may ` +
          "create, read, patch and delete jobs and leases, create networkpolicies and serviceaccounts, write configmaps, and read pods, " +
          "their logs and events in its namespace. The same command goes on where this one ended.",
      );
    }
  }
}

/** As the stack's own message: the progress of a deploy shows only those. */
async function say(message: string): Promise<void> {
  await pulumi.log.info(message);
}
