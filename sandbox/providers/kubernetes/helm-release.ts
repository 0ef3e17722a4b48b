import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { chartFlags, chartReference } from "./chart.ts";
import { HelmError, helm, helmJson } from "./helm.ts";
import type { ReleaseSpec } from "./release-fields.ts";

/** A release as Helm's storage has it. */
export interface HelmRelease {
  name: string;
  namespace: string;
  revision: number;
  /** `deployed`, `failed`, `pending-upgrade`, … */
  status: string;
  chart: string;
  version: string;
  appVersion: string;
  manifest: string;
  /** The values given by the user, without the chart's own. */
  config: PlainMap;
}

/** Helm commands against one cluster. */
export class HelmReleases {
  /** @param clusterFlags flags that lead Helm to the cluster. */
  constructor(private readonly clusterFlags: () => string[]) {}

  async install(spec: ReleaseSpec, signal: AbortSignal): Promise<HelmRelease> {
    const args = [
      ...this.#apply("install", spec),
      ...(spec.flag("createNamespace") ? ["--create-namespace"] : []),
      ...(spec.flag("replace") ? ["--replace"] : []),
      ...(spec.flag("disableWebhooks") ? ["--no-hooks"] : []),
    ];
    return toRelease(await helmJson(args, { input: JSON.stringify(spec.values), signal }));
  }

  async upgrade(spec: ReleaseSpec, signal: AbortSignal): Promise<HelmRelease> {
    if (spec.flag("lint")) {
      await helm(["lint", chartReference(spec), "--values", "-"], { input: JSON.stringify(spec.values), signal });
    }
    const args = [
      ...this.#apply("upgrade", spec),
      "--history-max",
      String(spec.maxHistory),
      ...(spec.flag("cleanupOnFail") ? ["--cleanup-on-fail"] : []),
      ...(spec.flag("forceUpdate") ? ["--force"] : []),
      ...(spec.flag("recreatePods") ? ["--recreate-pods"] : []),
      ...(spec.flag("resetValues") ? ["--reset-values"] : []),
      ...(spec.flag("reuseValues") ? ["--reuse-values"] : []),
      ...(spec.flag("disableCRDHooks") ? ["--no-hooks"] : []),
    ];
    return toRelease(await helmJson(args, { input: JSON.stringify(spec.values), signal }));
  }

  /** The release as it stands; undefined when there is none. */
  async find(namespace: string, name: string): Promise<HelmRelease | undefined> {
    const target = [name, "--namespace", namespace, ...this.clusterFlags()];
    try {
      const [release, metadata] = await Promise.all([
        helmJson(["status", ...target]),
        helmJson(["get", "metadata", ...target]),
      ]);
      return toRelease({ ...release, chart: { metadata: { ...metadata, name: metadata.chart ?? "" } } });
    } catch (error) {
      if (error instanceof HelmError && error.notFound) return undefined;
      throw error;
    }
  }

  /** Removes the release and, when it was waited for, waits until its objects are gone. */
  async uninstall(spec: ReleaseSpec): Promise<void> {
    const wait = spec.flag("atomic") || spec.wait ? ["--wait", "--timeout", `${spec.timeoutSeconds}s`] : [];
    await helm(["uninstall", spec.name, "--namespace", spec.namespace, ...wait, ...this.clusterFlags()]);
  }

  #apply(command: "install" | "upgrade", spec: ReleaseSpec): string[] {
    return [
      command,
      spec.name,
      chartReference(spec),
      ...chartFlags(spec),
      "--namespace",
      spec.namespace,
      "--timeout",
      `${spec.timeoutSeconds}s`,
      // JSON is YAML; on standard input secrets show neither in the process list nor on the disk.
      "--values",
      "-",
      ...(spec.flag("atomic") ? ["--atomic"] : []),
      ...(spec.wait ? ["--wait"] : []),
      ...(spec.wait && spec.flag("waitForJobs") ? ["--wait-for-jobs"] : []),
      ...(spec.flag("dependencyUpdate") ? ["--dependency-update"] : []),
      ...(spec.flag("disableOpenapiValidation") ? ["--disable-openapi-validation"] : []),
      ...(spec.flag("skipCrds") ? ["--skip-crds"] : []),
      ...(spec.flag("renderSubchartNotes") ? ["--render-subchart-notes"] : []),
      ...(spec.flag("takeOwnership") ? ["--take-ownership"] : []),
      ...(spec.text("description") ? ["--description", spec.text("description") ?? ""] : []),
      ...(spec.text("postrender") ? ["--post-renderer", spec.text("postrender") ?? ""] : []),
      ...this.clusterFlags(),
    ];
  }
}

function toRelease(json: PlainMap): HelmRelease {
  const info = isPlainMap(json.info) ? json.info : {};
  const chart = isPlainMap(json.chart) && isPlainMap(json.chart.metadata) ? json.chart.metadata : {};
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    name: text(json.name),
    namespace: text(json.namespace),
    revision: typeof json.version === "number" ? json.version : 0,
    status: text(info.status),
    chart: text(chart.name),
    version: text(chart.version),
    appVersion: text(chart.appVersion),
    manifest: text(json.manifest),
    config: isPlainMap(json.config) ? json.config : {},
  };
}
