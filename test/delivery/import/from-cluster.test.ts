import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { serve } from "../../components/images/registry-server.ts";
import { projectRoot } from "../../project-root.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { runCommand } from "../shop.ts";

// Loaded here, so that loading it does not count as the time of the first test.
import "../../../delivery/commands/import.ts";

const DIGEST = `sha256:${"b".repeat(64)}`;

/** As the API server gives it: with all that it and others write. */
const live = {
  deployments: [
    {
      metadata: {
        name: "api",
        namespace: "market",
        uid: "1",
        resourceVersion: "7",
        generation: 3,
        creationTimestamp: "2026-01-31T12:00:00Z",
        labels: { app: "api" },
        annotations: {
          "deployment.kubernetes.io/revision": "3",
          "kubectl.kubernetes.io/last-applied-configuration": "{}",
        },
        managedFields: [{ manager: "kubectl", operation: "Update" }],
      },
      spec: {
        replicas: 2,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        selector: { matchLabels: { app: "api" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
        template: {
          metadata: { creationTimestamp: null, labels: { app: "api" } },
          spec: {
            restartPolicy: "Always",
            dnsPolicy: "ClusterFirst",
            schedulerName: "default-scheduler",
            terminationGracePeriodSeconds: 30,
            securityContext: {},
            containers: [
              {
                name: "api",
                image: "example.com/api:v1",
                imagePullPolicy: "IfNotPresent",
                terminationMessagePath: "/dev/termination-log",
                terminationMessagePolicy: "File",
                ports: [{ containerPort: 8080, protocol: "TCP" }],
                envFrom: [{ secretRef: { name: "api" } }],
                resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
              },
            ],
          },
        },
      },
      status: { readyReplicas: 2, observedGeneration: 3 },
    },
    {
      metadata: { name: "ours", annotations: { "slipway.dev/chart-hash": "0" } },
      spec: { selector: {}, template: { spec: { containers: [{ name: "ours", image: "a" }] } } },
    },
  ],
  services: [
    {
      metadata: { name: "api", namespace: "market" },
      spec: {
        type: "ClusterIP",
        clusterIP: "10.0.0.7",
        clusterIPs: ["10.0.0.7"],
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
        internalTrafficPolicy: "Cluster",
        sessionAffinity: "None",
        selector: { app: "api" },
        ports: [{ port: 80, targetPort: 8080, protocol: "TCP" }],
      },
      status: { loadBalancer: {} },
    },
  ],
  configmaps: [{ metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": "x" } }],
  serviceaccounts: [{ metadata: { name: "default" } }],
  pods: [
    {
      metadata: { name: "api-1" },
      spec: { containers: [{ name: "api", image: "example.com/api:v1" }] },
      status: { containerStatuses: [{ name: "api", imageID: `example.com/api@${DIGEST}` }] },
    },
  ],
};

const requests: string[] = [];
let server: Awaited<ReturnType<typeof serve>>;
let status = 200;

beforeAll(async () => {
  server = await serve((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const kind = (request.url ?? "").split(/[/?]/).at(-1) ?? "";
    const items = (live as Record<string, unknown[]>)[kind] ?? [];
    const body = status === 200 ? { items } : { kind: "Status", message: "forbidden" };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
});
afterAll(() => server.close());

function importLive(...args: string[]) {
  const kubeconfig = join(temporaryFolder(), "kubeconfig");
  const text = stringify({
    "current-context": "here",
    clusters: [{ name: "here", cluster: { server: `http://${server.address}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "here", user: {} }],
    contexts: [{ name: "here", context: { cluster: "here", user: "here" } }],
  });
  writeFileSync(kubeconfig, text);
  const all = ["import", "--from-cluster", "--namespace", "market", "--json", "--no-digests", ...args];
  return runCommand(all, projectRoot, { KUBECONFIG: kubeconfig });
}

it("reads what runs, by the digest that runs, and lists nothing that the server wrote", async () => {
  const { exitCode, stdout } = await importLive("--env", "prod");
  const { files, findings } = JSON.parse(stdout);
  expect(exitCode).toBe(0);
  expect(parse(files["services.yaml"])).toEqual({
    namespace: "market",
    services: {
      api: {
        image: `example.com/api:v1@${DIGEST}`,
        port: 8080,
        replicas: { min: 2, max: 2 },
        resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        probes: { preset: "tcp" },
        servicePort: 80,
        secretRefs: [{ secret: "api" }],
      },
    },
  });
  expect(findings.filter(({ kind }: { kind: string }) => kind === "leftOut")).toEqual([]);
});

it("changes nothing, and reads no Secrets", async () => {
  requests.length = 0;
  await importLive();
  expect(requests.length).toBeGreaterThan(10);
  expect(requests.filter((request) => !request.startsWith("GET ") || request.includes("/secrets"))).toEqual([]);
});

it("says what it may not read", async () => {
  status = 403;
  const { exitCode, stdout } = await importLive().finally(() => {
    status = 200;
  });
  expect([exitCode, JSON.parse(stdout).error]).toEqual([1, expect.stringContaining("You need the right to list")]);
});

it("says which contexts there are", async () => {
  const { exitCode, stdout } = await importLive("--context", "there");
  expect([exitCode, JSON.parse(stdout).error]).toEqual([1, expect.stringContaining("It has here")]);
});
