import { gunzipSync, gzipSync } from "node:zlib";
import type { KubernetesObject } from "@kubernetes/client-node";
import { type Document, parse, parseDocument } from "yaml";
import { formatManifest } from "../gitops/format-manifest.ts";
import { eitherManifest } from "./either-manifest.ts";

const WORKLOADS = ["Deployment", "StatefulSet", "Rollout"];
/** A field of spec. charts/service indents by two, and no text block of it can hold such a line. */
const REPLICAS = /^ {2}replicas: [1-9][0-9]*\n/m;
const SIZE = ["spec", "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage"];

/**
 * Helm's record of a revision without a number of pods in the manifest of its workload. Undefined if the manifest has none; 0 stays,
 * since a service that was paused must be so again after a rollback.
 *
 * @param data the key `release` of the record's Secret
 */
export function recordWithoutReplicas(data: string): string | undefined {
  return withManifest(data, manifestWithoutReplicas);
}

/** Helm's record of a revision whose StatefulSet has claims of that size. Undefined if it has, or has none. */
export function recordWithVolumeSize(data: string, size: string): string | undefined {
  return withManifest(data, (manifest, name) => manifestWithVolumeSize(manifest, name, size));
}

/** The StatefulSet of a revision of the release. Undefined if it has none. */
export function statefulSetIn(data: string): Record<string, unknown> | undefined {
  const { manifest, name } = unpack(data);
  const text = objectsIn(manifest).find((object) => isWorkload(parseDocument(object), name, ["StatefulSet"]));
  return text === undefined ? undefined : parseDocument(text).toJS();
}

/** The values that a revision of the release was given. */
export function valuesIn(data: string): Record<string, unknown> {
  return unpack(data).config ?? {};
}

/** Helm's record of a revision whose manifest also has what those of later revisions have: see either-manifest.ts. */
export function recordChangedBy(data: string, later: readonly string[]): string {
  const record = unpack(data);
  const manifest = later.reduce((earlier, other) => eitherManifest(earlier, unpack(other).manifest), record.manifest);
  return pack({ ...record, manifest });
}

/** The same as a revision of another number that was deployed once. */
export function recordCopy(data: string, version: number): string {
  const record = unpack(data);
  return pack({ ...record, version, info: { ...record.info, status: "superseded" } });
}

/** All objects of a revision of the release. */
export function objectsOf(data: string): KubernetesObject[] {
  return objectsIn(unpack(data).manifest)
    .map((text) => parse(text, { version: "1.1" }) as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** Helm's record of a revision with these objects in place of its own. */
export function recordWithObjects(data: string, objects: readonly KubernetesObject[]): string {
  const manifest = objects.map((object) => `---\n${formatManifest(object)}`);
  return withManifest(data, () => manifest.join("")) ?? data;
}

/** What Helm was told about a revision of the release, or has written itself. */
export function descriptionIn(data: string): string {
  return unpack(data).info?.description ?? "";
}

interface HelmRecord {
  name: string;
  version?: number;
  info?: { status?: string; description?: string };
  config?: Record<string, unknown>;
  /** All objects of the revision. */
  manifest: string;
}

/** Base64 of base64 of gzip of JSON. Source: decodeRelease in https://github.com/helm/helm/blob/v3.18.6/pkg/storage/driver/util.go */
function unpack(data: string): HelmRecord {
  return JSON.parse(gunzipSync(Buffer.from(Buffer.from(data, "base64").toString(), "base64")).toString());
}

function withManifest(
  data: string,
  change: (manifest: string, name: string) => string | undefined,
): string | undefined {
  const record = unpack(data);
  const manifest = change(record.manifest, record.name);
  if (manifest === undefined) return undefined;
  return pack({ ...record, manifest });
}

function pack(record: HelmRecord): string {
  const packed = gzipSync(JSON.stringify(record), { level: 9 });
  return Buffer.from(packed.toString("base64")).toString("base64");
}

/** @param manifest all objects of the revision of the release `name` */
export function manifestWithoutReplicas(manifest: string, name: string): string | undefined {
  const objects = objectsIn(manifest);
  const at = objects.findIndex((text) => REPLICAS.test(text) && isWorkload(parseDocument(text), name));
  if (at < 0) return undefined;
  return objects.with(at, (objects[at] ?? "").replace(REPLICAS, "")).join("---");
}

/** @param manifest all objects of the revision of the release `name` */
export function manifestWithVolumeSize(manifest: string, name: string, size: string): string | undefined {
  const objects = objectsIn(manifest);
  const documents = objects.map((text) => (text.includes("volumeClaimTemplates") ? parseDocument(text) : undefined));
  const at = documents.findIndex((object) => object !== undefined && isWorkload(object, name, ["StatefulSet"]));
  const document = documents[at];
  if (document === undefined || !document.hasIn(SIZE) || document.getIn(SIZE) === size) return undefined;
  document.setIn(SIZE, size);
  return objects.with(at, `\n${document.toString({ lineWidth: 0 })}`).join("---");
}

function objectsIn(manifest: string): string[] {
  return manifest.split(/^---$/m);
}

function isWorkload(object: Document, name: string, kinds = WORKLOADS): boolean {
  return kinds.includes(String(object.get("kind"))) && object.getIn(["metadata", "name"]) === name;
}
