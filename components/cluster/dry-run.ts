import {
  ApiException,
  HttpMethod,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type ResponseContext,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import { apiClient } from "./api-client.ts";

/** Invalid objects, and requests that an admission webhook denies. */
const REFUSALS = [400, 422];
/** A webhook that does not say that it has no side effects is never asked in a dry run: the request fails instead. */
const CANNOT_DRY_RUN = /does not support dry run/;

/** The API takes a workload and refuses its pods later: https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
const PODS_REFUSED = /^would violate PodSecurity/;

export interface Refusal {
  message: string;
  /** An admission webhook denies it, not Kubernetes itself. */
  isByWebhook: boolean;
  /** The cluster does not have the kind. @default false */
  isUnknownKind?: boolean;
}

/**
 * - `accepted`: as it is.
 * - `unknown`: who asks may not know.
 */
export type Answer = "accepted" | "unknown" | Refusal;

/**
 * Asks the API server whether it would accept an object, as its create or its update, without changing anything. Only a refusal of
 * the object itself counts. A quota, a missing right or a conflict may be another matter by the time of the deploy. Fields that the
 * API does not know are refused too: it would drop them.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
 */
export class DryRun {
  private readonly objects: DryRunApi;

  constructor(config: KubeConfig) {
    this.objects = apiClient(config, DryRunApi);
  }

  /**
   * @param isNew whether to ask for a create under a name that nobody has, whatever exists already
   * @throws the client's error if the cluster does not answer, or is too busy
   */
  async ask(object: KubernetesObject, isNew = false): Promise<Answer> {
    try {
      const warnings = isNew ? await this.objects.send("create", unnamed(object)) : await this.createOrReplace(object);
      const insecure = warnings.find((warning) => PODS_REFUSED.test(warning));
      return insecure === undefined ? "accepted" : { message: insecure, isByWebhook: false };
    } catch (error) {
      if (isUnknownKind(error))
        return {
          message: `the cluster has no kind ${object.kind} in ${object.apiVersion}`,
          isByWebhook: false,
          isUnknownKind: true,
        };
      if (error instanceof ApiException) return answerIn(error);
      throw error;
    }
  }

  private async createOrReplace(object: KubernetesObject): Promise<string[]> {
    const live = await this.live(object);
    if (live === undefined) return this.objects.send("create", object);
    // Next to nothing of a Job can change. One of this name is the one that Helm leaves as it is.
    if (object.kind === "Job") return [];
    const wanted = object.kind === "StatefulSet" ? withSizeOf(object, live) : object;
    return this.objects.send("replace", withVersionOf(wanted, live));
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

/** Sends objects as they are: the client's own methods leave out fields that they do not know. */
class DryRunApi extends KubernetesObjectApi {
  /** https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation */
  async send(action: "create" | "replace", object: KubernetesObject): Promise<string[]> {
    const path = await this.specUriPath(object, action);
    const method = action === "create" ? HttpMethod.POST : HttpMethod.PUT;
    const request = this.configuration.baseServer.makeRequestContext(path, method);
    request.setHeaderParam("Accept", "application/json");
    request.setHeaderParam("Content-Type", "application/json");
    request.setQueryParam("dryRun", "All");
    request.setQueryParam("fieldValidation", "Strict");
    request.setBody(JSON.stringify(object));
    const answer: Warned = await this.requestPromise(request);
    return answer.warnings ?? [];
  }

  /** @returns the object, with the warnings that came with it: https://kubernetes.io/blog/2020/09/03/warnings/ */
  protected override async processResponse<T extends KubernetesObject>(
    response: ResponseContext,
    type?: string,
  ): Promise<T> {
    const object = await super.processResponse<T>(response, type);
    const { warning = "" } = response.headers;
    return { ...object, warnings: [...warning.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text) };
  }
}

interface Warned extends KubernetesObject {
  warnings?: string[];
}

/** Some kinds, PodDisruptionBudgets among them, take no update that does not name the version that it is made from. */
function withVersionOf(object: KubernetesObject, { metadata }: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: metadata?.resourceVersion ?? "" } };
}

/** With the size of the live one's claims. It is made again before they grow: see components/rollout/grow-volumes.ts. */
function withSizeOf(set: V1StatefulSet, live: V1StatefulSet): V1StatefulSet {
  const size = live.spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;
  const copy = structuredClone(set);
  const requests = copy.spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests;
  if (requests !== undefined && size !== undefined) requests.storage = size;
  return copy;
}

/** The client looks each kind up first, and the API answers 404 for a group that it does not have. */
function isUnknownKind(error: unknown): boolean {
  if (error instanceof ApiException) return error.code === 404;
  return error instanceof Error && error.message.startsWith("Unrecognized API version and kind");
}

/** @throws the error if another request may be answered */
function answerIn(error: ApiException<unknown>): Answer {
  const message = messageOf(error.body);
  if (error.code === 429 || error.code >= 500) throw error;
  const isByWebhook = /denied the request/.test(message);
  const isRefusal = REFUSALS.includes(error.code) || (error.code === 403 && isByWebhook);
  return isRefusal && !CANNOT_DRY_RUN.test(message) ? { message, isByWebhook } : "unknown";
}

/** The API makes a name up. */
function unnamed(object: KubernetesObject): KubernetesObject {
  const { name = "", ...metadata } = object.metadata ?? {};
  return { ...object, metadata: { ...metadata, generateName: `${name.slice(0, 40)}-` } };
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
