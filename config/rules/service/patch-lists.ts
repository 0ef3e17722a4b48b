import { isMap, type PodPatch } from "../../pod-patch.ts";
import type { Refuse } from "./pod-security.ts";

/** Lists that charts/service merges, each by a key: see charts/service/templates/_patch.tpl. */
const POD_LISTS = {
  containers: "name",
  initContainers: "name",
  volumes: "name",
  imagePullSecrets: "name",
  hostAliases: "ip",
};
const CONTAINER_LISTS = { env: "name", volumeMounts: "mountPath", ports: "containerPort" };

/** Whether the patch can be merged. A list without keys stops Helm in the middle of a template. */
export function canMerge(spec: PodPatch, refuse: Refuse): boolean {
  let isMergeable = true;
  const fault: Refuse = (at, message) => {
    isMergeable = false;
    refuse(at, message);
  };
  checkLists("spec", spec, POD_LISTS, fault);
  for (const field of ["containers", "initContainers"]) {
    for (const container of Array.isArray(spec[field]) ? spec[field].filter(isMap) : []) {
      checkLists(`spec.${field} ${String(container.name)}`, container, CONTAINER_LISTS, fault);
    }
  }
  if (isMergeable) checkRest("spec", spec, false, fault);
  return isMergeable;
}

function checkLists(at: string, fields: PodPatch, lists: Record<string, string>, refuse: Refuse): void {
  for (const [field, key] of Object.entries(lists)) {
    const list = fields[field];
    // null removes the whole list.
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) refuse(`${at}.${field}`, `must be a list of maps, each with ${key}. Write - ${key}: …`);
    else if (!list.every((item) => isMap(item) && isKey(item[key])))
      refuse(`${at}.${field}`, `each item must be a map with ${key}, by which it is merged. Add it`);
  }
}

/**
 * Nulls in lists say nothing, and of the directives of Kubernetes the chart knows one.
 *
 * @param isMerged whether the value is a list that is merged by a key, or an item of one
 */
function checkRest(at: string, value: unknown, isMerged: boolean, refuse: Refuse): void {
  if (Array.isArray(value)) {
    if (value.includes(null)) refuse(at, "null is no item of a list. Remove it");
    for (const item of value) checkRest(at, item, isMerged, refuse);
  }
  if (!isMap(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith("$") && !(isMerged && key === "$patch" && inner === "delete"))
      refuse(`${at}.${key}`, "not known here. An item of a list is removed by $patch: delete, a field by null");
    const isKeyed = Array.isArray(inner) && Object.hasOwn({ ...POD_LISTS, ...CONTAINER_LISTS }, key);
    checkRest(`${at}.${key}`, inner, isKeyed, refuse);
  }
}

function isKey(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}
