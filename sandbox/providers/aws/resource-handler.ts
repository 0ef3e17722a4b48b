import { withoutIgnored } from "../protocol/compare.ts";
import {
  type Change,
  type CheckArgs,
  type CheckFailure,
  type DiffResult,
  InitializationFailed,
  type Operation,
  type ReadResult,
  type ResourceHandler,
} from "../protocol/handler.ts";
import { copySecrecy } from "../protocol/secrecy.ts";
import { type PlainMap, type PropertyMap, toPlainMap, Unknown, unwrap } from "../protocol/value.ts";
import type { Account } from "./account.ts";
import { checkInputs } from "./check.ts";
import { differences } from "./difference.ts";
import { explain } from "./errors.ts";
import { previewOutputs } from "./preview-outputs.ts";
import { text, textMap } from "./props.ts";
import { refreshedInputs, refreshedOutputs } from "./refresh.ts";
import type { AwsContext } from "./resource.ts";
import type { ResourceType } from "./resource-type.ts";
import { DEFAULTS, withoutInternals, withoutUnknowns } from "./values.ts";

/** Serves one resource type of the table to the engine. */
export class AwsResourceHandler implements ResourceHandler {
  private readonly type: ResourceType;
  private readonly account: Account;
  private readonly defaultTags: Record<string, string>;

  constructor(type: ResourceType, account: Account, defaultTags: Record<string, string>) {
    this.type = type;
    this.account = account;
    this.defaultTags = defaultTags;
  }

  async check(args: CheckArgs, op: Operation): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    return checkInputs(this.type, args, op, { region: this.account.region, defaultTags: this.defaultTags });
  }

  async diff(args: { olds: PropertyMap; news: PropertyMap }, op: Operation): Promise<DiffResult> {
    const changes = this.#changes(args.olds, args.news, op);
    const replaced = [...changes.values()].some(({ replace }) => replace);
    const deleteBeforeReplace =
      replaced && (this.type.resource.deleteBeforeReplace === true || this.#hasGivenName(args.news));
    return { changes, deleteBeforeReplace };
  }

  async create(
    args: { news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ id: string; properties: PropertyMap }> {
    const news = withoutInternals(args.news);
    if (args.preview) return { id: "", properties: previewOutputs(this.type.rules, undefined, news) };
    const props = toPlainMap(news);
    let id: string | undefined;
    try {
      const created = (own: string) => {
        id = own;
      };
      id = await this.type.resource.create(props, this.#aws(props), { ...op, created });
      return { id, properties: await this.#outputs(id, props, args.news) };
    } catch (error) {
      const failure = this.#failure("creating", id, error);
      if (id === undefined) throw failure;
      throw await this.#initializationFailed(failure, id, props, args.news);
    } finally {
      op.log.status("");
    }
  }

  async read(args: { id: string; properties: PropertyMap; inputs: PropertyMap }): Promise<ReadResult> {
    if (Object.keys(args.properties).length === 0) {
      throw new Error(`the stand-in for the aws plugin does not import (${args.id}): use the official plugin`);
    }
    const known = toPlainMap(withoutInternals(args.properties));
    const outputs = await this.#currentOutputs(args.id, known).catch((error: unknown) => {
      throw this.#failure("reading", args.id, error);
    });
    if (!outputs) return { id: "", properties: {}, inputs: {} };
    const properties = copySecrecy(copySecrecy(outputs, args.properties), args.inputs);
    const inputs = refreshedInputs(this.type.rules, args.inputs, outputs);
    return { id: args.id, properties, inputs: copySecrecy(inputs, args.inputs) };
  }

  async update(
    args: { id: string; olds: PropertyMap; news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ properties: PropertyMap }> {
    const changes = this.#changes(args.olds, args.news, op);
    const news = withoutInternals(args.news);
    const plan = previewOutputs(this.type.rules, withoutInternals(args.olds), news);
    if (args.preview) return { properties: { ...plan, ...this.#unknownOutputs(changes) } };

    const [props, old] = [toPlainMap(news), toPlainMap(withoutInternals(args.olds))];
    const changed = new Set([...changes.keys()].map(topOf));
    const known = { ...toPlainMap(withoutUnknowns(plan)), ...props };
    try {
      await this.#update(args.id, props, old, changed, op);
      return { properties: await this.#outputs(args.id, known, args.news) };
    } catch (error) {
      throw await this.#initializationFailed(this.#failure("updating", args.id, error), args.id, old, args.news);
    } finally {
      op.log.status("");
    }
  }

  async delete(args: { id: string; properties: PropertyMap }, op: Operation): Promise<void> {
    const known = toPlainMap(withoutInternals(args.properties));
    try {
      await this.type.resource.delete(args.id, known, this.#aws(known), op);
    } catch (error) {
      throw this.#failure("deleting", args.id, error);
    } finally {
      op.log.status("");
    }
  }

  #changes(olds: PropertyMap, news: PropertyMap, op: Operation): Map<string, Change> {
    const changes = withoutIgnored(differences(this.type.rules, olds, news), op.ignoreChanges);
    if (this.type.resource.update) return changes;
    return new Map([...changes].map(([path, { kind }]) => [path, { kind, replace: !isTags(topOf(path)) }]));
  }

  /** Whether the program gives the name: then old and new resource have the same one. */
  #hasGivenName(news: PropertyMap): boolean {
    const property = this.type.autoname?.property;
    if (property === undefined || news[property] === undefined) return false;
    const defaults = unwrap(news[DEFAULTS]);
    return Array.isArray(defaults) && !defaults.includes(property);
  }

  #unknownOutputs(changes: Map<string, Change>): PropertyMap {
    const names = changes.size > 0 ? (this.type.resource.changing ?? []) : [];
    return Object.fromEntries(names.map((name) => [name, Unknown.value]));
  }

  async #update(id: string, props: PlainMap, old: PlainMap, changed: Set<string>, op: Operation): Promise<void> {
    const { update, tags } = this.type.resource;
    const aws = this.#aws(old);
    const own = new Set([...changed].filter((name) => !isTags(name)));
    if (own.size > 0) {
      if (!update) throw new Error(`cannot be changed in place: ${[...own].join(", ")}`);
      await update(id, props, old, own, aws, op);
    }
    if (!tags || !changed.has("tagsAll")) return;
    const [all, before] = [textMap(props, "tagsAll"), textMap(old, "tagsAll")];
    const added = Object.entries(all).filter(([key, value]) => before[key] !== value);
    const removed = Object.keys(before).filter((key) => !(key in all));
    const tagged = { id, old, all };
    if (removed.length > 0) await tags.remove(tagged, removed, aws);
    if (added.length > 0) await tags.add(tagged, Object.fromEntries(added), aws);
  }

  async #outputs(id: string, known: PlainMap, inputs: PropertyMap): Promise<PropertyMap> {
    const outputs = await this.#currentOutputs(id, known);
    if (!outputs) throw new Error("it does not exist in AWS; run a refresh if it was deleted");
    return copySecrecy(outputs, inputs);
  }

  async #currentOutputs(id: string, known: PlainMap): Promise<PlainMap | undefined> {
    const aws = this.#aws(known);
    const live = await this.type.resource.read(id, known, aws);
    return live && refreshedOutputs(this.type, live, known, aws.region, this.defaultTags);
  }

  /** The account in the resource's region: after the provider moved to another one, old resources are still in the old one. */
  #aws(known: PlainMap): AwsContext {
    return this.account.in(this.type.resource.global ? undefined : text(known, "region"));
  }

  /** The failure of a resource that exists: the engine records it and tries again the next time. */
  async #initializationFailed(failure: Error, id: string, known: PlainMap, inputs: PropertyMap): Promise<Error> {
    const properties = await this.#outputs(id, known, inputs).catch(() => copySecrecy(known, inputs));
    return new InitializationFailed(failure.message, id, properties, inputs);
  }

  #failure(doing: string, id: string | undefined, error: unknown): Error {
    return new Error(`${doing} ${this.type.token}${id ? ` (${id})` : ""}: ${explain(error)}`);
  }
}

/** The top-level property of a path, as `vpcConfig.subnetIds[0]`. */
const topOf = (path: string): string => path.split(/[.[]/)[0] ?? path;

const isTags = (name: string): boolean => name === "tags" || name === "tagsAll";
