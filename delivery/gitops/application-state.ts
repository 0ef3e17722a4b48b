/** What is read of an Application: https://argo-cd.readthedocs.io/en/release-3.2/operator-manual/application.yaml */
export interface Application {
  metadata: { name: string; labels?: Record<string, string> };
  status?: {
    sync?: { status?: string; revision?: string };
    health?: { status?: string };
    operationState?: { phase?: string; message?: string; syncResult?: { revision?: string } };
    conditions?: { type: string; message: string }[];
    resources?: { kind: string; name: string; status?: string; health?: { status?: string; message?: string } }[];
  };
}

/** Where the rollout of a commit is, as Argo CD sees it. */
export type SyncState =
  /** Argo CD has not read the commit. Until it does, nothing has changed in the cluster. */
  | { state: "unnoticed"; reason: string }
  | { state: "pending"; reason: string }
  /** The new version has started, and gets the traffic when somebody promotes it. */
  | { state: "waits" }
  | { state: "healthy" }
  | { state: "failed"; reason: string };

/**
 * Judges one Application.
 *
 * `argocd app wait` asks for Synced and Healthy alone. Both may still be true of the commit before: Argo CD has not seen the new one yet.
 * So the commit comes first, and an operation that is under way is never the end.
 *
 * @param isWanted whether a revision is the deploy's commit, or one after it
 */
export function syncStateOf(application: Application | undefined, isWanted: (revision: string) => boolean): SyncState {
  if (application === undefined)
    return { state: "failed", reason: "it has no Application. Run pulumi up for the whole stack" };
  const { sync, health, operationState, conditions = [] } = application.status ?? {};
  const error = conditions.find(({ type }) => /Error$/.test(type));
  if (!isWanted(sync?.revision ?? "")) {
    return { state: "unnoticed", reason: error?.message ?? "Argo CD has not seen the commit yet" };
  }
  const { phase = "", message = "", syncResult } = operationState ?? {};
  if (isWanted(syncResult?.revision ?? "") && /^(Failed|Error)$/.test(phase))
    return { state: "failed", reason: message };
  if (error) return { state: "failed", reason: error.message };
  if (phase === "Running") return { state: "pending", reason: message || "it is applied" };
  if (sync?.status !== "Synced") return { state: "pending", reason: `it is ${sync?.status ?? "unknown"}` };
  if (health?.status === "Healthy") return { state: "healthy" };
  if (health?.status === "Suspended") return { state: "waits" };
  const reason = reasonsOf(application) || `it is ${health?.status ?? "unknown"}`;
  return health?.status === "Degraded" ? { state: "failed", reason } : { state: "pending", reason };
}

function reasonsOf({ status }: Application): string {
  const unhealthy = (status?.resources ?? []).filter(({ health }) => health?.message && health.status !== "Healthy");
  return unhealthy.map(({ kind, name, health }) => `${kind} ${name}: ${health?.message}`).join("; ");
}
