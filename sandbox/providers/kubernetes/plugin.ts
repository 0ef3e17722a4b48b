import { compare } from "../protocol/compare.ts";
import type { DiffResult, Plugin, ResourceHandler } from "../protocol/handler.ts";
import { type PropertyMap, stringAt, Unknown } from "../protocol/value.ts";
import { Cluster, loadKubeconfig } from "./cluster.ts";
import { configMapKind } from "./config-map.ts";
import { namespaceKind } from "./namespace.ts";
import { KubernetesObject } from "./object.ts";
import { Release } from "./release.ts";
import { secretKind } from "./secret.ts";
import { checkSettings, readSettings } from "./settings.ts";
import { storageClassKind } from "./storage-class.ts";

/** The stand-in for the official `kubernetes` plugin: the resource types the program declares, and no more. */
export function kubernetesPlugin(version: string): Plugin {
  return {
    version,
    checkConfig: checkSettings,
    diffConfig,
    async configure(config) {
      const settings = readSettings(config);
      const cluster = await Cluster.connect(settings);
      const objects = [namespaceKind, secretKind, configMapKind, storageClassKind].map(
        (kind): [string, ResourceHandler] => [kind.token, new KubernetesObject(kind, cluster, settings)],
      );
      return new Map<string, ResourceHandler>([...objects, ["kubernetes:helm.sh/v3:Release", new Release(cluster)]]);
    },
  };
}

/** Another cluster means other objects: everything in the old one is replaced. Any other change is taken in place. */
async function diffConfig(olds: PropertyMap, news: PropertyMap): Promise<DiffResult> {
  // An identifier decides alone which cluster it is; unknown it is a different one.
  const [known, given] = [olds.clusterIdentifier, news.clusterIdentifier];
  if (known !== undefined && given !== undefined) {
    return { changes: compare(olds, news, [["clusterIdentifier"]]) };
  }
  const unclear = ["kubeconfig", "context"].filter((key) => news[key] instanceof Unknown);
  const [before, after] = await Promise.all([activeCluster(olds), activeCluster(news)]);
  const moved = unclear.length > 0 || (before !== undefined && after !== undefined && before !== after);
  return { changes: compare(olds, news, moved ? [["kubeconfig"], ["context"]] : []) };
}

/** Address and certificate of the cluster that the arguments lead to; undefined when they lead nowhere. */
async function activeCluster(settings: PropertyMap): Promise<string | undefined> {
  try {
    const config = await loadKubeconfig({
      kubeconfig: stringAt(settings, "kubeconfig"),
      context: stringAt(settings, "context"),
    });
    const { server, caData, caFile } = config.getCurrentCluster() ?? {};
    return JSON.stringify({ server, caData, caFile });
  } catch {
    return undefined;
  }
}
