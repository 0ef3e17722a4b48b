import { compare, withoutIgnored } from "../protocol/compare.ts";
import {
  type CheckArgs,
  type CheckFailure,
  type DiffResult,
  InitializationFailed,
  type Operation,
  type ReadResult,
  type ResourceHandler,
} from "../protocol/handler.ts";
import { autoname } from "../protocol/naming.ts";
import { copySecrecy } from "../protocol/secrecy.ts";
import { hasUnknown, isMap, mapAt, type PropertyMap, Secret, stringAt, Unknown, unwrap } from "../protocol/value.ts";
import { readChart } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import { HelmError } from "./helm.ts";
import { type HelmRelease, HelmReleases } from "./helm-release.ts";
import { resourceNames } from "./manifest.ts";
import { parseId } from "./metadata.ts";
import { releaseInputs, releaseSpec } from "./release-fields.ts";

const INPUTS = "__inputs";

/** `kubernetes:helm.sh/v3:Release`: one Helm release, by the `helm` program. */
export class Release implements ResourceHandler {
  readonly #helm: HelmReleases;

  constructor(private readonly cluster: Cluster) {
    this.#helm = new HelmReleases(() => cluster.flags());
  }

  async check(args: CheckArgs, op: Operation): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    const inputs = releaseInputs(args.news, this.cluster.defaultNamespace);
    if (inputs.name === "") inputs.name = stringAt(args.olds, "name") ?? autoname(args, op, "name");
    if (hasUnknown(inputs)) return { inputs, failures: [] };
    try {
      // The version that is there, not the range that was asked for: only so does a new chart show as a change.
      inputs.version = (await readChart(releaseSpec(inputs))).version;
      return { inputs, failures: [] };
    } catch (error) {
      const reason = `${messageOf(error)}; check the chart's name and repository`;
      return { inputs, failures: [{ property: "chart", reason }] };
    }
  }

  async diff(args: { olds: PropertyMap; news: PropertyMap }, op: Operation): Promise<DiffResult> {
    const { [INPUTS]: _, resourceNames: __, status: ___, ...state } = args.olds;
    // What neither the old nor the new inputs speak of is not ours, as a value that the cluster's release has besides.
    const old = ours(state, mapAt(args.olds, INPUTS), args.news);
    return { changes: withoutIgnored(compare(old, args.news, [["name"], ["namespace"]]), op.ignoreChanges) };
  }

  async create(
    args: { news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ id: string; properties: PropertyMap }> {
    if (args.preview) return { id: "", properties: previewed(args.news) };
    this.cluster.assertReachable();
    const spec = releaseSpec(args.news);
    const id = `${spec.namespace}/${spec.name}`;
    op.log.status(`installing release ${id}`);
    try {
      return { id, properties: checkpoint(args.news, await this.#helm.install(spec, op.signal)) };
    } catch (error) {
      if (!(error instanceof HelmError) || error.nameInUse) throw failure(id, error);
      const left = await this.#helm.find(spec.namespace, spec.name).catch(() => undefined);
      if (!left) throw failure(id, error);
      throw new InitializationFailed(failure(id, error).message, id, checkpoint(args.news, left), args.news);
    } finally {
      op.log.status("");
    }
  }

  async read(args: { id: string; properties: PropertyMap; inputs: PropertyMap }): Promise<ReadResult> {
    this.cluster.assertReachable();
    const { namespace, name } = parseId(args.id);
    const live = await this.#helm.find(
      stringAt(args.properties, "namespace") ?? namespace ?? this.cluster.defaultNamespace,
      stringAt(args.properties, "name") ?? name,
    );
    if (!live) return { id: "", properties: {}, inputs: {} };
    const known = unwrap(args.properties[INPUTS]);
    const inputs = isMap(known) ? known : this.#importedInputs(live);
    return { id: args.id, properties: checkpoint(inputs, live), inputs };
  }

  async update(
    args: { id: string; olds: PropertyMap; news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ properties: PropertyMap }> {
    if (args.preview) return { properties: previewed(args.news) };
    this.cluster.assertReachable();
    const spec = releaseSpec(args.news);
    const id = `${spec.namespace}/${spec.name}`;
    op.log.status(`upgrading release ${id}`);
    try {
      return { properties: checkpoint(args.news, await this.#helm.upgrade(spec, op.signal)) };
    } catch (error) {
      if (!(error instanceof HelmError)) throw failure(id, error);
      const revision = unwrap(mapAt(args.olds, "status").revision);
      const left = await this.#helm.find(spec.namespace, spec.name).catch(() => undefined);
      // Nothing was tried: a chart that does not render, or an upgrade of someone else under way.
      if (!left || left.revision <= (typeof revision === "number" ? revision : 0)) throw failure(id, error);
      throw new InitializationFailed(failure(id, error).message, id, checkpoint(args.news, left), args.news);
    } finally {
      op.log.status("");
    }
  }

  async delete(args: { id: string; properties: PropertyMap }, op: Operation): Promise<void> {
    this.cluster.assertReachable();
    op.log.status(`uninstalling release ${args.id}`);
    try {
      await this.#helm.uninstall(releaseSpec(args.properties));
    } catch (error) {
      throw failure(args.id, error);
    } finally {
      op.log.status("");
    }
  }

  #importedInputs(live: HelmRelease): PropertyMap {
    const { name, namespace, chart, version, config } = live;
    return releaseInputs({ name, namespace, chart, version, values: config }, this.cluster.defaultNamespace);
  }
}

/** The state of a release: its inputs, what the cluster has of them, and the outputs. */
function checkpoint(inputs: PropertyMap, live: HelmRelease): PropertyMap {
  const state = {
    ...inputs,
    version: live.version,
    values: { ...mapAt(inputs, "values"), ...live.config },
    resourceNames: resourceNames(live.manifest),
    status: {
      appVersion: live.appVersion,
      chart: live.chart,
      name: live.name,
      namespace: live.namespace,
      revision: live.revision,
      status: live.status,
      version: live.version,
    },
  };
  return { ...copySecrecy(state, inputs), [INPUTS]: new Secret(inputs) };
}

function previewed(inputs: PropertyMap): PropertyMap {
  return { ...inputs, [INPUTS]: new Secret(inputs), resourceNames: Unknown.value, status: Unknown.value };
}

/** The old state without what neither set of inputs speaks of. */
function ours(state: PropertyMap, oldInputs: PropertyMap, news: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(state).flatMap(([key, value]) => {
      const [before, after, now] = [unwrap(oldInputs[key]), unwrap(news[key]), unwrap(value)];
      if (before === undefined && after === undefined) return [];
      if (isMap(now) && isMap(before ?? {}) && isMap(after ?? {})) {
        return [[key, ours(now, isMap(before) ? before : {}, isMap(after) ? after : {})]];
      }
      return [[key, now ?? null]];
    }),
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const failure = (id: string, error: unknown): Error => new Error(`Helm release "${id}": ${messageOf(error)}`);
