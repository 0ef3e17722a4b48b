import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { compare, withoutIgnored } from "../protocol/compare.ts";
import type { CheckArgs, DiffResult, Operation, ReadResult, ResourceHandler } from "../protocol/handler.ts";
import { hasUnknown, mapAt, type Plain, type PropertyMap, stringAt, toPlainMap } from "../protocol/value.ts";
import { readCheckpoint, secretsOf, writeCheckpoint } from "./checkpoint.ts";
import { ApiError, type Cluster } from "./cluster.ts";
import { adoptedManagers } from "./field-managers.ts";
import type { ObjectKind } from "./kind.ts";
import { idOf, isAutonamed, nameOf, namespaceOf, parseId, withName, withoutReadOnly } from "./metadata.ts";
import { prune } from "./prune.ts";
import type { ProviderSettings } from "./settings.ts";

/** Owner of the fields that a create sets; the first apply takes them over. */
const CREATE_MANAGER = "pulumi-kubernetes";
const DEFAULT_TIMEOUT_SECONDS = 600;
const POLL_MS = 250;
const NOT_FOUND_RETRIES = 5;

/** Objects of one kind, kept by server-side apply. */
export class KubernetesObject implements ResourceHandler {
  constructor(
    private readonly kind: ObjectKind,
    private readonly cluster: Cluster,
    private readonly settings: ProviderSettings,
  ) {}

  async check(args: CheckArgs, op: Operation): Promise<{ inputs: PropertyMap; failures: [] }> {
    this.#refuseUnknownProperties(args.news);
    let inputs: PropertyMap = { ...args.news, apiVersion: this.kind.apiVersion, kind: this.kind.kind };
    delete inputs.status;
    inputs = withName(this.kind.normalize?.(inputs) ?? inputs, args, op);
    const metadata = mapAt(inputs, "metadata");
    if (this.kind.namespaced && (metadata.namespace === undefined || metadata.namespace === "")) {
      inputs = { ...inputs, metadata: { ...metadata, namespace: this.cluster.defaultNamespace } };
    }
    return { inputs: secretsOf(this.kind, withoutReadOnly(inputs), args.news), failures: [] };
  }

  async diff(args: { olds: PropertyMap; news: PropertyMap }, op: Operation): Promise<DiffResult> {
    const { inputs, live } = readCheckpoint(args.olds);
    const old = prune(live, withoutReadOnly(inputs));
    const forcing = [["metadata", "name"], ["metadata", "namespace"], ...this.kind.replaces(args.news, this.settings)];
    const changes = withoutIgnored(compare(old, withoutReadOnly(args.news), forcing), op.ignoreChanges);
    const sameIdentity =
      nameOf(args.news) === nameOf(live) && (!this.kind.namespaced || namespaceOf(args.news) === namespaceOf(live));
    const replaced = [...changes.values()].some(({ replace }) => replace);
    return { changes, deleteBeforeReplace: replaced && sameIdentity && !isAutonamed(args.news) };
  }

  async create(
    args: { news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ id: string; properties: PropertyMap }> {
    if (args.preview && (hasUnknown(args.news) || this.cluster.unreachable)) return { id: "", properties: args.news };
    this.cluster.assertReachable();
    const manager = `${CREATE_MANAGER}-${randomBytes(4).toString("hex")}`;
    const live = await this.#put(args.news, manager, args.preview, op);
    if (!live) return { id: "", properties: args.news };
    if (args.preview) delete live.status;
    const properties = writeCheckpoint(this.kind, args.news, live, manager);
    return { id: args.preview ? "" : idOf(live), properties };
  }

  async read(args: { id: string; properties: PropertyMap; inputs: PropertyMap }, op: Operation): Promise<ReadResult> {
    const gone: ReadResult = { id: "", properties: {}, inputs: {} };
    if (this.cluster.unreachable && this.settings.deleteUnreachable) {
      op.log.warning(`the cluster is unreachable and deleteUnreachable is set: ${args.id} counts as gone`);
      return gone;
    }
    this.cluster.assertReachable();
    const { namespace, name } = parseId(args.id);
    const live = await this.#get(namespace ?? this.cluster.defaultNamespace, name);
    if (!live) return gone;

    const known = args.inputs.apiVersion !== undefined;
    const inputs = known ? prune(live, withoutReadOnly(args.inputs)) : this.#importedInputs(live);
    const manager =
      readCheckpoint(args.properties).fieldManager ?? `${CREATE_MANAGER}-${randomBytes(4).toString("hex")}`;
    return {
      id: args.id,
      properties: writeCheckpoint(this.kind, secretsOf(this.kind, inputs, args.inputs), live, manager),
      inputs: secretsOf(this.kind, inputs, args.inputs),
    };
  }

  async update(
    args: { olds: PropertyMap; news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ properties: PropertyMap }> {
    if (args.preview && (hasUnknown(args.news) || this.cluster.unreachable)) return { properties: args.news };
    this.cluster.assertReachable();
    const state = readCheckpoint(args.olds);
    const manager = state.fieldManager ?? `${CREATE_MANAGER}-${randomBytes(4).toString("hex")}`;
    const path = this.#path(state.live);
    const current = await this.cluster.request("GET", path).catch((error: unknown) => {
      throw new Error(`cannot update ${this.#title(state.live)}: ${messageOf(error)}; run a refresh if it was deleted`);
    });
    const managers = adoptedManagers(current, CREATE_MANAGER, manager);
    if (managers && !args.preview) {
      await this.cluster.request("PATCH", path, { body: managers, contentType: "application/json-patch+json" });
    }
    try {
      // In a preview the create's fields have not been taken over yet, and would conflict.
      const live = await this.#apply(args.news, manager, args.preview, this.settings.patchForce || args.preview);
      return { properties: writeCheckpoint(this.kind, args.news, live, manager) };
    } catch (error) {
      throw new Error(`cannot update ${this.#title(state.live)}: ${conflictAdvice(error)}`);
    } finally {
      op.log.status("");
    }
  }

  async delete(args: { id: string; properties: PropertyMap }, op: Operation): Promise<void> {
    if (this.cluster.unreachable && this.settings.deleteUnreachable) return;
    this.cluster.assertReachable();
    const { live } = readCheckpoint(args.properties);
    const path = this.#path(live);
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Foreground" };
    const uid = stringAt(mapAt(live, "metadata"), "uid");
    try {
      await this.cluster.request("DELETE", path, { body });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      throw new Error(`cannot delete ${this.#title(live)}: ${messageOf(error)}`);
    }
    await this.#gone(path, uid, live, op);
  }

  /** Waits until the object, or the one that had this uid, is no more. */
  async #gone(path: string, uid: string | undefined, live: PropertyMap, op: Operation): Promise<void> {
    const seconds = op.timeoutSeconds || DEFAULT_TIMEOUT_SECONDS;
    const deadline = Date.now() + seconds * 1000;
    let left = "";
    while (Date.now() < deadline) {
      const now = await this.#ask(path);
      if (!now || (uid !== undefined && stringAt(mapAt(now, "metadata"), "uid") !== uid)) return op.log.status("");
      left = remaining(now);
      op.log.status(`waiting until ${this.#title(live)} is gone${left && `: ${left}`}`);
      await sleep(POLL_MS, undefined, { signal: op.signal });
    }
    throw new Error(`${this.#title(live)} was not gone after ${seconds} s${left && `: ${left}`}`);
  }

  /** Makes the object; undefined when a preview cannot tell (as with a namespace that does not exist yet). */
  async #put(inputs: PropertyMap, manager: string, preview: boolean, op: Operation): Promise<PropertyMap | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.settings.upsertExistingObjects) {
          return await this.#apply(inputs, manager, preview, this.settings.patchForce || preview);
        }
        return await this.cluster.request("POST", this.kind.collection(namespaceOf(inputs) ?? ""), {
          query: { fieldManager: CREATE_MANAGER, fieldValidation: "Strict", ...dryRun(preview) },
          body: toPlainMap(inputs),
        });
      } catch (error) {
        const status = error instanceof ApiError ? error.status : 0;
        if (preview && [403, 404, 409].includes(status)) return undefined;
        if (status === 404 && attempt < NOT_FOUND_RETRIES) {
          op.log.status(`try ${attempt + 1}: ${messageOf(error)}`);
          await sleep(2 ** attempt * 100, undefined, { signal: op.signal });
          continue;
        }
        throw new Error(`cannot create ${this.#title(inputs)}: ${conflictAdvice(error)}`);
      }
    }
  }

  #apply(inputs: PropertyMap, manager: string, preview: boolean, force: boolean): Promise<PropertyMap> {
    return this.cluster.request("PATCH", this.#path(inputs), {
      query: { fieldManager: manager, force: String(force), fieldValidation: "Strict", ...dryRun(preview) },
      body: toPlainMap(inputs),
      // JSON is YAML.
      contentType: "application/apply-patch+yaml",
    });
  }

  async #ask(path: string): Promise<PropertyMap | undefined> {
    try {
      return await this.cluster.request("GET", path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  #get(namespace: string, name: string): Promise<PropertyMap | undefined> {
    return this.#ask(`${this.kind.collection(namespace)}/${name}`);
  }

  #path(object: PropertyMap): string {
    return `${this.kind.collection(namespaceOf(object) ?? this.cluster.defaultNamespace)}/${nameOf(object) ?? ""}`;
  }

  #title(object: PropertyMap): string {
    return `${this.kind.kind} "${idOf(object)}"`;
  }

  #importedInputs(live: PropertyMap): PropertyMap {
    const known = this.kind.properties.filter((key) => key !== "status" && live[key] !== undefined);
    return withoutReadOnly(Object.fromEntries(known.map((key) => [key, live[key] ?? null])));
  }

  #refuseUnknownProperties(news: PropertyMap): void {
    const unknown = Object.keys(news).filter((key) => !this.kind.properties.includes(key));
    if (unknown.length === 0) return;
    throw new Error(
      `a ${this.kind.kind} has no property "${unknown.join('", "')}" (known: ${this.kind.properties.join(", ")})`,
    );
  }
}

const dryRun = (preview: boolean): Record<string, string> => (preview ? { dryRun: "All" } : {});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function conflictAdvice(error: unknown): string {
  if (!(error instanceof ApiError)) return messageOf(error);
  if (error.reason === "AlreadyExists") {
    return (
      `${error.message}. Something else made it, or an update was killed before it could be recorded: import it ` +
      "(pulumi import), delete it, or set upsertExistingObjects on the provider to take it over"
    );
  }
  if (error.reason === "Conflict") {
    return `${error.message}. Another owner set these fields: leave them to it, or set enablePatchForce on the provider`;
  }
  return error.message;
}

/** Why a namespace is still terminating, in the server's words. */
function remaining(live: PropertyMap): string {
  const conditions: Plain | undefined = toPlainMap(mapAt(live, "status")).conditions;
  if (!Array.isArray(conditions)) return "";
  return conditions
    .flatMap((condition) =>
      typeof condition === "object" && condition && !Array.isArray(condition) && condition.status === "True"
        ? [String(condition.message ?? "")]
        : [],
    )
    .join("; ");
}
