import type {
  KubernetesObject,
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1Deployment,
  V1NetworkPolicy,
  V1Role,
  V1Secret,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { only, render, shapeValues, type Values } from "./render.ts";

const SERVICES = "default";
const rendered = (values: Values = {}) => render("argo-cd", { ...shapeValues("argo-cd", "default"), ...values });
const ofKind = async <T extends KubernetesObject>(kind: string, values?: Values) =>
  (await rendered(values)).filter((object): object is T => object.kind === kind);

const WORKLOADS = {
  "argocd-application-controller": "StatefulSet",
  "argocd-repo-server": "Deployment",
  "argocd-redis": "Deployment",
  "argocd-notifications-controller": "Deployment",
};

async function podOf(name: keyof typeof WORKLOADS, values?: Values) {
  const { metadata, spec } = only<V1Deployment | V1StatefulSet>(await rendered(values), WORKLOADS[name], name);
  const pod = spec?.template.spec;
  if (pod?.containers[0] === undefined) throw new Error(`${name} without a container`);
  return { metadata, pod, container: pod.containers[0] };
}

describe.each(Object.keys(WORKLOADS) as (keyof typeof WORKLOADS)[])("the pods of %s", (name) => {
  it("meet the restricted pod security standard", async () => {
    const { pod, container } = await podOf(name);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod.securityContext?.runAsUser).toBeGreaterThan(10_000);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("request what they need, with a limit for memory but none for CPU", async () => {
    const { requests, limits } = (await podOf(name)).container.resources ?? {};
    expect(Object.keys(requests ?? {}).sort()).toEqual(["cpu", "ephemeral-storage", "memory"]);
    expect(Object.keys(limits ?? {}).sort()).toEqual(["ephemeral-storage", "memory"]);
  });

  it("have both probes, of which liveness is the more patient", async () => {
    const { readinessProbe, livenessProbe } = (await podOf(name)).container;
    const patience = (probe = readinessProbe) => (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0);
    expect(patience(livenessProbe)).toBeGreaterThan(patience(readinessProbe));
  });

  it("leave a lost node within a minute", async () => {
    const { tolerations, priorityClassName } = (await podOf(name)).pod;
    expect(priorityClassName).toBe("system-cluster-critical");
    expect(tolerations?.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([30, 30]);
  });

  it("have the API's token only if they ask the API", async () => {
    const asksApi = name.endsWith("-controller");
    expect((await podOf(name)).pod.automountServiceAccountToken).toBe(asksApi);
  });

  it("carry the hash of the chart's files on their workload", async () => {
    const { metadata } = await podOf(name, { chartHash: "abc" });
    expect(metadata?.annotations).toEqual({ "slipway.dev/chart-hash": "abc" });
  });
});

it("the controller stores why a service is degraded in its Application, where deploys and notifications read it", async () => {
  const { env = [] } = (await podOf("argocd-application-controller")).container;
  expect(env).toContainEqual({ name: "ARGOCD_APPLICATION_CONTROLLER_PERSIST_RESOURCE_HEALTH", value: "true" });
});

describe("the images of charts/argo-cd", () => {
  it("are the project's own and a public Redis, by tag or by digest", async () => {
    const image = async (name: keyof typeof WORKLOADS, values?: Values) => (await podOf(name, values)).container.image;
    expect(await image("argocd-repo-server")).toBe("quay.io/argoproj/argocd:v3.2.11");
    expect(await image("argocd-redis")).toBe("public.ecr.aws/docker/library/redis:8.2.2-alpine");
    const digest = `sha256:${"1".repeat(64)}`;
    const of = { repository: "registry.example.com/mirror", tag: "v1", digest };
    expect(await image("argocd-application-controller", { image: of })).toBe(`${of.repository}@${digest}`);
    expect(await image("argocd-redis", { redis: { image: of } })).toBe(`${of.repository}@${digest}`);
  });
});

describe("the rights of Argo CD", () => {
  const rulesIn = async (namespace: string, values?: Values) =>
    (await ofKind<V1Role>("Role", values))
      .filter(({ metadata }) => (metadata?.namespace ?? "") === namespace)
      .flatMap(({ rules = [] }) => rules);

  it("end at the services' namespace and its own", async () => {
    const kinds = (await rendered()).map(({ kind }) => kind);
    expect(kinds).not.toContain("ClusterRole");
    expect(kinds).not.toContain("ClusterRoleBinding");
  });

  it("do not include the services' Secrets, roles, or commands in their pods", async () => {
    const resources = (await rulesIn(SERVICES)).flatMap(({ resources = [] }) => resources);
    expect(resources).toContain("deployments");
    for (const name of ["secrets", "roles", "rolebindings", "pods/exec", "serviceaccounts/token", "*"])
      expect(resources).not.toContain(name);
  });

  it("let it only read what the services' objects make", async () => {
    const ofPods = (await rulesIn(SERVICES)).filter(({ resources }) => resources?.includes("pods"));
    expect(ofPods.map(({ verbs }) => verbs)).toEqual([["get", "list", "watch"]]);
  });

  it("are those for the kinds that it looks at, which is what it looks at in no other namespace", async () => {
    const extra = { group: "external-secrets.io", kind: "ExternalSecret", resource: "externalsecrets" };
    const rules = await rulesIn(SERVICES, { extraKinds: [extra] });
    const config = only<V1ConfigMap>(await rendered({ extraKinds: [extra] }), "ConfigMap", "argocd-cm");
    const included: { apiGroups: string[]; kinds: string[] }[] = parse(config.data?.["resource.inclusions"] ?? "");
    expect(included).toHaveLength(rules.length);
    expect(included).toContainEqual({ apiGroups: [extra.group], kinds: [extra.kind], clusters: ["*"] });
    expect(rules).toContainEqual({
      apiGroups: [extra.group],
      resources: [extra.resource],
      verbs: ["create", "get", "list", "watch", "update", "patch", "delete"],
    });
    const cluster = only<V1Secret>(await rendered(), "Secret", "argocd-cluster");
    expect(cluster.stringData).toMatchObject({ namespaces: SERVICES, clusterResources: "false" });
  });

  it("do not let it create or delete Applications", async () => {
    for (const { metadata } of await ofKind<V1Role>("Role")) {
      const own = await rulesIn(metadata?.namespace ?? "");
      const ofApplications = own.filter(({ resources }) => resources?.includes("applications"));
      for (const { verbs } of ofApplications) expect(verbs).not.toEqual(expect.arrayContaining(["create"]));
    }
  });
});

describe("the network of Argo CD", () => {
  const policyOf = async (component: string) => {
    const { spec } = only<V1NetworkPolicy>(await rendered(), "NetworkPolicy", `argocd-${component}`);
    const from = (spec?.ingress ?? []).flatMap((rule) => rule._from ?? (rule as { from?: object[] }).from ?? []);
    return { spec, from: JSON.stringify(from) };
  };

  it("lets nobody but its own servers reach the cache, which calls nobody", async () => {
    const { spec, from } = await policyOf("redis");
    expect(spec?.egress).toEqual([]);
    expect(from).toMatch(/application-controller.*repo-server/);
    expect(from).not.toMatch(/namespaceSelector|notifications/);
  });

  it("keeps what reads the repository from the nodes' own credentials", async () => {
    const { spec } = await policyOf("repo-server");
    expect(JSON.stringify(spec?.egress)).toContain('"except":["169.254.169.254/32"]');
  });

  it.each(["application-controller", "notifications-controller"])("lets nobody reach the %s", async (component) => {
    expect((await policyOf(component)).spec?.ingress).toEqual([]);
  });
});

it("charts/argo-cd looks at the repository as often as it is told to", async () => {
  const { container } = await podOf("argocd-application-controller", { reconciliationSeconds: 180 });
  expect(container.env).toContainEqual({ name: "ARGOCD_RECONCILIATION_TIMEOUT", value: "180s" });
});

it("charts/argo-cd keeps its kinds when it is deleted", async () => {
  const crds = await ofKind<V1CustomResourceDefinition>("CustomResourceDefinition");
  expect(crds.map(({ spec }) => spec.names.kind)).toEqual(["Application", "AppProject"]);
  for (const { metadata } of crds) expect(metadata?.annotations?.["helm.sh/resource-policy"]).toBe("keep");
});

it.each([
  [{ reconciliationSeconds: 0 }, /reconciliationSeconds/],
  [{ extraKinds: [{ group: "", kind: "secret", resource: "secrets" }] }, /extraKinds/],
  [{ notifications: { "service.slack": 1 } }, /notifications/],
  [{ servers: 1 }, /servers/],
])("charts/argo-cd refuses %j", async (values, message) => {
  await expect(rendered(values)).rejects.toThrow(message);
});
