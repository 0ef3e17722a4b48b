import { ApiException, type V1Job } from "@kubernetes/client-node";
import { MigrationsApi } from "../../components/migrations/api.ts";
import { lookAt, type MigrationEnd } from "../../components/migrations/follow.ts";
import { endOf } from "../../components/migrations/job-end.ts";
import type { Migration } from "../../components/migrations/migration.ts";
import { connectCluster } from "../cluster.ts";
import type { StackEnvironment } from "../environment.ts";
import { info } from "../output.ts";
import type { SyncState } from "./application-state.ts";

/** Reads only. A Job that is deleted while Argo CD waits for it would hold up all later commits: it ends at its own deadline. */
class ReadOnlyApi extends MigrationsApi {
  override async deleteJob(): Promise<void> {}
}

type Reads = Pick<MigrationsApi, "job" | "pods" | "log" | "lastWarning">;
type Look = () => Promise<MigrationEnd | undefined>;

/**
 * The Jobs of a deploy's migrations, with their logs. It needs to read jobs, pods, logs and events of the services' namespace. Without these
 * rights Argo CD's own word on the Job has to do.
 */
export class FollowedMigrations {
  private readonly environment: StackEnvironment;
  private readonly jobs: Readonly<Record<string, string>>;
  private readonly looks = new Map<string, Look>();
  /** Services whose Job has succeeded, or may not be read. */
  private readonly over = new Set<string>();
  private api: Promise<Reads> | undefined;

  /** @param jobs names of the Jobs, by service */
  constructor(environment: StackEnvironment, jobs: Readonly<Record<string, string>>, api?: Reads) {
    this.environment = environment;
    this.jobs = jobs;
    if (api) this.api = Promise.resolve(api);
  }

  /** Prints what is new of the log. @returns how the migration has failed; undefined if it has not, or nothing is known */
  async failure(service: string): Promise<Extract<SyncState, { state: "failed" }> | undefined> {
    const job = this.jobs[service];
    if (job === undefined || this.over.has(service)) return undefined;
    try {
      const look = this.looks.get(service) ?? (await this.begin(service, job));
      const end = await look?.();
      if (end?.succeeded) this.over.add(service);
      return end && !end.succeeded ? { state: "failed", reason: end.message, job } : undefined;
    } catch (error) {
      if (error instanceof ApiException && error.code === 403) {
        this.over.add(service);
        info(`${service}: this shell may not read the migration's Job and its log: ${job}`);
      }
      // Whatever else: the next look may get an answer.
      return undefined;
    }
  }

  private async begin(service: string, name: string): Promise<Look | undefined> {
    const { namespace, services } = this.environment.config;
    this.api ??= connectCluster(this.environment).then((access) => new ReadOnlyApi(access));
    const api = await this.api;
    const job = await api.job(namespace, name);
    if (job === undefined) return undefined;
    const { migration } = services.find((known) => known.name === service) ?? {};
    if (migration === undefined) return undefined;
    // The config may be that of the release before.
    const release = job.metadata?.annotations?.["slipway.dev/release"] ?? "";
    // Of a deploy before.
    if (endOf(job)?.succeeded) this.over.add(service);
    else info(`${service}: migration: Job ${name} runs`);
    const described: Migration = { service, release, namespace, config: migration, image: imageOf(job, service) };
    const since = Date.now();
    const next = lookAt(api as MigrationsApi, described, name, async (text) => info(text));
    const look: Look = async () => (this.over.has(service) ? undefined : next(since));
    this.looks.set(service, look);
    return look;
  }
}

function imageOf({ spec }: V1Job, service: string): string {
  return spec?.template.spec?.containers.find(({ name }) => name === service)?.image ?? "";
}
