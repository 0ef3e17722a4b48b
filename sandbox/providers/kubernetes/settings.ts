import type { CheckFailure } from "../protocol/handler.ts";
import { type PropertyMap, Unknown } from "../protocol/value.ts";
import type { ClusterOptions } from "./cluster.ts";

/** The provider's own arguments, defaults filled in. */
export interface ProviderSettings extends ClusterOptions {
  /** A create takes over an object that is there already, instead of being refused. @default false */
  upsertExistingObjects: boolean;
  /** An update takes fields from other owners. @default false */
  patchForce: boolean;
  /** Secrets are changed in place. @default false */
  secretMutable: boolean;
  /** ConfigMaps are changed in place. @default false */
  configMapMutable: boolean;
  /** Objects of a cluster that does not answer count as gone. @default false */
  deleteUnreachable: boolean;
}

const SERVED = new Set([
  "kubeconfig",
  "context",
  "clusterIdentifier",
  "namespace",
  "enableServerSideApply",
  "upsertExistingObjects",
  "enablePatchForce",
  "enableSecretMutable",
  "enableConfigMapMutable",
  "deleteUnreachable",
  // Silence warnings that this stand-in does not give.
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
]);

/** Arguments that the engine adds to every provider. */
const ENGINE_KEYS = new Set(["version", "pluginDownloadURL", "pluginChecksums", "__internal"]);

/** Faults in the provider's arguments. */
export function checkSettings(news: PropertyMap): CheckFailure[] {
  const failures = Object.keys(news)
    .filter((key) => !SERVED.has(key) && !ENGINE_KEYS.has(key) && news[key] !== null)
    .map((property) => ({
      property,
      reason: `the stand-in for the kubernetes plugin does not serve "${property}" (served: ${[...SERVED].join(", ")})`,
    }));
  const serverSide = news.enableServerSideApply;
  if (serverSide !== undefined && !(serverSide instanceof Unknown) && String(serverSide) !== "true") {
    failures.push({
      property: "enableServerSideApply",
      reason: `was ${JSON.stringify(serverSide)}; the stand-in applies on the server only: leave it out or set true`,
    });
  }
  return failures;
}

/** Reads the configured arguments; environment variables of the official plugin count where an argument is absent. */
export function readSettings(config: Map<string, string>): ProviderSettings {
  const flag = (key: string, variable: string): boolean => (config.get(key) ?? process.env[variable]) === "true";
  return {
    kubeconfig: config.get("kubeconfig"),
    context: config.get("context"),
    namespace: config.get("namespace"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    secretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    configMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}
