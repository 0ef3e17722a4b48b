import { isMap, type PodPatch, parsePatch } from "../../pod-patch.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Kinds of volumes of the standard `restricted`. */
const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

type Refuse = (at: string, message: string) => void;

/**
 * What the pod security standard `restricted` refuses is refused here, as far as a patch shows it. The API server checks the rest:
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
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
  const known = [name, ...Object.keys(sidecars), ...Object.keys(initContainers)];
  for (const key of Object.keys(parsed.patch)) {
    if (key !== "metadata" && key !== "spec")
      refuse(key, "not a part of a pod template, which has metadata and spec. Remove it");
  }
  const { metadata, spec } = parsed.patch;
  checkLabels(metadata, refuse);
  if (spec === undefined) return;
  if (!isMap(spec)) {
    refuse("spec", "must be a map. Write it as nested YAML");
    return;
  }
  checkPod(spec, refuse);
  for (const field of ["containers", "initContainers", "ephemeralContainers"]) {
    checkContainers(field, spec, { known, own: name }, refuse);
  }
}

/** Selectors and network policies find the pods by them. */
function checkLabels(metadata: unknown, refuse: Refuse): void {
  const labels = isMap(metadata) ? metadata.labels : undefined;
  if (metadata === null || labels === null)
    refuse("metadata", "labels cannot be removed: they are how pods are found. Remove it");
  if (!isMap(labels)) return;
  const own = Object.keys(labels).find((key) => key.startsWith("app.kubernetes.io/"));
  if (own !== undefined) refuse(`metadata.labels.${own}`, "set by the chart: it is how pods are found. Remove it");
}

function checkPod(spec: PodPatch, refuse: Refuse): void {
  for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (spec[key] === true) refuse(`spec.${key}`, notRestricted("true"));
  }
  checkSecurityContext("spec.securityContext", spec, refuse);
  for (const volume of listOf(spec.volumes)) {
    const kind = Object.keys(volume).find((key) => key !== "name" && key !== "$patch" && !VOLUMES.includes(key));
    if (kind !== undefined) refuse(`spec.volumes ${String(volume.name)}`, notRestricted(kind));
  }
}

function checkContainers(
  field: string,
  spec: PodPatch,
  { known, own }: { known: readonly string[]; own: string },
  refuse: Refuse,
): void {
  if (spec[field] === null && field === "containers")
    refuse("spec.containers", "cannot be removed. Remove it from the patch");
  for (const container of listOf(spec[field])) {
    const at = `spec.${field} ${String(container.name)}`;
    if (container.$patch === "delete" && container.name !== own) continue;
    if (container.name === own && (container.image !== undefined || container.$patch !== undefined)) {
      refuse(at, "its image is what build or image says, and it cannot be removed. Leave both out");
    }
    checkSecurityContext(`${at} securityContext`, container, refuse);
    const isNew = !known.includes(String(container.name));
    checkCapabilities(at, container.securityContext, isNew, refuse);
    if (listOf(container.ports).some(({ hostPort }) => hostPort)) refuse(`${at} ports`, notRestricted("hostPort"));
  }
}

function checkSecurityContext(at: string, { securityContext }: PodPatch, refuse: Refuse): void {
  if (securityContext === null) refuse(at, "cannot be removed. Change the fields in it");
  if (!isMap(securityContext)) return;
  const { runAsNonRoot, runAsUser, seccompProfile, appArmorProfile, procMount, windowsOptions, privileged } =
    securityContext;
  if (runAsNonRoot === false || runAsNonRoot === null)
    refuse(`${at}.runAsNonRoot`, notRestricted(String(runAsNonRoot)));
  if (runAsUser === 0) refuse(`${at}.runAsUser`, notRestricted("root"));
  if (privileged === true) refuse(`${at}.privileged`, notRestricted("true"));
  if (procMount !== undefined && procMount !== "Default") refuse(`${at}.procMount`, notRestricted(String(procMount)));
  if (isMap(windowsOptions) && windowsOptions.hostProcess) refuse(`${at}.windowsOptions`, notRestricted("hostProcess"));
  for (const [key, profile] of Object.entries({ seccompProfile, appArmorProfile })) {
    const isRemoved = profile === null && key === "seccompProfile";
    const isOpen = isMap(profile) && (profile.type === "Unconfined" || profile.type === null);
    if (isRemoved || isOpen) refuse(`${at}.${key}`, notRestricted(isRemoved ? "none" : "Unconfined"));
  }
}

function checkCapabilities(at: string, securityContext: unknown, isNew: boolean, refuse: Refuse): void {
  const { allowPrivilegeEscalation, capabilities } = isMap(securityContext) ? securityContext : {};
  const { add, drop } = isMap(capabilities) ? capabilities : {};
  const added = (Array.isArray(add) ? add : []).filter((capability) => capability !== "NET_BIND_SERVICE");
  if (added.length > 0) refuse(`${at} capabilities.add`, notRestricted(added.join(", ")));
  const dropsAll = Array.isArray(drop) && drop.includes("ALL");
  const isKept = capabilities === undefined || (isMap(capabilities) && drop === undefined);
  const escalates = allowPrivilegeEscalation !== false && (isNew || allowPrivilegeEscalation !== undefined);
  if (escalates || (!dropsAll && (isNew || !isKept))) {
    refuse(
      `${at} securityContext`,
      "a container must have allowPrivilegeEscalation: false and capabilities: { drop: [ALL] }. Write both",
    );
  }
}

function listOf(value: unknown): PodPatch[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function notRestricted(what: string): string {
  return `${what} is not allowed by the pod security standard restricted. Remove it`;
}
