import { parse, stringify } from "yaml";

type Fields = Record<string, unknown>;

/** Keys by which Kubernetes tells the elements of a list apart, as `patchMergeKey` in its types. `name` is not that of a mount. */
const LIST_KEYS = ["mountPath", "containerPort", "port", "topologyKey", "name"];

/**
 * A manifest with what either of two has, as Helm's record of what may be in the cluster. A value that differs becomes null, which is equal
 * to nothing: Helm then sends the value that it wants.
 *
 * @param later the manifest of the upgrade that was killed
 */
export function eitherManifest(earlier: string, later: string): string {
  const objects = new Map(objectsIn(earlier).map((object) => [identity(object), object]));
  for (const object of objectsIn(later)) {
    const known = objects.get(identity(object));
    objects.set(identity(object), known ? eitherObject(known, object) : object);
  }
  // Helm reads YAML 1.1, in which `on` without quotes is not a text.
  return [...objects.values()].map((object) => `---\n${stringify(object, { version: "1.1", lineWidth: 0 })}`).join("");
}

function objectsIn(manifest: string): Fields[] {
  return manifest.split(/^---$/m).flatMap((text) => parse(text) ?? []);
}

function identity({ kind, metadata }: Fields): string {
  const { name, namespace = "" } = metadata as Fields;
  return `${kind}/${namespace}/${name}`;
}

function eitherObject(earlier: Fields, later: Fields): Fields {
  const merged = either(earlier, later, isOwn(String(later.apiVersion))) as Fields;
  return { ...merged, apiVersion: later.apiVersion };
}

/** Whether a kind is Kubernetes' own. Of those Helm compares the live object too, and deletes elements of lists by their keys. */
function isOwn(apiVersion: string): boolean {
  const [group = ""] = apiVersion.split("/");
  return !group.includes(".") || group.endsWith(".k8s.io");
}

function either(earlier: unknown, later: unknown, own: boolean): unknown {
  if (isMap(earlier) && isMap(later)) {
    const keys = new Set([...Object.keys(earlier), ...Object.keys(later)]);
    return Object.fromEntries([...keys].map((key) => [key, either(earlier[key], later[key], own)]));
  }
  if (own && (earlier === undefined || later === undefined)) return earlier ?? later;
  if (own && Array.isArray(earlier) && Array.isArray(later)) {
    const list = eitherList(earlier, later);
    if (list !== undefined) return list;
  }
  return JSON.stringify(earlier) === JSON.stringify(later) ? earlier : null;
}

/** Undefined for a list whose elements have no key: Kubernetes replaces such a list as a whole. */
function eitherList(earlier: unknown[], later: unknown[]): unknown[] | undefined {
  const key = LIST_KEYS.find((name) => [...earlier, ...later].every((element) => isMap(element) && name in element));
  if (key === undefined) return undefined;
  const elements = new Map((earlier as Fields[]).map((element) => [element[key], element]));
  for (const element of later as Fields[]) {
    const known = elements.get(element[key]);
    elements.set(element[key], known ? (either(known, element, true) as Fields) : element);
  }
  return [...elements.values()];
}

function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
