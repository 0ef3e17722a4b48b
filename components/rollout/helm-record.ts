import { gunzipSync, gzipSync } from "node:zlib";
import { parseDocument } from "yaml";

const WORKLOADS = ["Deployment", "StatefulSet", "Rollout"];
/** A field of spec. charts/service indents by two, and no text block of it can hold such a line. */
const REPLICAS = /^ {2}replicas: [1-9][0-9]*\n/m;

/**
 * Helm's record of a revision without a number of pods in the manifest of its workload. Undefined if the manifest has none; 0 stays,
 * since a service that was paused must be so again after a rollback.
 *
 * @param data the key `release` of the record's Secret: base64 of base64 of gzip of JSON. Source: encodeRelease in
 * https://github.com/helm/helm/blob/v3.18.6/pkg/storage/driver/util.go
 */
export function recordWithoutReplicas(data: string): string | undefined {
  const record = JSON.parse(gunzipSync(Buffer.from(Buffer.from(data, "base64").toString(), "base64")).toString());
  const manifest = manifestWithoutReplicas(record.manifest, record.name);
  if (manifest === undefined) return undefined;
  const packed = gzipSync(JSON.stringify({ ...record, manifest }), { level: 9 });
  return Buffer.from(packed.toString("base64")).toString("base64");
}

/** @param manifest all objects of the revision of the release `name` */
export function manifestWithoutReplicas(manifest: string, name: string): string | undefined {
  const objects = manifest.split(/^---$/m);
  const at = objects.findIndex((text) => REPLICAS.test(text) && isWorkload(text, name));
  if (at < 0) return undefined;
  return objects.with(at, (objects[at] ?? "").replace(REPLICAS, "")).join("---");
}

function isWorkload(text: string, name: string): boolean {
  const object = parseDocument(text);
  return WORKLOADS.includes(String(object.get("kind"))) && object.getIn(["metadata", "name"]) === name;
}
