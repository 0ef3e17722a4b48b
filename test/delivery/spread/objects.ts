import type { V1Node, V1Pod } from "@kubernetes/client-node";

/** A node that takes pods. @param over what differs */
export function node(name: string, over: { zone?: string; spec?: object; ready?: boolean; cpu?: string } = {}): V1Node {
  const { zone, spec = {}, ready = true, cpu = "1" } = over;
  return {
    metadata: { name, labels: zone ? { "topology.kubernetes.io/zone": zone } : {} },
    spec,
    status: {
      allocatable: { cpu, memory: "1Gi", pods: "10" },
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  };
}

let made = 0;

/** A pod of api on a node that is ready. */
export function pod(nodeName: string, over: { spec?: object; metadata?: object; status?: object } = {}): V1Pod {
  made += 1;
  return {
    metadata: {
      name: `api-${made}`,
      uid: `${made}`,
      labels: { "app.kubernetes.io/instance": "api" },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "api-1", uid: "r1" }],
      ...over.metadata,
    },
    spec: {
      nodeName,
      containers: [{ name: "api", resources: { requests: { cpu: "250m", memory: "64Mi" } } }],
      ...over.spec,
    },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], ...over.status },
  };
}
