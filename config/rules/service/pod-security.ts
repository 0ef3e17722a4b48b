import { isMap, type PodPatch } from "../../pod-patch.ts";
import { SELINUX_TYPES, SYSCTLS, VOLUMES } from "../../restricted-pods.ts";

/** Reports what is wrong at a place of the patch. */
export type Refuse = (at: string, message: string) => void;

const APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

/** What the standard says of annotations. */
export function checkAnnotationSecurity(annotations: unknown, refuse: Refuse): void {
  for (const [key, value] of entriesOf(annotations)) {
    const isOpen =
      value !== null && value !== "" && value !== "runtime/default" && !String(value).startsWith("localhost/");
    if (key.startsWith(APPARMOR_ANNOTATION) && isOpen)
      refuse(`metadata.annotations.${key}`, notRestricted(String(value)));
  }
}

/** What the standard says of a pod, but for its containers. */
export function checkPodSecurity(spec: PodPatch, refuse: Refuse): void {
  for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (spec[key] === true) refuse(`spec.${key}`, notRestricted("true"));
  }
  checkSecurityContext("spec.securityContext", spec.securityContext, refuse);
  const { sysctls } = isMap(spec.securityContext) ? spec.securityContext : {};
  for (const { name } of mapsOf(sysctls)) {
    if (!SYSCTLS.includes(String(name))) refuse("spec.securityContext.sysctls", notRestricted(String(name)));
  }
  for (const volume of mapsOf(spec.volumes)) {
    const kind = Object.keys(volume).find((key) => key !== "name" && key !== "$patch" && !VOLUMES.includes(key));
    if (kind !== undefined) refuse(`spec.volumes ${String(volume.name)}`, notRestricted(kind));
  }
}

/** What the standard says of a container. @param isNew whether the chart does not have it, and so gives it no security context */
export function checkContainerSecurity(at: string, container: PodPatch, isNew: boolean, refuse: Refuse): void {
  checkSecurityContext(`${at} securityContext`, container.securityContext, refuse);
  checkPrivileges(at, container.securityContext, isNew, refuse);
  if (mapsOf(container.ports).some(({ hostPort }) => hostPort)) refuse(`${at} ports`, notRestricted("hostPort"));
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const { postStart, preStop } = isMap(lifecycle) ? lifecycle : {};
  const handlers = { livenessProbe, readinessProbe, startupProbe, postStart, preStop };
  for (const [key, handler] of Object.entries(handlers)) {
    for (const kind of ["httpGet", "tcpSocket"]) {
      const action = isMap(handler) ? handler[kind] : undefined;
      if (isMap(action) && action.host) refuse(`${at} ${key}.${kind}`, notRestricted("host"));
    }
  }
}

function checkSecurityContext(at: string, securityContext: unknown, refuse: Refuse): void {
  if (securityContext === null) refuse(at, "cannot be removed. Change the fields in it");
  if (!isMap(securityContext)) return;
  const { runAsNonRoot, runAsUser, seccompProfile, appArmorProfile, procMount, windowsOptions, privileged } =
    securityContext;
  if (runAsNonRoot === false || runAsNonRoot === null)
    refuse(`${at}.runAsNonRoot`, notRestricted(String(runAsNonRoot)));
  if (runAsUser === 0) refuse(`${at}.runAsUser`, notRestricted("root"));
  if (privileged === true) refuse(`${at}.privileged`, notRestricted("true"));
  if (procMount !== undefined && procMount !== null && procMount !== "Default")
    refuse(`${at}.procMount`, notRestricted(String(procMount)));
  if (isMap(windowsOptions) && windowsOptions.hostProcess) refuse(`${at}.windowsOptions`, notRestricted("hostProcess"));
  for (const [key, value] of entriesOf(securityContext.seLinuxOptions)) {
    const isAllowed = !value || (key === "type" ? SELINUX_TYPES.includes(String(value)) : key === "level");
    if (!isAllowed) refuse(`${at}.seLinuxOptions.${key}`, notRestricted(String(value)));
  }
  for (const [key, profile] of Object.entries({ seccompProfile, appArmorProfile })) {
    const isRemoved = profile === null && key === "seccompProfile";
    const isOpen = isMap(profile) && (profile.type === "Unconfined" || profile.type === null);
    if (isRemoved || isOpen) refuse(`${at}.${key}`, notRestricted(isRemoved ? "none" : "Unconfined"));
  }
}

function checkPrivileges(at: string, securityContext: unknown, isNew: boolean, refuse: Refuse): void {
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

function mapsOf(value: unknown): PodPatch[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function entriesOf(value: unknown): [string, unknown][] {
  return isMap(value) ? Object.entries(value) : [];
}

function notRestricted(what: string): string {
  return `${what} is not allowed by the pod security standard restricted. Remove it`;
}
