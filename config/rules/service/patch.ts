import { nearest } from "../../nearest.ts";
import { isMap, type PodPatch, parsePatch } from "../../pod-patch.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";
import { RESERVED } from "./annotations.ts";
import { canMerge } from "./patch-lists.ts";
import { checkAnnotationSecurity, checkContainerSecurity, checkPodSecurity, type Refuse } from "./pod-security.ts";

/** What the patch says of the pod, as far as it shows what the chart or the API server would refuse. The API server checks the rest. */
export function checkPatch(
  name: string,
  { patch: text, sidecars = {}, initContainers = {} }: ParsedService,
  add: AddFault,
): void {
  if (text === undefined) return;
  const parsed = parsePatch(text);
  if ("fault" in parsed) {
    add(["patch"], parsed.fault);
    return;
  }
  const refuse: Refuse = (at, message) => add(["patch"], `${at}: ${message}`);
  for (const key of Object.keys(parsed.patch)) {
    if (key !== "metadata" && key !== "spec")
      refuse(key, "not a part of a pod template, which has metadata and spec. Remove it");
  }
  const { metadata, spec } = parsed.patch;
  checkMetadata(metadata, refuse);
  if (spec === undefined) return;
  if (!isMap(spec)) {
    refuse("spec", "must be a map. Write it as nested YAML");
    return;
  }
  if (!canMerge(spec, refuse)) return;
  checkPodSecurity(spec, refuse);
  if (spec.containers === null) refuse("spec.containers", "cannot be removed. Remove it from the patch");
  if (spec.ephemeralContainers !== undefined)
    refuse("spec.ephemeralContainers", "a pod template has none: kubectl debug adds them. Remove it");
  const beside = [...Object.keys(sidecars), ...Object.keys(initContainers)];
  checkContainers({ field: "containers", known: [name], others: beside, own: name }, spec, refuse);
  checkContainers({ field: "initContainers", known: beside, others: [name], own: name }, spec, refuse);
}

/** Selectors and network policies find the pods by their labels. */
function checkMetadata(metadata: unknown, refuse: Refuse): void {
  if (metadata === undefined) return;
  const { labels, annotations } = isMap(metadata) ? metadata : {};
  if (!isMap(metadata) || labels === null)
    refuse("metadata", "must be a map, and its labels cannot be removed: they are how pods are found. Remove it");
  const set = isMap(annotations) ? Object.keys(annotations).find((key) => key.startsWith(RESERVED)) : undefined;
  if (annotations === null || set !== undefined)
    refuse(
      `metadata.annotations${set ? `.${set}` : ""}`,
      `${RESERVED} is for the chart itself: it rolls pods by it. Remove it`,
    );
  const own = isMap(labels) && Object.keys(labels).find((key) => key.startsWith("app.kubernetes.io/"));
  if (own) refuse(`metadata.labels.${own}`, "set by the chart: it is how pods are found. Remove it");
  checkAnnotationSecurity(annotations, refuse);
}

interface Containers {
  field: "containers" | "initContainers";
  /** Names of those that the pod has in this list. */
  known: readonly string[];
  /** Names of those in the other list. */
  others: readonly string[];
  /** Name of the service's own container. */
  own: string;
}

function checkContainers({ field, known, others, own }: Containers, spec: PodPatch, refuse: Refuse): void {
  for (const container of Array.isArray(spec[field]) ? spec[field].filter(isMap) : []) {
    const name = String(container.name);
    const at = `spec.${field} ${name}`;
    const { image, $patch } = container;
    if (others.includes(name)) {
      refuse(at, `is in spec.${field === "containers" ? "initContainers" : "containers"}. Write it there`);
    } else if (!known.includes(name) && (!image || $patch !== undefined)) {
      refuse(at, unknownContainer(name, [...known, ...others]));
    } else if (name === own && $patch !== undefined) {
      refuse(at, "cannot be removed: it is the service's own container. Leave $patch out");
    } else if ($patch === undefined) {
      if (known.includes(name) && image !== undefined)
        refuse(at, "its image is what build or image says, of the service or of the container. Leave it out");
      checkContainerSecurity(at, container, !known.includes(name), refuse);
    }
  }
}

function unknownContainer(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `no container of the pod. ${meant ? `Did you mean ${meant}? ` : ""}It has ${known.join(", ")}; one of your own needs an image`;
}
