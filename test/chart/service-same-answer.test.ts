import { ExecaError } from "execa";
import { describe, expect, it } from "vitest";
import { faultsOfServices } from "../config/service-base.ts";
import { LEAST, render } from "./render.ts";

const amounts = (requests: object, limits: object) => ({
  resources: {
    requests: { cpu: "100m", memory: "64Mi", ...requests },
    limits: { memory: "128Mi", ...limits },
  },
});
const volume = { size: "1Gi", mountPath: "/data" };
const metrics = (labels: object) => ({ port: 9464, from: "monitoring", serviceMonitor: { labels } });
const daily = { cron: { schedule: "@daily" } };
const tolerate = (toleration: object) => ({ tolerations: [toleration] });

const least = { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } };
const sidecar = (fields: object) => ({ sidecars: { proxy: { port: 9090, resources: least, ...fields } } });
const init = (fields: object) => ({ initContainers: { migrate: { resources: least, ...fields } } });

const canary = (rollout: object, fields: object = {}) => ({
  hosts: ["a.example.com"],
  ...fields,
  rollout: { strategy: "canary", ...rollout },
});

/** Fields of a service with a port, and whether they agree with each other. */
const TABLE: [object, "accepted" | "refused"][] = [
  [{}, "accepted"],
  [{ port: undefined }, "accepted"],
  [{ port: undefined, hosts: ["a.example.com"] }, "refused"],
  [{ replicas: { min: 2, max: 2 } }, "accepted"],
  [{ replicas: { min: 3, max: 2 } }, "refused"],
  [{ volume }, "refused"],
  [{ kind: "stateful", volume }, "accepted"],
  [{ kind: "stateful", volume: { ...volume, mountPath: "/tmp" } }, "refused"],
  [{ kind: "stateful", volume: { ...volume, mountPath: "/tmp/data" } }, "refused"],
  [{ rollout: { maxSurge: 0 } }, "refused"],
  [{ rollout: { maxSurge: "0%" } }, "refused"],
  [{ rollout: { maxSurge: 0, maxUnavailable: 1 } }, "accepted"],
  [{ kind: "stateful", rollout: { maxSurge: 0 } }, "refused"],
  [{ kind: "stateful", rollout: { canaryPods: 1 } }, "accepted"],
  [{ kind: "stateful", rollout: { canaryPods: 2 } }, "refused"],
  [{ kind: "stateful", replicas: { min: 0, max: 0 }, rollout: { canaryPods: 2 } }, "accepted"],
  [{ rollout: { canaryPods: 1 } }, "refused"],
  [{ rollout: { canaryPods: 0 } }, "accepted"],
  [canary({}), "accepted"],
  [canary({}, { hosts: undefined, port: undefined }), "accepted"],
  [canary({}, { kind: "stateful" }), "refused"],
  [canary({ steps: [{ weight: 5 }, { pause: "manual" }, { weight: 100 }] }), "accepted"],
  [canary({ steps: [{ pause: 5 }, { weight: 5 }] }), "refused"],
  [canary({ steps: [{ weight: 5 }, { pause: 5 }, { weight: 5 }] }), "refused"],
  [canary({ maxSurge: 2 }), "refused"],
  [canary({ maxSurge: 2 }, { hosts: undefined }), "accepted"],
  [canary({ header: { name: "A", value: "b" } }), "accepted"],
  [canary({ header: { name: "A", value: "b" } }, { hosts: undefined }), "refused"],
  [{ rollout: { header: { name: "A", value: "b" } } }, "refused"],
  [{ rollout: { analysis: { command: ["/a"] } } }, "refused"],
  [canary({ analysis: { command: ["/a"] } }, { hosts: undefined }), "accepted"],
  [canary({ analysis: { successRate: 99 } }), "refused"],
  [canary({}, { ingress: { annotations: { "cert-manager.io/issuer": "a" } } }), "accepted"],
  [canary({}, { ingress: { annotations: { "traefik.ingress.kubernetes.io/router.priority": "1" } } }), "refused"],
  [canary({}, { serviceAnnotations: { "traefik.ingress.kubernetes.io/service.nativelb": "true" } }), "refused"],
  [canary({}, { ports: { a: { port: 9000 } }, ingress: { paths: [{ path: "/", port: "a" }] } }), "refused"],
  [{ probes: { startupSeconds: 289 } }, "accepted"],
  [{ probes: { startupSeconds: 290 } }, "refused"],
  [{ probes: { preset: "none" } }, "refused"],
  [{ port: undefined, probes: { preset: "tcp" } }, "refused"],
  [{ probes: { preset: "exec" } }, "refused"],
  [{ probes: { preset: "exec", command: ["/check"], livenessCommand: ["/check"] } }, "accepted"],
  [{ probes: { preset: "exec", command: ["/check"], path: "/a" } }, "refused"],
  [{ probes: { command: ["/check"] } }, "refused"],
  [{ probes: { livenessCommand: ["/check"] } }, "refused"],
  [{ probes: { preset: "tcp", path: "/a" } }, "refused"],
  [{ probes: { preset: "grpc", livenessPath: "/a" } }, "refused"],
  [{ probes: { preset: "spring-actuator", path: "/a", livenessPath: "/b" } }, "accepted"],
  [{ port: undefined, probes: { path: "/a" } }, "refused"],
  [amounts({ cpu: "1" }, { cpu: "500m" }), "refused"],
  [amounts({ cpu: "0.5" }, { cpu: "500m" }), "accepted"],
  [amounts({ memory: "129Mi" }, {}), "refused"],
  [amounts({ memory: "1e9" }, { memory: "1G" }), "accepted"],
  [amounts({ memory: "1Gi" }, { memory: "1G" }), "refused"],
  [amounts({ "ephemeral-storage": "2Gi" }, {}), "refused"],
  [amounts({}, { "ephemeral-storage": "32Mi" }), "refused"],
  [{ tmp: { sizeLimit: "1Gi" } }, "accepted"],
  [{ tmp: { sizeLimit: "1025Mi" } }, "refused"],
  [tolerate({ operator: "Exists" }), "accepted"],
  [tolerate({ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 0 }), "accepted"],
  [tolerate({ operator: "Equal", value: "b" }), "refused"],
  [tolerate({ key: "a", operator: "Exists", value: "b" }), "refused"],
  [tolerate({ key: "a", tolerationSeconds: 0 }), "refused"],
  [tolerate({ key: "node.kubernetes.io/not-ready", operator: "Exists" }), "refused"],
  [{ network: { allowFrom: ["web"] } }, "accepted"],
  [{ port: undefined, network: { allowFrom: ["web"] } }, "refused"],
  [{ network: { egress: { services: ["web"] } } }, "refused"],
  [{ network: { egress: { internet: false, services: ["web"] } } }, "accepted"],
  [{ network: { egress: { services: [] } } }, "refused"],
  [{ network: { egress: { internet: false, services: [] } } }, "accepted"],
  [{ podAnnotations: { "slipway.dev/restarted-at": "x" } }, "refused"],
  [{ disruption: { maxUnavailable: "50%" } }, "accepted"],
  [{ disruption: { maxUnavailable: "51%" } }, "refused"],
  [{ replicas: { min: 5, max: 9 }, disruption: { maxUnavailable: 4 } }, "accepted"],
  [{ replicas: { min: 5, max: 9 }, disruption: { maxUnavailable: 5 } }, "refused"],
  [{ replicas: { min: 1, max: 9 }, disruption: { maxUnavailable: 1 } }, "accepted"],
  [{ replicas: { min: 1, max: 9 }, disruption: { maxUnavailable: 2 } }, "refused"],
  [{ replicas: { min: 1, max: 1 }, disruption: { maxUnavailable: 2 } }, "accepted"],
  [{ replicas: { min: 0, max: 0 }, disruption: { maxUnavailable: 2 } }, "accepted"],
  [{ metrics: metrics({}) }, "accepted"],
  [{ metrics: metrics({ release: "prometheus" }) }, "accepted"],
  [{ metrics: metrics({ "app.kubernetes.io/name": "x" }) }, "refused"],
  [{ metrics: metrics({ "helm.sh/chart": "x" }) }, "refused"],
  [sidecar(amounts({ memory: "129Mi" }, {})), "refused"],
  [init(amounts({ cpu: "2" }, { cpu: "1" })), "refused"],
  [init(amounts({ cpu: "1" }, { cpu: "1" })), "accepted"],
  [init(amounts({ "ephemeral-storage": "2Gi" }, {})), "refused"],
  [sidecar(amounts({}, { "ephemeral-storage": "32Mi" })), "refused"],
  [{ ...sidecar({}), ports: { admin: { port: 9090 } } }, "refused"],
  [{ ...sidecar({}), ports: { stats: { port: 9090, protocol: "UDP" } } }, "accepted"],
  [{ ...sidecar({}), probes: { port: 9090 } }, "refused"],
  [{ ...sidecar({}), metrics: { port: 9090, from: "monitoring" } }, "accepted"],
  [{ ...sidecar({}), metrics: { port: 9090, from: "monitoring" }, probes: { port: "metrics" } }, "refused"],
  [{ hosts: ["a.example.com"], ingress: { annotations: { "kubernetes.io/ingress.class": "x" } } }, "refused"],
  [sidecar({ probe: { startupSeconds: 229 } }), "accepted"],
  [sidecar({ probe: { startupSeconds: 230 } }), "refused"],
  [{ podAnnotations: { "example.com/a": "x" } }, "accepted"],
  [{ kind: "web" }, "accepted"],
  [{ kind: "web", port: undefined }, "refused"],
  [{ kind: "worker" }, "refused"],
  [{ kind: "worker", port: undefined }, "accepted"],
  [{ kind: "cron", ...daily }, "refused"],
  [{ kind: "cron", port: undefined }, "refused"],
  [{ kind: "cron", port: undefined, ...daily }, "accepted"],
  [{ kind: "cron", port: undefined, ...daily, metrics: metrics({}) }, "refused"],
  [{ kind: "cron", port: undefined, ...daily, replicas: { min: 1 } }, "refused"],
  [{ kind: "cron", port: undefined, ...daily, volume }, "refused"],
  [{ kind: "cron", port: undefined, ...daily, rebalance: "never" }, "refused"],
  [{ rebalance: "never" }, "accepted"],
  [{ rebalance: "afterDeploy" }, "refused"],
  [{ kind: "cron", port: undefined, ...daily, ...sidecar({ probe: { startupSeconds: 900 } }) }, "accepted"],
  [{ kind: "job", port: undefined }, "accepted"],
  [{ kind: "job", port: undefined, ...daily }, "refused"],
  [{ kind: "job", port: undefined, rollout: { strategy: "recreate" } }, "refused"],
  [{ kind: "job", port: undefined, probes: { preset: "exec", command: ["/check"] } }, "refused"],
  [{ kind: "stateful", ...daily }, "refused"],
  [{ job: { activeDeadlineSeconds: 60 } }, "refused"],
];

/** Containers as the chart takes them. */
function listed({ sidecars = {}, initContainers = {} }: { sidecars?: object; initContainers?: object }) {
  const list = (containers: object) => Object.entries(containers).map(([name, fields]) => ({ name, ...fields }));
  return { sidecars: list(sidecars), initContainers: list(initContainers) };
}

async function chartAnswer(fields: object): Promise<string> {
  try {
    await render("service", { ...LEAST, ...fields, ...listed(fields) });
    return "accepted";
  } catch (error) {
    if (error instanceof ExecaError) return "refused";
    throw error;
  }
}

describe("config/ and charts/service give the same answer:", () => {
  it.each(TABLE)("%j is %s by both", async (fields, answer) => {
    expect(faultsOfServices({ web: fields }).length === 0 ? "accepted" : "refused").toBe(answer);
    expect(await chartAnswer(fields)).toBe(answer);
  });
});
