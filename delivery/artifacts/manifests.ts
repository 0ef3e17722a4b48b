import { gunzipSync } from "node:zlib";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";

/**
 * What Helm rendered and applied, by service: read from Helm's own records in the cluster, so that it is what runs and not what
 * would be rendered now. A record is a Secret of gzipped JSON, in base64 within the Secret's own base64:
 * https://github.com/helm/helm/blob/v3.19.0/pkg/storage/driver/util.go
 */
export async function deployedManifests(config: KubeConfig, namespace: string): Promise<Map<string, string>> {
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
