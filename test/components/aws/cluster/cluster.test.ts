import { describe, expect, it } from "vitest";
import { EksCluster, type EksClusterArgs } from "../../../../components/aws/cluster/cluster.ts";
import { networkOf, nodeGroupOf } from "../../../config/settings.ts";
import { type Answers, Declarations, dependenciesOf, isKnown, resolved, resourcesBehind } from "../declared.ts";

const CLUSTER = "aws:eks/cluster:Cluster";
const ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const admin = "arn:aws:iam::111122223333:role/admin";
const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const adminAssociation = `${ASSOCIATION} shop-prod-111122223333/role/admin`;

const config: EksClusterArgs["config"] = {
  target: "eks",
  name: "shop-prod",
  version: "1.36",
  admins: [admin],
  api: { publicCidrs: [] },
  logRetentionDays: 365,
  logTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
  addonVersions: {},
  network: networkOf(),
  nodeGroup: nodeGroupOf(),
};

/** The properties that EKS adds to a cluster. */
const eks: Answers = {
  [CLUSTER]: ({ name, vpcConfig }) => ({
    arn: `arn:aws:eks:eu-west-1:111122223333:cluster/${name}`,
    endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
    certificateAuthority: { data: "LS0tLS1CRUdJTg==" },
    kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16" },
    vpcConfig: { ...(vpcConfig as object), clusterSecurityGroupId: "sg-0123" },
    region: "eu-west-1",
  }),
  "aws:iam/role:Role": () => ({ arn: "arn:aws:iam::111122223333:role/control-plane", name: "control-plane" }),
};

async function create(args: Partial<EksClusterArgs> = {}, options: Parameters<typeof Declarations.begin>[0] = {}) {
  const declarations = await Declarations.begin({ answers: eks, ...options });
  const cluster = new EksCluster(
    "shop-prod",
    {
      clusterName: "shop-prod",
      config,
      network: { subnetIds: ["subnet-1", "subnet-2"] },
      kmsKeyArn,
      protect: "data",
      ...args,
    },
    declarations.opts,
  );
  return { declarations, cluster, settled: declarations.settle() };
}

async function declared(args: Partial<EksClusterArgs> = {}) {
  const { declarations, settled } = await create(args);
  await settled;
  return declarations.one(CLUSTER, "shop-prod");
}

describe("EksCluster", () => {
  it("gives access only by access entries, to its creator too", async () => {
    expect((await declared()).inputs.accessConfig).toEqual({
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: false,
    });
  });

  it("encrypts Secrets, enables all logs, stays in standard support and leaves out self-managed add-ons", async () => {
    expect((await declared()).inputs).toMatchObject({
      name: "shop-prod",
      version: "1.36",
      encryptionConfig: { provider: { keyArn: kmsKeyArn }, resources: ["secrets"] },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      upgradePolicy: { supportType: "STANDARD" },
      bootstrapSelfManagedAddons: false,
    });
  });

  it("has a public endpoint only if the config has ranges", async () => {
    const subnetIds = ["subnet-1", "subnet-2"];
    expect((await declared()).inputs.vpcConfig).toEqual({
      subnetIds,
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
    });
    const publicCidrs = ["203.0.113.0/24"];
    const open = await declared({ config: { ...config, api: { publicCidrs } } });
    expect(open.inputs.vpcConfig).toEqual({
      subnetIds,
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: publicCidrs,
    });
    const none = await declared({ config: { ...config, api: { publicCidrs: [] } } });
    expect(none.inputs.vpcConfig).toMatchObject({ endpointPublicAccess: false });
  });

  it("keeps encrypted logs for a year, or for the days in the config", async () => {
    const logs = async (args?: Partial<EksClusterArgs>) => {
      const { declarations, settled } = await create(args);
      await settled;
      return declarations.one("aws:cloudwatch/logGroup:LogGroup", "shop-prod-control-plane");
    };
    expect((await logs()).inputs).toEqual({
      name: "/aws/eks/shop-prod/cluster",
      retentionInDays: 365,
      kmsKeyId: kmsKeyArn,
    });
    expect((await logs({ config: { ...config, logRetentionDays: 30 } })).inputs.retentionInDays).toBe(30);
    expect((await logs({ protect: "none" })).opts.protect).toBe(false);
    expect((await logs({ protect: "data" })).opts.protect).toBe(true);
  });

  it("is created after its logs and permissions and deleted before them", async () => {
    expect(await dependenciesOf(await declared())).toEqual([
      "aws:cloudwatch/logGroup:LogGroup shop-prod-control-plane",
      "aws:iam/rolePolicy:RolePolicy shop-prod-control-plane-secrets",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment shop-prod-control-plane",
    ]);
  });

  it("has a role that only EKS assumes, with EKS's policy and permissions on the KMS key", async () => {
    const { declarations, settled } = await create();
    await settled;
    const role = declarations.one("aws:iam/role:Role", "shop-prod-control-plane");
    expect(JSON.parse(role.inputs.assumeRolePolicy as string).Statement).toEqual([
      { Effect: "Allow", Principal: { Service: "eks.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
    const policy = declarations.one("aws:iam/rolePolicy:RolePolicy", "shop-prod-control-plane-secrets");
    expect(JSON.parse(policy.inputs.policy as string).Statement).toEqual([
      expect.objectContaining({ Effect: "Allow", Resource: kmsKeyArn }),
    ]);
    expect(declarations.named("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).toHaveLength(1);
  });

  it.each([
    ["data", true],
    ["none", false],
  ] as const)("with protect: %s, deletion protection is %s", async (protect, expected) => {
    const { inputs, opts } = await declared({ protect });
    expect(inputs.deletionProtection).toBe(expected);
    expect(opts.protect).toBe(expected);
  });

  it("is not replaced for properties that only count at creation", async () => {
    expect((await declared()).opts.ignoreChanges).toEqual([
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
      "bootstrapSelfManagedAddons",
    ]);
  });

  it("outputs what nodes and the load balancer need", async () => {
    const { cluster } = await create();
    expect(await resolved(cluster.name)).toBe("shop-prod");
    expect(await resolved(cluster.arn)).toBe("arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod");
    expect(await resolved(cluster.endpoint)).toMatch(/^https:/);
    expect(await resolved(cluster.certificateAuthority)).toBe("LS0tLS1CRUdJTg==");
    expect(await resolved(cluster.serviceCidr)).toBe("172.20.0.0/16");
    expect(await resolved(cluster.securityGroupId)).toBe("sg-0123");
  });
});

describe("the kubeconfig", () => {
  it("is not resolved before all access exists", async () => {
    let allow = () => {};
    const held = new Promise<object>((resolve) => {
      allow = () => resolve({});
    });
    const answers: Answers = { ...eks, [ASSOCIATION]: () => held as Promise<Record<string, unknown>> };
    const { cluster, settled } = await create({}, { answers });
    let kubeconfig: string | undefined;
    cluster.kubeconfig.apply((text) => {
      kubeconfig = text;
    });
    await settled;
    await resolved(cluster.endpoint);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(kubeconfig).toBeUndefined();
    allow();
    expect(JSON.parse(await resolved(cluster.kubeconfig))["current-context"]).toBe("shop-prod");
  });

  it("depends on all access, so that what is created with it is deleted first", async () => {
    const { cluster } = await create({
      deployRoleArn: "arn:aws:iam::111122223333:role/deploy",
      previewRoleArn: "arn:aws:iam::111122223333:role/preview",
    });
    const behind = await resourcesBehind(cluster.kubeconfig);
    expect(behind).toEqual([
      "aws:eks/accessEntry:AccessEntry shop-prod-preview",
      adminAssociation,
      `${ASSOCIATION} shop-prod-deploy`,
      `${CLUSTER} shop-prod`,
    ]);
  });

  it("names the region and the cluster to the aws command", async () => {
    const { cluster } = await create();
    const { users, clusters } = JSON.parse(await resolved(cluster.kubeconfig));
    expect(users[0].user.exec.args.join(" ")).toContain("--cluster-name shop-prod --region eu-west-1");
    expect(clusters[0].cluster.server).toBe("https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com");
  });

  it("is known in the preview of an admin added to an existing cluster", async () => {
    const { cluster, settled } = await create({}, { answers: eks, preview: true });
    await settled;
    expect(await isKnown(cluster.kubeconfig)).toBe(true);
  });

  it("is unknown in the preview of a new cluster", async () => {
    const { cluster, settled } = await create({}, { answers: {}, preview: true });
    await settled;
    expect(await isKnown(cluster.kubeconfig)).toBe(false);
  });
});
