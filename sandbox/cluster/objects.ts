import { execa } from "execa";
import { stringify } from "yaml";
import { contextName, paths } from "../paths.ts";
import { toolPath } from "../toolchain.ts";

/** Objects that the cluster's own parts need: CoreDNS may read Services and endpoints. */
const objects = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "slipway:dns" },
    rules: [
      { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "slipway:dns" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "slipway:dns" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "slipway:dns" }],
  },
];

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
