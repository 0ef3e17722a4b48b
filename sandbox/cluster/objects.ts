import { execa } from "execa";
import { stringify } from "yaml";
import { contextName, paths } from "../paths.ts";
import { toolPath } from "../toolchain.ts";
import { storageClass } from "./volumes.ts";

interface Rule {
  apiGroups: string[];
  resources: string[];
}

/** What the cluster's own parts may read, by the user of their certificate. */
const readers: Record<string, Rule[]> = {
  "slipway:dns": [
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"] },
  ],
  "slipway:network-policies": [
    { apiGroups: [""], resources: ["pods", "namespaces"] },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"] },
  ],
};

const readerObjects = Object.entries(readers).flatMap(([name, rules]) => [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules: rules.map((rule) => ({ ...rule, verbs: ["list", "watch"] })),
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }],
  },
]);

const objects = [...readerObjects, storageClass];

/** Creates the objects that the cluster's own parts need. */
export async function applyClusterObjects(): Promise<void> {
  const args = [
    `--kubeconfig=${paths.kubeconfig}`,
    `--context=${contextName}`,
    "apply",
    "--server-side",
    "--field-manager=slipway",
    "-f",
    "-",
  ];
  await execa(toolPath("kubectl"), args, { input: objects.map((object) => stringify(object)).join("---\n") });
}
