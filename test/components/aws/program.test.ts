import type * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { kubeconfigOf } from "../../../components/aws/cluster/kubeconfig.ts";
import { dependenciesOf } from "./declared.ts";
import { ACCOUNT, CLUSTER_AUTHORITY, CLUSTER_ENDPOINT, REGION } from "./lookup/fake-account.ts";
import { type Declared, identityOf, type Run, runProgram, SECRET } from "./program-run.ts";

/** Key that marks a secret value in the engine's protocol. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";
const CLUSTER = "aws:eks/cluster:Cluster";
const INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const RELEASE = "kubernetes:helm.sh/v3:Release";

let prod: Run;
let dev: Run;
beforeAll(async () => {
  prod = await runProgram({ stack: "prod" });
  // dev builds images: two of them are missing in the registry.
  dev = await runProgram({ stack: "dev", pushed: ["web", "api"] });
}, 60_000);

const identity = ({ type, name }: Declared) => `${type} ${name}`;
const ofPackage = (run: Run, prefix: string) => run.declared.filter(({ type }) => type.startsWith(`${prefix}:`));

function one(run: Run, type: string, name?: string): Declared {
  const found = run.declared.filter((found) => found.type === type && (name === undefined || found.name === name));
  expect(found, `${type} ${name ?? ""}`).toHaveLength(1);
  return found[0] as Declared;
}

/** A line for each resource, indented below its parent. */
async function treeOf({ declared }: Run): Promise<string> {
  const parents = new Map<Declared, string>();
  for (const resource of declared) {
    const { parent } = resource.opts;
    parents.set(resource, parent === undefined ? "" : await identityOf(parent));
  }
  const below = (parent: string, indent: string): string[] =>
    declared
      .filter((resource) => parents.get(resource) === parent)
      .map(identity)
      .sort()
      .flatMap((child) => [`${indent}${child}`, ...below(child, `${indent}  `)]);
  const lines = below("", "");
  expect(lines).toHaveLength(declared.length);
  return lines.join("\n");
}

describe.each([["prod"], ["dev"]] as const)("the stack %s", (stack) => {
  const run = () => (stack === "prod" ? prod : dev);

  it("runs without an error", () => {
    expect(run().error).toBeUndefined();
  });

  it("declares exactly these resources, each below its component", async () => {
    await expect(await treeOf(run())).toMatchFileSnapshot(`./resources-of-${stack}.txt`);
  });

  it("uses one AWS provider, which tags everything and is limited to one account", () => {
    const provider = one(run(), "pulumi:providers:aws");
    expect(provider.inputs).toMatchObject({
      region: REGION,
      allowedAccountIds: JSON.stringify([ACCOUNT]),
      defaultTags: JSON.stringify({ tags: { project: "slipway", environment: stack, "managed-by": "pulumi" } }),
    });
    const providerReference = `urn:pulumi:${stack}::slipway::pulumi:pulumi:Stack$pulumi:providers:aws::aws::aws-id`;
    const resources = ofPackage(run(), "aws");
    expect(resources.length).toBeGreaterThan(50);
    expect(resources.filter((resource) => resource.provider !== providerReference).map(identity)).toEqual([]);
    expect(run().calls.length).toBeGreaterThan(5);
    expect(run().calls.filter((call) => call.provider !== providerReference)).toEqual([]);
  });

  it("tags the resources that EC2 launches", () => {
    const { inputs } = one(run(), "aws:ec2/launchTemplate:LaunchTemplate");
    const specifications = inputs.tagSpecifications as { resourceType: string; tags: object }[];
    const tags = { project: "slipway", environment: stack, "managed-by": "pulumi", Name: `shop-${stack}` };
    expect(specifications).toEqual(
      ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
    );
  });

  it("connects to its cluster once pods can run", async () => {
    const name = `shop-${stack}`;
    const provider = one(run(), "pulumi:providers:kubernetes");
    expect(provider.inputs).toEqual({
      kubeconfig: kubeconfigOf({
        name,
        endpoint: CLUSTER_ENDPOINT,
        certificateAuthority: CLUSTER_AUTHORITY,
        region: REGION,
      }),
      clusterIdentifier: CLUSTER_ENDPOINT,
      deleteUnreachable: "false",
    });
    expect(await dependenciesOf(provider)).toEqual([
      `slipway:aws:NodeGroup ${name}`,
      `slipway:aws:WorkloadAddons ${name}`,
    ]);
    const resources = ofPackage(run(), "kubernetes");
    expect(resources.length).toBeGreaterThan(10);
    expect(resources.filter((resource) => !resource.provider.includes("::cluster::")).map(identity)).toEqual([]);
  });

  it("deletes the services' namespace itself, and everything else in the cluster with the cluster", async () => {
    const deletedWithByResource: Record<string, string> = {};
    for (const resource of ofPackage(run(), "kubernetes")) {
      const { deletedWith } = resource.opts as { deletedWith?: pulumi.Resource };
      deletedWithByResource[identity(resource)] = deletedWith === undefined ? "itself" : await identityOf(deletedWith);
    }
    const cluster = `${CLUSTER} shop-${stack}`;
    const services = `${NAMESPACE} shop`;
    expect(deletedWithByResource).toEqual({
      "kubernetes:storage.k8s.io/v1:StorageClass gp3": cluster,
      [`${NAMESPACE} ingress`]: cluster,
      [`${RELEASE} traefik`]: cluster,
      [`${RELEASE} metrics-server`]: cluster,
      [`${RELEASE} descheduler`]: cluster,
      [services]: "itself",
      "kubernetes:core/v1:ConfigMap api": services,
      "kubernetes:core/v1:Secret api": services,
      [`${RELEASE} web`]: services,
      [`${RELEASE} api`]: services,
      [`${RELEASE} orders`]: services,
      [`${RELEASE} worker`]: services,
    });
  });

  it("names the whole Internet only in rules for clients and routes of subnets", () => {
    const open = run().declared.filter(({ inputs }) => /0\.0\.0\.0\/0|::\/0/.test(JSON.stringify(inputs)));
    const ports = stack === "prod" ? ["443", "80"] : ["80"];
    const zones = stack === "prod" ? ["a", "b", "c"] : ["a", "b"];
    expect(open.map(identity).sort()).toEqual([
      ...zones.map((zone) => `aws:ec2/route:Route shop-${stack}-nodes-${REGION}${zone}`),
      `aws:ec2/route:Route shop-${stack}-public`,
      ...ports.map((port) => `${INGRESS_RULE} shop-${stack}-from-0.0.0.0-0-to-${port}`),
    ]);
    for (const { inputs } of open.filter(({ type }) => type === INGRESS_RULE)) {
      expect(inputs).toMatchObject({ securityGroupId: `shop-${stack}-load-balancer-id`, fromPort: inputs.toPort });
      expect(ports).toContain(String(inputs.toPort));
    }
  });

  it("uses one node port from the load balancer to Traefik, and Traefik trusts the VPC", () => {
    const traefik = one(run(), RELEASE, "traefik").inputs.values as {
      service: { type: string; nodePort: number };
      trustedIPs: string[];
      spread: string;
    };
    const port = one(run(), "aws:lb/targetGroup:TargetGroup").inputs.port;
    expect(traefik.service).toEqual({ type: "NodePort", nodePort: port });
    expect(traefik.trustedIPs).toEqual([one(run(), "aws:ec2/vpc:Vpc").inputs.cidrBlock]);
    expect(traefik.spread).toBe("required");
    for (const direction of ["Ingress", "Egress"]) {
      const type = `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`;
      expect(one(run(), type, `shop-${stack}-to-nodes`).inputs).toMatchObject({ fromPort: port, toPort: port });
    }
  });

  it("admits Traefik by the ranges of the nodes' subnets, in services with hosts", () => {
    const subnets = run().declared.filter(({ type, name }) => /:Subnet$/.test(type) && /-nodes-/.test(name));
    const ranges = subnets.map(({ inputs }) => inputs.cidrBlock).sort();
    expect(ranges.length).toBe(stack === "prod" ? 3 : 2);
    expect(one(run(), RELEASE, "web").inputs.values).toMatchObject({
      ingressRanges: expect.toSatisfy((given: string[]) => String([...given].sort()) === String(ranges)),
    });
    expect(one(run(), RELEASE, "worker").inputs.values).not.toHaveProperty("ingressRanges");
  });

  it("passes the services' secrets only to their Kubernetes Secret", () => {
    const holders = run().declared.filter(({ inputs }) => JSON.stringify(inputs).includes(SECRET));
    expect(holders.map(identity)).toEqual(["kubernetes:core/v1:Secret api"]);
  });
});

describe("the stack prod", () => {
  it("protects resources that hold data, in Pulumi and in AWS", () => {
    const kept = prod.declared.filter(({ opts }) => opts.protect).map(identity);
    expect(kept.sort()).toEqual([
      "aws:cloudwatch/logGroup:LogGroup shop-prod-control-plane",
      "aws:ecr/repository:Repository shop",
      `${CLUSTER} shop-prod`,
      "aws:kms/key:Key shop-prod",
      "aws:lb/loadBalancer:LoadBalancer lb-shop-prod",
      "aws:s3/bucket:Bucket shop-prod-artifacts",
    ]);
    expect(one(prod, CLUSTER).inputs).toMatchObject({ deletionProtection: true });
    expect(one(prod, "aws:lb/loadBalancer:LoadBalancer").inputs).toMatchObject({ enableDeletionProtection: true });
    expect(one(prod, "aws:ecr/repository:Repository").inputs).toMatchObject({ forceDelete: false });
    expect(one(prod, "aws:s3/bucket:Bucket").inputs).toMatchObject({ forceDestroy: false });
  });

  it("has nodes in three zones and the control plane in two", () => {
    const subnets = (zones: string[]) => zones.map((zone) => `shop-prod-nodes-${REGION}${zone}-id`);
    expect(one(prod, CLUSTER).inputs).toMatchObject({ vpcConfig: { subnetIds: subnets(["a", "b"]) } });
    expect(one(prod, "aws:eks/nodeGroup:NodeGroup").inputs.subnetIds).toEqual(subnets(["a", "b", "c"]));
  });

  it("keeps the zones of the last update, and so its subnets' ranges, when the region gets another zone", async () => {
    const zones = ["b", "c", "d"].map((zone) => `${REGION}${zone}`);
    const platform = { kubernetesVersion: "1.36", zones };
    const run = await runProgram({ stack: "prod", lastOutputs: { platform } });
    expect(run.error).toBeUndefined();
    expect(one(run, "aws:ec2/subnet:Subnet", `shop-prod-nodes-${REGION}b`).inputs).toMatchObject({
      availabilityZone: `${REGION}b`,
      cidrBlock: one(prod, "aws:ec2/subnet:Subnet", `shop-prod-nodes-${REGION}a`).inputs.cidrBlock,
    });
    expect(run.outputs).toMatchObject({ platform: { zones } });
  });

  it("builds nothing and runs the digests in the registry", () => {
    expect(ofPackage(prod, "docker")).toEqual([]);
    expect(one(prod, RELEASE, "web").inputs.values).toMatchObject({
      image: expect.stringMatching(/^127\.0\.0\.1:\d+\/shop@sha256:a{64}$/),
    });
  });

  it("exports URLs, roles and versions", () => {
    expect(prod.outputs).toMatchObject({
      release: "v0.1.0",
      services: { web: { url: "https://shop.example.com" }, worker: { url: undefined } },
      platform: {
        clusterName: "shop-prod",
        kubernetesVersion: "1.36",
        zones: ["a", "b", "c"].map((zone) => `${REGION}${zone}`),
        loadBalancer: "lb-shop-prod.elb.amazonaws.com",
        deployRole: `arn:aws:iam::${ACCOUNT}:role/slipway-delivery/shop-prod-deploy`,
      },
    });
  });
});

describe("the stack dev", () => {
  it("protects nothing", () => {
    expect(dev.declared.filter(({ opts }) => opts.protect).map(identity)).toEqual([]);
    expect(one(dev, CLUSTER).inputs).toMatchObject({ deletionProtection: false });
    expect(one(dev, "aws:lb/loadBalancer:LoadBalancer").inputs).toMatchObject({ enableDeletionProtection: false });
    expect(one(dev, "aws:s3/bucket:Bucket").inputs).toMatchObject({ forceDestroy: true });
  });

  it("uses the image repository and the OIDC provider of another stack", () => {
    expect(ofPackage(dev, "aws").filter(({ type }) => /aws:ecr|OpenIdConnectProvider$/.test(type))).toEqual([]);
  });

  it("builds the images that are missing, and pushes them with a secret token", () => {
    expect(
      ofPackage(dev, "docker")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["orders", "worker"]);
    const { registry } = one(dev, "docker:index/image:Image", "orders").inputs;
    expect(registry).toMatchObject({ [SECRET_MARK]: expect.any(String), value: { username: "AWS" } });
    const withToken = dev.declared.filter(({ inputs }) => JSON.stringify(inputs).includes("token-of-a-few-hours"));
    expect(withToken.map(({ type }) => type)).toEqual(["docker:index/image:Image", "docker:index/image:Image"]);
  });
});
