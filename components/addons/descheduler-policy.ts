/**
 * Values of the descheduler's chart: pods that share a node or a zone while another stands empty are moved, one
 * eviction at a time and only as far as disruption budgets allow. Left out on purpose: moving pods because nodes are
 * unequally used, which with the HPA and a growing node group chases a state that has passed.
 * Source: https://github.com/kubernetes-sigs/descheduler#policy-default-evictor-and-strategy-plugins
 *
 * @param intervalMinutes between two looks. @default 5
 * @param namespace whose pods may be moved.
 */
export function deschedulerValues({
  intervalMinutes = 5,
  namespace,
}: {
  intervalMinutes?: number | undefined;
  namespace: string;
}): Record<string, unknown> {
  const namespaces = { include: [namespace] };
  return {
    kind: "Deployment",
    deschedulingInterval: `${intervalMinutes}m`,
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    deschedulerPolicy: {
      maxNoOfPodsToEvictPerNode: 2,
      profiles: [
        {
          name: "spread",
          pluginConfig: [
            {
              name: "DefaultEvictor",
              // Every service has a scratch volume for /tmp, which would else keep it where it is; volumes that last stay put.
              args: {
                nodeFit: true,
                minReplicas: 2,
                podProtections: { defaultDisabled: ["PodsWithLocalStorage"], extraEnabled: ["PodsWithPVC"] },
              },
            },
            { name: "RemoveDuplicates", args: { namespaces } },
            {
              name: "RemovePodsViolatingTopologySpreadConstraint",
              args: { namespaces, constraints: ["DoNotSchedule", "ScheduleAnyway"] },
            },
          ],
          plugins: {
            balance: { enabled: ["RemoveDuplicates", "RemovePodsViolatingTopologySpreadConstraint"] },
          },
        },
      ],
    },
  };
}
