import { existsSync } from "node:fs";
import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Addons } from "../../../components/addons/index.ts";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import type { ServicesNamespace } from "../../../components/cluster/namespace.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf, eksClusterOf } from "../../config/settings.ts";
import { Declarations, dependenciesOf, resolved } from "../aws/declared.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const root = join(import.meta.dirname, "../../..");

type AddonsConfig = Parameters<typeof addonsOf>[0];
const existing = (addons?: AddonsConfig) => ({
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  addons: addonsOf(addons, "existing"),
  services: [],
});
const eks = (addons?: AddonsConfig) => ({
  namespace: "shop",
  aws: { region: "eu-west-1" },
  cluster: eksClusterOf({ autoscaler: "cluster-autoscaler" }),
  addons: addonsOf(addons),
  services: [],
});

/** Declares the add-ons of an environment. */
async function declare(
  environment: object,
  connect: (opts: pulumi.ComponentResourceOptions) => Partial<ClusterConnection> = () => ({}),
  namespaceOptions: (opts: pulumi.ComponentResourceOptions) => ServicesNamespace["options"] = () => ({}),
): Promise<Declarations> {
  const declarations = await Declarations.begin();
  const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" }, declarations.opts);
  const cluster = { options: { provider }, outputs: {}, ...connect(declarations.opts) } as ClusterConnection;
  const servicesNamespace = { name: pulumi.output("shop"), options: namespaceOptions(declarations.opts) };
  new Addons("addons", { cluster, environment: environment as Environment, servicesNamespace }, declarations.opts);
  await declarations.settle();
  return declarations;
}

it("Argo CD gets the secret of its notifications before its release, encrypted in the state", async () => {
  const SLACK = "https://hooks.slack.com/services/T0/B0/x";
  pulumi.runtime.setAllConfig({ "slipway:gitops.slackWebhookUrl": SLACK }, ["slipway:gitops.slackWebhookUrl"]);
  const gitops = { repository: "https://github.com/example/manifests.git", slack: { by: "webhook" } };
  const declarations = await declare({ ...existing({ argoCd: { enabled: true } }), name: "prod", gitops });
  const { inputs } = declarations.one("kubernetes:core/v1:Secret", "argocd-notifications-secret");
  expect(inputs.metadata).toEqual({ name: "argocd-notifications-secret", namespace: "shop-argocd" });
  expect((inputs.stringData as { value?: object }).value).toEqual({ "slack-webhook-url": SLACK });
  const release = declarations.one(RELEASE, "argo-cd");
  expect(await dependenciesOf(release)).toEqual(["kubernetes:core/v1:Secret argocd-notifications-secret"]);
  expect(JSON.stringify(release.inputs)).not.toContain(SLACK);
});

describe("the add-ons", () => {
  it("of an existing cluster only serve the services", async () => {
    expect((await declare(existing())).named(RELEASE)).toEqual(["metrics-server", "traefik"]);
  });

  it("of a cluster on EKS also move pods and, on request, add nodes", async () => {
    expect((await declare(eks())).named(RELEASE)).toEqual([
      "cluster-autoscaler",
      "descheduler",
      "metrics-server",
      "traefik",
    ]);
  });

  it.each(["traefik", "metricsServer", "descheduler"])("leave %s out on request", async (addon) => {
    const names = (await declare(eks({ [addon]: { enabled: false } }))).named(RELEASE);
    expect(names).toHaveLength(3);
  });

  it("come from charts of this project, whole or not at all", async () => {
    const declarations = await declare(eks());
    for (const name of declarations.named(RELEASE)) {
      const { inputs } = declarations.one(RELEASE, name);
      expect(inputs).toMatchObject({ name, chart: `./charts/${name}`, atomic: true, timeout: 180 });
      expect(inputs).not.toHaveProperty("repositoryOpts");
      expect(existsSync(join(root, inputs.chart as string, "Chart.yaml"))).toBe(true);
    }
  });

  it("run in kube-system, and the ingress controller in a namespace of its own", async () => {
    const declarations = await declare(eks());
    const namespaces = declarations.named(RELEASE).map((name) => declarations.one(RELEASE, name).inputs.namespace);
    expect(namespaces).toEqual(["kube-system", "kube-system", "kube-system", "ingress"]);
    expect(declarations.named("kubernetes:core/v1:Namespace")).toEqual(["ingress"]);
  });

  it("get the environment's settings as values, without the switch itself", async () => {
    const addons = {
      traefik: { enabled: true, accessLog: true },
      metricsServer: { enabled: true, args: ["--kubelet-insecure-tls"] },
      descheduler: { enabled: true, intervalMinutes: 7 },
    };
    const declarations = await declare(existing(addons));
    const values = (name: string) => {
      const { chartHash: _, ...rest } = declarations.one(RELEASE, name).inputs.values as Record<string, unknown>;
      return rest;
    };
    expect(values("traefik")).toEqual({ accessLog: true });
    expect(values("metrics-server")).toEqual({ args: ["--kubelet-insecure-tls"] });
    expect(values("descheduler")).toEqual({ intervalMinutes: 7, namespaces: ["shop"] });
  });

  it("can run the descheduler after a deploy: its role there needs the services' namespace", async () => {
    const environment = { ...existing({ descheduler: { enabled: true } }), rebalance: "afterDeploy" };
    const declarations = await declare(environment, undefined, (opts) => ({
      deletedWith: new pulumi.ComponentResource("test:Namespace", "shop", {}, opts),
    }));
    const release = declarations.one(RELEASE, "descheduler");
    expect(release.inputs.values).toMatchObject({ afterDeploy: true });
    expect(await dependenciesOf(release)).toEqual(["test:Namespace shop"]);
  });

  it("wait for what the cluster says they need, and end with the cluster", async () => {
    const declarations = await declare(eks(), (opts) => {
      const role = new pulumi.ComponentResource("test:Role", "role", {}, opts);
      const cluster = new pulumi.ComponentResource("test:Cluster", "eks", {}, opts);
      return { cluster, addonOptions: { "cluster-autoscaler": { dependsOn: [role], aliases: [{ name: "old" }] } } };
    });
    const autoscaler = declarations.one(RELEASE, "cluster-autoscaler");
    expect(await dependenciesOf(autoscaler)).toEqual(["test:Role role"]);
    expect(autoscaler.opts.aliases).toEqual([{ name: "old" }]);
    for (const name of declarations.named(RELEASE)) {
      const { deletedWith } = declarations.one(RELEASE, name).opts;
      expect(await resolved((deletedWith as pulumi.Resource).urn)).toMatch(/::test:Cluster::eks$/);
    }
    expect(await dependenciesOf(declarations.one(RELEASE, "descheduler"))).toEqual([]);
  });
});
