import type { V1Container, V1PodSpec, V1SecurityContext } from "@kubernetes/client-node";
import { SELINUX_TYPES, SYSCTLS, VOLUMES } from "../../config/restricted-pods.ts";
import type { Rule } from "../rule.ts";
import { containersOf, workloadsIn } from "../workloads.ts";

const PROFILES = ["RuntimeDefault", "Localhost"];

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export const podSecurity: Rule = {
  name: "pod-security",
  description:
    "Every pod meets the pod security standard restricted: no root, no privileges, nothing of the node. A break-in stays in its container.",
  objects: (objects) =>
    workloadsIn(objects).flatMap(({ label, pod }) => [
      ...podFaults(pod).map((fault) => `${label}: ${fault}`),
      ...containersOf(pod).flatMap((container) =>
        containerFaults(pod, container).map((fault) => `${label}: container ${container.name}: ${fault}`),
      ),
    ]),
};

function podFaults({ hostNetwork, hostPID, hostIPC, volumes = [], securityContext = {} }: V1PodSpec): string[] {
  const shared = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, isSet]) => isSet);
  const ofNode = volumes.flatMap(({ name, ...source }) => {
    const [kind = "emptyDir"] = Object.keys(source);
    return VOLUMES.includes(kind) ? [] : [`volume ${name} is a ${kind}. Use ${VOLUMES.join(", ")}`];
  });
  const sysctls = (securityContext.sysctls ?? []).filter(({ name }) => !SYSCTLS.includes(name));
  return [
    ...shared.map(([field]) => `${field} is set. Remove it`),
    ...ofNode,
    ...sysctls.map(({ name }) => `sysctl ${name} is set. Remove it`),
    ...contextFaults(securityContext),
  ];
}

/** What a pod and a container may set alike. */
function contextFaults(
  context: Pick<V1SecurityContext, "seLinuxOptions" | "appArmorProfile" | "windowsOptions">,
): string[] {
  const { type, user, role } = context.seLinuxOptions ?? {};
  return [
    ...(type && !SELINUX_TYPES.includes(type)
      ? [`seLinuxOptions.type is ${type}. Use ${SELINUX_TYPES.join(", ")}`]
      : []),
    ...(user || role ? ["seLinuxOptions.user or role is set. Remove it"] : []),
    ...(context.appArmorProfile?.type === "Unconfined"
      ? ["appArmorProfile.type is Unconfined. Use RuntimeDefault"]
      : []),
    ...(context.windowsOptions?.hostProcess ? ["windowsOptions.hostProcess is set. Remove it"] : []),
  ];
}

function containerFaults(
  { securityContext: ofPod = {} }: V1PodSpec,
  { securityContext = {}, ports = [] }: V1Container,
) {
  const { privileged, allowPrivilegeEscalation, capabilities, runAsNonRoot, runAsUser, seccompProfile, procMount } =
    securityContext;
  const profile = seccompProfile ?? ofPod.seccompProfile;
  const added = (capabilities?.add ?? []).filter((name) => name !== "NET_BIND_SERVICE");
  return [
    ...(privileged ? ["privileged is set. Remove it"] : []),
    ...(allowPrivilegeEscalation === false ? [] : ["set allowPrivilegeEscalation: false"]),
    ...(capabilities?.drop?.includes("ALL") ? [] : ["set capabilities.drop: [ALL]"]),
    ...(added.length > 0 ? [`capabilities.add has ${added.join(", ")}. Remove them`] : []),
    ...((runAsNonRoot ?? ofPod.runAsNonRoot) === true ? [] : ["set runAsNonRoot: true"]),
    ...((runAsUser ?? ofPod.runAsUser) === 0 ? ["runAsUser is 0. Use another one"] : []),
    ...(PROFILES.includes(profile?.type ?? "") ? [] : ["set seccompProfile.type: RuntimeDefault"]),
    ...((procMount ?? "Default") === "Default" ? [] : [`procMount is ${procMount}. Remove it`]),
    ...contextFaults(securityContext),
    ...(ports.some(({ hostPort }) => hostPort) ? ["hostPort is set. Use a Service"] : []),
  ];
}
