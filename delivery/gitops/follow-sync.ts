import { setTimeout as sleep } from "node:timers/promises";
import { CustomObjectsApi } from "@kubernetes/client-node";
import { apiClient } from "../../components/cluster/api-client.ts";
import { argoCdNamespace } from "../../config/naming.ts";
import { connectCluster } from "../cluster.ts";
import type { StackEnvironment } from "../environment.ts";
import { reasonOf } from "../failure.ts";
import { info } from "../output.ts";
import type { ServiceOutcome } from "../service-outcome.ts";
import { type Application, type SyncState, syncStateOf } from "./application-state.ts";
import { withManifests } from "./manifests-repository.ts";
import type { PublishedManifests } from "./publish-manifests.ts";

const KIND = { group: "argoproj.io", version: "v1alpha1", plural: "applications" };
const POLL_MILLISECONDS = 1_000;
/** Time for Argo CD to see the commit. It looks every `reconciliationSeconds`, and more often if something has changed. */
const NOTICE_SECONDS = 120;
/** Answers that fail in a row before the deploy stops to wait. */
const MOST_FAILURES = 10;

/** What became of a commit. */
export interface FollowedSync {
  services: ServiceOutcome[];
  /** Undefined: all services are rolled out, or wait to be promoted. */
  failure?: string;
  /** Argo CD has not read the commit in time. It stands: Argo CD may still roll it out, and would not read a revert either. */
  unnoticed?: string;
  /** Why nothing is known: this shell cannot read the Applications. */
  unknown?: string;
}

type ReadApplications = () => Promise<Application[]>;

interface FollowOptions {
  /** @default - asks the cluster */
  read?: ReadApplications;
  /** Asked again and again: true ends the wait. The rollout goes on. */
  signal?: () => boolean;
  /** How long Argo CD may take to see the commit. @default 120 */
  noticeSeconds?: number;
}

/**
 * Waits until Argo CD has rolled out a commit. It only reads Applications, so a job of CI needs no other right in the cluster. Without
 * that right the commit stands, and Argo CD's own notification tells the result.
 */
export async function followSync(
  environment: StackEnvironment,
  published: PublishedManifests,
  { read = applicationReader(environment), signal, noticeSeconds = NOTICE_SECONDS }: FollowOptions = {},
): Promise<FollowedSync> {
  const { services } = published;
  const waiting = new Set(published.waitFor);
  const done = new Map<string, SyncState>();
  const timeouts = environment.config.services.map(({ rollout }) => rollout.timeoutSeconds);
  const noticedBy = Date.now() + noticeSeconds * 1000;
  const end = noticedBy + Math.max(0, ...timeouts) * 1000;
  const revisions = new Map([[published.commit, true]]);
  const said = new Map<string, string>();
  for (let failures = 0; waiting.size > 0; await sleep(POLL_MILLISECONDS)) {
    if (signal?.()) return { services, unknown: "the wait was interrupted. Argo CD goes on" };
    const applications = await read().catch((error: unknown) => reasonOf(error));
    if (typeof applications === "string") {
      failures++;
      if (done.size === 0 && said.size === 0) return { services, unknown: applications };
      if (failures >= MOST_FAILURES) return { services, unknown: applications };
      continue;
    }
    failures = 0;
    await learnRevisions(environment, published, applications, revisions);
    for (const name of waiting) {
      const application = applications.find(({ metadata }) => metadata.labels?.["slipway.dev/service"] === name);
      const state = syncStateOf(application, (revision) => revisions.get(revision) === true);
      const text = "reason" in state ? state.reason : state.state;
      if (said.get(name) !== text) info(`${name}: ${text}`);
      said.set(name, text);
      if (state.state === "pending" && Date.now() < end) continue;
      if (state.state === "unnoticed" && Date.now() < noticedBy) continue;
      done.set(name, state);
      waiting.delete(name);
    }
  }
  return concluded(published, done, noticeSeconds);
}

/** A commit after the deploy's holds the deploy too. Each revision is asked about once. */
async function learnRevisions(
  { config: { gitops } }: StackEnvironment,
  { commit }: PublishedManifests,
  applications: readonly Application[],
  known: Map<string, boolean>,
): Promise<void> {
  const seen = applications.flatMap(({ status }) => status?.sync?.revision ?? []);
  const isNew = [...new Set(seen)].filter((revision) => revision !== "" && !known.has(revision));
  if (isNew.length === 0 || gitops === undefined) return;
  await withManifests(gitops, async (manifests) => {
    for (const revision of isNew) known.set(revision, await manifests.isDescendant(revision, commit));
  });
}

function concluded(
  { services, branch, commit }: PublishedManifests,
  states: ReadonlyMap<string, SyncState>,
  noticeSeconds: number,
): FollowedSync {
  const failures = [...states].flatMap(([name, state]) => {
    if (state.state === "failed") return [`${name}: ${state.reason}`];
    return state.state === "pending" ? [`${name}: not over in time: ${state.reason}`] : [];
  });
  const outcomes = services.map((service): ServiceOutcome => {
    const { state = "healthy" } = states.get(service.name) ?? {};
    if (state === "healthy") return service;
    return state === "waits" ? { ...service, waits: true } : { ...service, failed: true };
  });
  if (failures.length > 0) return { services: outcomes, failure: failures.join("\n") };
  const unnoticed = [...states].flatMap(([name, state]) =>
    state.state === "unnoticed" ? [`${name}: ${state.reason}`] : [],
  );
  if (unnoticed.length === 0) return { services: outcomes };
  return {
    services: outcomes,
    unnoticed: [
      ...unnoticed,
      `Argo CD has not read ${commit.slice(0, 10)} of ${branch} within ${noticeSeconds} s, so what ran before serves. The commit stands: once Argo CD ` +
        "reads it, it rolls it out. Look after Argo CD, then run the same command again: it waits for the result.",
    ].join("\n"),
  };
}

function applicationReader(environment: StackEnvironment): ReadApplications {
  const { namespace } = environment.config;
  let api: Promise<CustomObjectsApi> | undefined;
  return async () => {
    api ??= connectCluster(environment).then((access) => apiClient(access, CustomObjectsApi));
    const list = await (await api).listNamespacedCustomObject({ ...KIND, namespace: argoCdNamespace(namespace) });
    return (list as { items: Application[] }).items;
  };
}
