import { parseAllDocuments } from "yaml";
import { isPlainMap, type Plain, type PropertyMap } from "../protocol/value.ts";

/** The names of the objects in a rendered manifest, by kind: `{"Deployment.apps/apps/v1": ["shop/web"]}`. */
export function resourceNames(manifest: string): PropertyMap {
  const names = new Map<string, Set<string>>();
  for (const document of parseAllDocuments(manifest)) {
    const object: Plain = document.toJS();
    if (!isPlainMap(object) || typeof object.kind !== "string" || typeof object.apiVersion !== "string") continue;
    const group = object.apiVersion.includes("/") ? `.${object.apiVersion.split("/")[0]}` : "";
    const key = `${object.kind}${group}/${object.apiVersion}`;
    const { name, namespace } = isPlainMap(object.metadata) ? object.metadata : {};
    const title = namespace ? `${String(namespace)}/${String(name)}` : String(name);
    names.set(key, (names.get(key) ?? new Set()).add(title));
  }
  return Object.fromEntries([...names].map(([key, titles]) => [key, [...titles].sort()]));
}
