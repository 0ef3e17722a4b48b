import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { KubernetesObject, V1ConfigMap, V1Deployment, V1Service } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { applicationSpec, projectSpec } from "../../components/gitops/application-spec.ts";
import { repositorySecret } from "../../components/gitops/repository-credentials.ts";
import { GitServer } from "../../sandbox/git/git-server.ts";
import { ensureImage } from "../../sandbox/images/build.ts";
import { gitopsRecipes } from "../../sandbox/images/public-images.ts";
import { pauseRecipe } from "../../sandbox/images/recipes.ts";
import { network, paths } from "../../sandbox/paths.ts";
import { ensureTool, toolPath } from "../../sandbox/toolchain.ts";
import { kubectl, kubectlJson, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-argo-cd";
const ARGO_CD = `${NAMESPACE}-argocd`;
const APPLICATION = "e2e-api";
const off = { enabled: false };
const CREDENTIALS = { username: "reader", password: "p4ss word" };
const repositories = mkdtempSync(join(tmpdir(), "slipway-e2e-git-"));
const server = new GitServer({
  folder: repositories,
  address: network.api,
  users: { [CREDENTIALS.username]: CREDENTIALS.password },
});
const clone = mkdtempSync(join(tmpdir(), "slipway-clone-"));
let shop: Workspace;

interface Application {
  status?: {
    sync?: { status: string; revision: string };
    health?: { status: string };
    conditions?: { type: string; message: string }[];
    operationState?: { phase: string; message?: string };
  };
}

beforeAll(async () => {
  await ensureTool("argo-cd");
  for (const recipe of gitopsRecipes) await ensureImage(recipe);
  await server.start();
  await server.createRepository("manifests");
  await execa("git", ["clone", "--quiet", server.path("manifests"), clone]);
  shop = new Workspace(NAMESPACE, {
    addons: { argoCd: { enabled: true, reconciliationSeconds: 5 } },
    services: { web: off, orders: off, worker: off, api: off },
  });
  await shop.begin();
  await shop.up();
}, 900_000);

afterAll(async () => {
  await server.stop();
  rmSync(repositories, { recursive: true, force: true });
  rmSync(clone, { recursive: true, force: true });
  await shop.remove();
});

const labels = { app: "api" };
const deployment = (more: object = {}): V1Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api" },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 1,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "api",
            image: `127.0.0.1:5000/${pauseRecipe.repository}:${pauseRecipe.tag}`,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            resources: { requests: { cpu: "1m", memory: "8Mi" }, limits: { memory: "16Mi" } },
          },
        ],
      },
    },
    ...more,
  },
});
const service: V1Service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "api" },
  spec: { selector: labels, ports: [{ port: 80 }] },
};
const config = (data: Record<string, string>): V1ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "api" },
  data,
});

/** Replaces the manifests of the service. @returns the commit */
async function commit(files: Record<string, KubernetesObject>): Promise<string> {
  const folder = join(clone, "shop/api/manifests");
  rmSync(folder, { recursive: true, force: true });
  for (const [name, object] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    // Argo CD reads YAML 1.1, in which a plain `yes` is a boolean.
    writeFileSync(file, stringify(object, { version: "1.1" }));
  }
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: clone });
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message", "Deploy api");
  await git("push", "--quiet", "origin", "HEAD:main");
  return (await git("rev-parse", "HEAD")).stdout;
}

const application = () => kubectlJson<Application>("get", "applications.argoproj.io", APPLICATION, "-n", ARGO_CD);
const inServices = <T>(kind: string, name: string) => kubectlJson<T>("get", kind, name, "-n", NAMESPACE);
const patch = (kind: string, change: object) =>
  kubectl("patch", kind, "api", "-n", NAMESPACE, "--type=merge", "--patch", JSON.stringify(change));

async function apply(...objects: object[]): Promise<void> {
  await execa(toolPath("kubectl"), ["apply", "--filename=-"], {
    input: objects.map((object) => `---\n${stringify(object)}`).join(""),
    env: { KUBECONFIG: paths.kubeconfig },
  });
}

/** Asks for a look at the repository at once, as a deploy does, and waits until a commit is applied and healthy. */
async function synced(revision: string): Promise<Application> {
  await kubectl(
    "annotate",
    "applications.argoproj.io",
    APPLICATION,
    "-n",
    ARGO_CD,
    "--overwrite",
    "argocd.argoproj.io/refresh=normal",
  );
  let last: Application = {};
  const isThere = async () => {
    last = await application();
    const { sync, health, operationState } = last.status ?? {};
    return [sync?.status, sync?.revision, health?.status, operationState?.phase];
  };
  await expect
    .poll(isThere, { timeout: 60_000, interval: 250 })
    .toEqual(["Synced", revision, "Healthy", "Succeeded"])
    .catch((error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(last.status, undefined, 1)}`);
    });
  return last;
}

describe("Argo CD of a stack", () => {
  it("applies the first commit of the repository", async () => {
    const revision = await commit({
      "deployment.yaml": deployment(),
      "service.yaml": service,
      "config.yaml": config({ GREETING: "hello" }),
    });
    const source = { url: server.url("manifests"), branch: "main", path: "shop" };
    const destination = { server: "https://kubernetes.default.svc", namespace: NAMESPACE };
    const metadata = (name: string, more: object = {}) => ({ name, namespace: ARGO_CD, ...more });
    await apply(
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: metadata("repository", { labels: { "argocd.argoproj.io/secret-type": "repository" } }),
        stringData: repositorySecret(server.url("manifests"), "e2e", CREDENTIALS),
      },
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: metadata("e2e"),
        spec: projectSpec(source, destination),
      },
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: metadata(APPLICATION),
        spec: applicationSpec(
          { name: "api", isScaled: true },
          "e2e",
          { ...source, folder: "api/manifests" },
          destination,
        ),
      },
    );
    await synced(revision);
    expect((await inServices<V1Deployment>("deployment", "api")).status?.readyReplicas).toBe(1);
  });

  it("applies a commit within seconds of a refresh, and removes what the commit removes", async () => {
    const revision = await commit({ "deployment.yaml": deployment(), "service.yaml": service });
    const start = performance.now();
    await synced(revision);
    console.log(`commit to Synced and Healthy: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    const left = await kubectl("get", "configmaps", "-n", NAMESPACE, "-o", "name");
    expect(left).not.toContain("configmap/api");
  });

  it("heals a change made by hand, but not what controllers change", async () => {
    await patch("service", { spec: { selector: { "rollouts-pod-template-hash": "abc" } } });
    await patch("deployment", { spec: { replicas: 2 } });
    await patch("deployment", { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } });
    const grace = async () =>
      (await inServices<V1Deployment>("deployment", "api")).spec?.template.spec?.terminationGracePeriodSeconds;
    await expect.poll(grace, { timeout: 30_000, interval: 250 }).toBe(1);
    const { spec } = await inServices<V1Service>("service", "api");
    expect(spec?.selector).toEqual({ ...labels, "rollouts-pod-template-hash": "abc" });
    expect((await inServices<V1Deployment>("deployment", "api")).spec?.replicas).toBe(2);
  });

  it("keeps them in a commit that changes the same objects", async () => {
    const changed = { ...service, metadata: { name: "api", labels: { changed: "yes" } } };
    await synced(await commit({ "deployment.yaml": deployment({ minReadySeconds: 1 }), "service.yaml": changed }));
    const { spec, metadata } = await inServices<V1Service>("service", "api");
    expect(metadata?.labels).toMatchObject({ changed: "yes" });
    expect(spec?.selector).toMatchObject({ "rollouts-pod-template-hash": "abc" });
    expect((await inServices<V1Deployment>("deployment", "api")).spec).toMatchObject({
      replicas: 2,
      minReadySeconds: 1,
    });
  });

  it.each<[string, KubernetesObject & Record<string, unknown>]>([
    ["a Secret", { apiVersion: "v1", kind: "Secret", metadata: { name: "stolen" }, stringData: { a: "b" } }],
    [
      "a ClusterRole",
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "e2e-stolen" }, rules: [] },
    ],
    [
      "an object of another namespace",
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "stolen", namespace: "default" }, data: {} },
    ],
  ])("does not apply %s from the repository, and says so", async (_, object) => {
    const revision = await commit({ "deployment.yaml": deployment(), "service.yaml": service, "other.yaml": object });
    await kubectl(
      "annotate",
      "applications.argoproj.io",
      APPLICATION,
      "-n",
      ARGO_CD,
      "--overwrite",
      "argocd.argoproj.io/refresh=normal",
    );
    const said = async () => {
      const { sync, conditions = [], operationState } = (await application()).status ?? {};
      const isRead = sync?.revision === revision || conditions.length > 0;
      return isRead ? JSON.stringify([conditions, operationState?.phase, operationState?.message]) : "";
    };
    await expect
      .poll(said, { timeout: 30_000, interval: 250 })
      .toMatch(/not permitted|excluded|unmanaged namespace|not managed/i);
    await expect(
      kubectl("get", object.kind ?? "", object.metadata?.name ?? "", "-n", object.metadata?.namespace ?? NAMESPACE),
    ).rejects.toThrow(/not ?found/i);
  });

  it("has no right to read the services' Secrets, or anything of another namespace", async () => {
    const account = `system:serviceaccount:${ARGO_CD}:argocd-application-controller`;
    const may = (...args: string[]) => kubectl("auth", "can-i", ...args, `--as=${account}`).catch(() => "no");
    expect(await may("create", "deployments.apps", "-n", NAMESPACE)).toBe("yes");
    expect(await may("get", "secrets", "-n", NAMESPACE)).toBe("no");
    expect(await may("list", "pods", "-n", "default")).toBe("no");
    expect(await may("create", "rolebindings.rbac.authorization.k8s.io", "-n", NAMESPACE)).toBe("no");
  });

  it("goes on where it was when the repository was away", async () => {
    await server.stop();
    const revision = await commit({ "deployment.yaml": deployment({ minReadySeconds: 2 }), "service.yaml": service });
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect((await application()).status?.conditions?.map(({ type }) => type)).toContain("ComparisonError");
    expect((await inServices<V1Deployment>("deployment", "api")).status?.readyReplicas).toBeGreaterThan(0);
    await server.start();
    const start = performance.now();
    await synced(revision);
    console.log(`repository back to Synced and Healthy: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });

  it("leaves the service as it is when its Application is deleted", async () => {
    await kubectl("delete", "applications.argoproj.io", APPLICATION, "-n", ARGO_CD);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await inServices<V1Deployment>("deployment", "api")).metadata?.deletionTimestamp).toBeUndefined();
  });
});
