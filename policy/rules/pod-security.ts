import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import type { Rule } from "../rule.ts";
import { containersOf, workloadsIn } from "../workloads.ts";

/** Volumes that the standard allows. */
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

function podFaults({ hostNetwork, hostPID, hostIPC, volumes = [] }: V1PodSpec): string[] {
  const shared = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, isSet]) => isSet);
  const ofNode = volumes.flatMap(({ name, ...source }) => {
    const [kind = "emptyDir"] = Object.keys(source);
    return VOLUMES.includes(kind) ? [] : [`volume ${name} is a ${kind}. Use ${VOLUMES.join(", ")}`];
  });
  return [...shared.map(([field]) => `${field} is set. Remove it`), ...ofNode];
}

function containerFaults(
  { securityContext: ofPod = {} }: V1PodSpec,
  { securityContext = {}, ports = [] }: V1Container,
) {
  const { privileged, allowPrivilegeEscalation, capabilities, runAsNonRoot, runAsUser, seccompProfile } =
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
    ...(ports.some(({ hostPort }) => hostPort) ? ["hostPort is set. Use a Service"] : []),
  ];
}
