import * as kubernetes from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import { Applications, type ApplicationsArgs } from "../../../components/gitops/applications.ts";
import { Declarations, dependenciesOf } from "../aws/declared.ts";

const PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject";
const APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application";
const SECRET = "kubernetes:core/v1:Secret";
const url = "https://github.com/example/manifests.git";

async function declare(args: Partial<ApplicationsArgs> = {}): Promise<Declarations> {
  const declarations = await Declarations.begin();
  const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" }, declarations.opts);
  new Applications(
    "applications",
    {
      cluster: { options: { provider } } as ClusterConnection,
      services: [
        { name: "api", isScaled: true },
        { name: "web", isScaled: false },
      ],
      namespace: "shop",
      argoCdNamespace: "shop-argocd",
      project: "prod",
      source: { url, branch: "env/prod", path: "prod" },
      manifests: "manifests",
      ...args,
    },
    declarations.opts,
  );
  await declarations.settle();
  return declarations;
}

/** What of an Application the tests read. */
interface Spec {
  project: string;
  destination: object;
  source: { path: string };
  syncPolicy: { automated: object; syncOptions: string[] };
  ignoreDifferences: { kind: string }[];
}

async function applicationOf(service: string, args?: Partial<ApplicationsArgs>) {
  const { inputs } = (await declare(args)).one(APPLICATION, `prod-${service}`);
  return inputs as { metadata: { finalizers?: string[]; namespace: string }; spec: Spec };
}

describe("the AppProject of a stack", () => {
  it("allows its repository and its namespace, and nothing of the whole cluster", async () => {
    const { inputs } = (await declare()).one(PROJECT, "prod");
    expect(inputs).toMatchObject({
      metadata: { name: "prod", namespace: "shop-argocd" },
      spec: {
        sourceRepos: [url],
        destinations: [{ server: "https://kubernetes.default.svc", namespace: "shop" }],
        clusterResourceWhitelist: [],
      },
    });
  });

  it("allows no secrets and no rights from the repository", async () => {
    const { inputs } = (await declare()).one(PROJECT, "prod");
    const { namespaceResourceBlacklist: refused } = inputs.spec as { namespaceResourceBlacklist: object[] };
    expect(refused).toContainEqual({ group: "", kind: "Secret" });
    expect(refused).toContainEqual({ group: "rbac.authorization.k8s.io", kind: "*" });
  });
});

describe("the Application of a service", () => {
  it("has no empty field: Argo CD takes them out, and an update after a refresh would conflict with that", async () => {
    const { spec } = await applicationOf("api");
    expect(JSON.stringify(spec)).not.toMatch(/":(""|null|false|\[\]|\{\})/);
  });

  it("applies the service's folder to the services' namespace, by itself", async () => {
    const { spec } = await applicationOf("api");
    expect(spec).toMatchObject({
      project: "prod",
      source: { repoURL: url, targetRevision: "env/prod", path: "prod/api/manifests" },
      destination: { server: "https://kubernetes.default.svc", namespace: "shop" },
      syncPolicy: { automated: { enabled: true, prune: true, selfHeal: true } },
    });
    expect(spec.syncPolicy.syncOptions).toEqual(
      expect.arrayContaining(["CreateNamespace=false", "RespectIgnoreDifferences=true"]),
    );
  });

  it("does not make a sync last until the service is healthy: no other commit would be applied meanwhile", async () => {
    expect((await applicationOf("api")).spec.syncPolicy.syncOptions).not.toContain("PruneLast=true");
  });

  it("does not leave out the Job of a migration that has failed, which is in sync, in the next attempt", async () => {
    expect((await applicationOf("api")).spec.syncPolicy.syncOptions).not.toContain("ApplyOutOfSyncOnly=true");
  });

  it.each([".", ""])("is at the root of the repository for the path %j", async (path) => {
    const { spec } = await applicationOf("api", { source: { url, branch: "main", path } });
    expect(spec.source.path).toBe("api/manifests");
  });

  it("leaves the service as it is when it is deleted", async () => {
    expect((await applicationOf("api")).metadata.finalizers).toBeUndefined();
  });

  it("leaves alone what a canary changes", async () => {
    expect((await applicationOf("web")).spec.ignoreDifferences).toEqual([
      { group: "traefik.io", kind: "TraefikService", jqPathExpressions: [".spec.weighted.services[].weight"] },
      { kind: "Service", jsonPointers: ["/spec/selector/rollouts-pod-template-hash"] },
      { group: "batch", kind: "Job", jsonPointers: ["/spec"] },
    ]);
  });

  it("leaves the number of pods to an autoscaler, but only where there is one", async () => {
    const kinds = async (service: string) =>
      (await applicationOf(service)).spec.ignoreDifferences.map(({ kind }) => kind);
    expect(await kinds("api")).toEqual(expect.arrayContaining(["Deployment", "StatefulSet", "Rollout"]));
    expect(await kinds("web")).not.toContain("Deployment");
  });

  it("may be in another cluster than Argo CD", async () => {
    const { spec } = await applicationOf("api", { server: "https://shop.example.com" });
    expect(spec.destination).toEqual({ server: "https://shop.example.com", namespace: "shop" });
  });

  it("is made after its project and the repository's credentials", async () => {
    const declarations = await declare({ credentials: { username: "reader", password: "p" } });
    expect(await dependenciesOf(declarations.one(APPLICATION, "prod-api"))).toEqual([
      `${PROJECT} prod`,
      `${SECRET} prod-repository`,
    ]);
  });
});

describe("the repository's credentials", () => {
  const secretOf = async (credentials: ApplicationsArgs["credentials"]) =>
    (await declare({ credentials })).one(SECRET, "prod-repository");

  /** What an input holds that the state encrypts; undefined for any other. */
  const secretIn = (input: unknown) => (input as { value?: object }).value;

  it("are none if none are given", async () => {
    expect((await declare()).named(SECRET)).toEqual([]);
  });

  it("are for the stack's project only", async () => {
    const { inputs } = await secretOf({ username: "reader", password: "p4ss" });
    expect(inputs.metadata).toMatchObject({
      namespace: "shop-argocd",
      labels: { "argocd.argoproj.io/secret-type": "repository" },
    });
    expect(secretIn(inputs.stringData)).toEqual({
      type: "git",
      url,
      project: "prod",
      username: "reader",
      password: "p4ss",
    });
  });

  it("are a GitHub App's", async () => {
    const { inputs } = await secretOf({ githubApp: { id: "1", installationId: "2", privateKey: "PEM" } });
    expect(secretIn(inputs.stringData)).toEqual({
      type: "git",
      url,
      project: "prod",
      githubAppID: "1",
      githubAppInstallationID: "2",
      githubAppPrivateKey: "PEM",
    });
  });
});
