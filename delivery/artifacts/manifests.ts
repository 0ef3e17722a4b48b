import { gunzipSync } from "node:zlib";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";

/**
 * The manifests that Helm rendered and applied, by service. They are read from Helm's records in the cluster: rendering them now
 * could give something else than what runs. A record is a Secret of gzipped JSON, in base64 within the Secret's own base64:
 * https://github.com/helm/helm/blob/v3.19.0/pkg/storage/driver/util.go
 */
export async function readDeployedManifests(config: KubeConfig, namespace: string): Promise<Map<string, string>> {
  const { items } = await config
    .makeApiClient(CoreV1Api)
    .listNamespacedSecret({ namespace, labelSelector: "owner=helm,status=deployed" });
  return new Map(
    items.map(({ metadata, data }) => {
      const packed = Buffer.from(Buffer.from(data?.release ?? "", "base64").toString("utf8"), "base64");
      const { manifest } = JSON.parse(gunzipSync(packed).toString("utf8")) as { manifest: string };
      return [metadata?.labels?.name ?? "", manifest];
    }),
  );
}
