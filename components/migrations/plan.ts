import * as pulumi from "@pulumi/pulumi";
import { type Environment, type Fault, refuseFaults, type Service } from "../../config/index.ts";
import type { ClusterConnection } from "../cluster/connection.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import type { ImagePlans } from "../images/images.ts";
import { lastOutput } from "../last-update.ts";
import { inTime } from "../rollout/in-time.ts";
import { contractAcross, decide, type Situation } from "./decide.ts";
import { type LedgerEntry, ledgerName, readLedger } from "./ledger.ts";
import { digestOf } from "./migration.ts";

const INTRO = "A contract migration has taken away what an older release needs. Nothing of the services was changed.";

/** Set by `slipway rollback`: an image that the ledger does not know is an older one. */
const ACTION = "SLIPWAY_ACTION";
/** Set by --across-contract. */
const ACROSS_CONTRACT = "SLIPWAY_ACROSS_CONTRACT";

export interface PlanArgs {
  environment: Environment;
  cluster: ClusterConnection;
  /** Repository of the services' own images. */
  repository: string;
  plans: ImagePlans;
}

/** Names of the services whose migration this update runs. */
export type MigrationPlan = ReadonlySet<string>;

/**
 * Which migrations an update runs, asked before anything changes. A preview prints them.
 *
 * @throws pulumi.RunError if a service would go back across a contract migration, and nobody has allowed it, or if the cluster does not
 * answer
 */
export async function planMigrations(args: PlanArgs): Promise<MigrationPlan> {
  const { environment, cluster } = args;
  const services = environment.services.filter(({ migration }) => migration !== undefined);
  if (services.length === 0) return new Set();
  // It has no ledger yet, and it cannot be asked.
  const isNew = cluster.cluster !== undefined && (await lastOutput("platform")) === undefined;
  const situations = isNew
    ? services.map((service) => newSituation(service, args))
    : await readSituations(args, services);
  if (situations === undefined) {
    await pulumi.log.info("Which migrations the update runs cannot be said: the cluster does not answer.");
    return new Set();
  }
  const faults = situations.flatMap((situation) => faultsOf(situation));
  if (process.env[ACROSS_CONTRACT] !== "true") refuseFaults(environment, faults, INTRO);
  else for (const { message } of faults) await pulumi.log.warn(`--across-contract: ${message}`);
  const running = new Set<string>();
  for (const situation of situations) {
    const { name, release } = situation.service;
    const decision = decide(situation);
    if (decision === "run") {
      running.add(name);
      await pulumi.log.info(announce(situation.service));
    }
    if (decision === "goes back")
      await pulumi.log.info(
        `${name} ${release}: no migration runs on the way back to a release that has served before.`,
      );
  }
  return running;
}

type ServiceSituation = Situation & { service: Service };

function newSituation(service: Service, { plans, repository }: PlanArgs): ServiceSituation {
  const plan = plans.byService.get(service.name);
  const image = service.image ?? (plan !== undefined && "digest" in plan ? `${repository}@${plan.digest}` : undefined);
  const migration = { service: service.name, config: migrationOf(service), image };
  const isRollback = process.env[ACTION] === "rollback";
  return { service, migration, ledger: { migrations: {}, served: {} }, live: [], isRollback };
}

async function readSituations(args: PlanArgs, services: readonly Service[]): Promise<ServiceSituation[] | undefined> {
  const { cluster, environment } = args;
  const read = async () => {
    const reader = await cluster.reader();
    return Promise.all(
      services.map(async (service) => ({
        ...newSituation(service, args),
        ledger: await readLedger(reader.migrations, environment.namespace, service.name),
        live: (await liveReleases(reader, environment.namespace, service.name)).map(({ digest }) => digest),
      })),
    );
  };
  if (pulumi.runtime.isDryRun()) return inTime(read(), undefined);
  return read().catch((error: unknown) => {
    const why = error instanceof Error ? error.message.split("\n")[0] : error;
    throw new pulumi.RunError(
      `The cluster does not say which migrations have run (${why}). No service was changed. ` +
        `Check that you may read configmaps and pods in ${environment.namespace}.`,
    );
  });
}

/** What the pods of a service run. */
export async function liveReleases(
  reader: Pick<ClusterReader, "pods">,
  namespace: string,
  service: string,
): Promise<{ release: string; digest: string }[]> {
  const labels = { "app.kubernetes.io/name": service, "app.kubernetes.io/instance": service };
  const pods = await reader.pods(namespace, labels);
  return pods.flatMap(({ metadata, spec, status }) => {
    const image = spec?.containers.find(({ name }) => name === service)?.image;
    if (image === undefined || status?.phase === "Succeeded" || status?.phase === "Failed") return [];
    return [{ release: metadata?.labels?.["app.kubernetes.io/version"] ?? "", digest: digestOf(image) }];
  });
}

function faultsOf({ service, ...situation }: ServiceSituation): Fault[] {
  const contract = contractAcross(situation);
  if (contract === undefined) return [];
  return [{ path: ["services", service.name], message: acrossContract(service, contract), hideValue: true }];
}

function acrossContract({ name, release }: Service, contract: LedgerEntry): string {
  const { result, time, job } = contract;
  const what = {
    succeeded: "has taken away what only older releases need",
    failed: "has failed, and may have taken away a part of what older releases need",
    started: "was started, and its result is not known",
  }[result];
  return (
    `${release} is older than the contract migration of ${contract.release}, which ${what} (${time}, Job ${job}, ledger ` +
    `${ledgerName(name)}). Deploy ${contract.release} or a newer release. If ${release} works with the database as it is now, add ` +
    "--across-contract: docs/migrations.md"
  );
}

function announce({ name, release, migration }: Service): string {
  const { phase, command, args = [], timeoutSeconds, database } = migrationOf({ migration });
  const when = phase === "expand" ? "before the rollout" : "after the rollout, once no older pod lives";
  const where = database === undefined ? "" : `, database ${database}`;
  return `${name} ${release}: migration ${phase} runs ${when}: ${[...command, ...args].join(" ")} (at most ${timeoutSeconds} s${where})`;
}

function migrationOf({ migration }: Pick<Service, "migration">) {
  if (migration === undefined) throw new Error("only services with a migration are planned");
  return migration;
}
