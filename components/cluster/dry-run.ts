import { ApiException, type KubeConfig, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";

/** Kubernetes' word for a request that is checked in full and not carried out. */
const ALL = "All";
/** Invalid objects, and requests that an admission webhook denies. */
const REFUSALS = [400, 422];
/** A webhook that does not say that it has no side effects is never asked in a dry run: the request fails instead. */
const CANNOT_DRY_RUN = /does not support dry run/;

export interface Refusal {
  message: string;
  /** An admission webhook denies it, not Kubernetes itself. */
  isByWebhook: boolean;
}

/**
 * Asks the API server whether it would accept an object, as its create or its update, without changing anything. Only a refusal of
 * the object itself counts. A quota, a missing right or a conflict may be another matter by the time of the deploy.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
 */
export class DryRun {
  private readonly objects: KubernetesObjectApi;

  constructor(config: KubeConfig) {
    this.objects = KubernetesObjectApi.makeApiClient(config);
  }

  /**
   * @returns why the object is refused; undefined if it is not, or if who asks may not know
   * @throws the client's error if the cluster does not answer
   */
  async refusal(object: KubernetesObject): Promise<Refusal | undefined> {
    try {
      const live = await this.live(object);
      if (live === undefined) await this.objects.create(object, undefined, ALL);
      // Next to nothing of a Job can change. One of this name is the one that Helm leaves as it is.
      else if (object.kind !== "Job") await this.objects.replace(withVersionOf(object, live), undefined, ALL);
      return undefined;
    } catch (error) {
      if (isUnknownKind(error))
        return { message: `the cluster has no kind ${object.kind} in ${object.apiVersion}`, isByWebhook: false };
      if (error instanceof ApiException) return refusalIn(error);
      throw error;
    }
  }

  private async live(object: KubernetesObject): Promise<KubernetesObject | undefined> {
    const { apiVersion, kind, metadata } = object;
    try {
      const header = {
        apiVersion,
        kind,
        metadata: { name: metadata?.name ?? "", namespace: metadata?.namespace ?? "" },
      };
      return await this.objects.read(header);
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    }
  }
}

/** Some kinds, PodDisruptionBudgets among them, take no update that does not name the version that it is made from. */
function withVersionOf(object: KubernetesObject, { metadata }: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: metadata?.resourceVersion ?? "" } };
}

/** The client looks each kind up first, and the API answers 404 for a group that it does not have. */
function isUnknownKind(error: unknown): boolean {
  if (error instanceof ApiException) return error.code === 404;
  return error instanceof Error && error.message.startsWith("Unrecognized API version and kind");
}

function refusalIn(error: ApiException<unknown>): Refusal | undefined {
  const message = messageOf(error.body);
  const isByWebhook = /denied the request/.test(message);
  const isRefusal = REFUSALS.includes(error.code) || (error.code === 403 && isByWebhook);
  return isRefusal && !CANNOT_DRY_RUN.test(message) ? { message, isByWebhook } : undefined;
}

/** The message of a Status: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function messageOf(body: unknown): string {
  try {
    const status = typeof body === "string" ? (JSON.parse(body) as unknown) : body;
    return String((status as { message?: unknown }).message ?? body);
  } catch {
    return String(body);
  }
}
