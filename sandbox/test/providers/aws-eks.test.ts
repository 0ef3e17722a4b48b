import {
  DeleteAccessEntryCommand,
  EKSClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterConfigCommand,
  waitUntilClusterActive,
} from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { createNetwork, deleteNetwork, type EksNetwork, roleFor } from "./eks-network.ts";
import { deleteAll, EmulatedResource, emulated, unique } from "./emulated-resource.ts";

const eks = emulated.client(EKSClient);
const clusterName = unique("test");
let network: EksNetwork;
let roleArn = "";
let keyArn = "";
let cluster: EmulatedResource;
/** Inputs of the cluster as it is by now. */
let clusterInputs: PropertyMap;

beforeAll(async () => {
  network = await createNetwork();
  roleArn = await roleFor("eks.amazonaws.com");
  keyArn = String((await EmulatedResource.create("aws:kms/key:Key", { deletionWindowInDays: 7 })).state.arn);
  const subnetIds = network.subnetIds.slice(1);
  clusterInputs = {
    name: clusterName,
    roleArn,
    version: "1.34",
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    bootstrapSelfManagedAddons: false,
    deletionProtection: true,
    enabledClusterLogTypes: ["audit", "api"],
    encryptionConfig: { provider: { keyArn }, resources: ["secrets"] },
    kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16" },
    upgradePolicy: { supportType: "STANDARD" },
    vpcConfig: { subnetIds, endpointPrivateAccess: true, endpointPublicAccess: false },
    tags: { a: "1", b: "2", c: "3" },
  };
  cluster = await EmulatedResource.create("aws:eks/cluster:Cluster", clusterInputs);
});

afterAll(async () => {
  await deleteAll();
  await deleteNetwork(network);
});

describe("a cluster", () => {
  test("tells where it is and what made it", () => {
    expect(cluster.id).toBe(clusterName);
    expect(cluster.state).toMatchObject({
      arn: `arn:aws:eks:ap-northeast-2:123456789012:cluster/${clusterName}`,
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      certificateAuthority: { data: expect.stringMatching(/.+/) },
      deletionProtection: true,
      endpoint: expect.stringMatching(/^https:/),
      kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16" },
      upgradePolicy: { supportType: "STANDARD" },
      vpcConfig: { clusterSecurityGroupId: expect.stringMatching(/^sg-/) },
    });
    expect([...(cluster.state.enabledClusterLogTypes as string[])].sort()).toEqual(["api", "audit"]);
  });

  test("is changed in place, one thing after the other", async () => {
    clusterInputs = {
      ...clusterInputs,
      version: "1.35",
      enabledClusterLogTypes: ["audit"],
      upgradePolicy: { supportType: "EXTENDED" },
      vpcConfig: {
        subnetIds: network.subnetIds,
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
        publicAccessCidrs: ["203.0.113.0/24"],
      },
      tags: { a: "1", d: "4" },
    };
    await cluster.update(clusterInputs);
    expect(cluster.state).toMatchObject({ version: "1.35", tags: { a: "1", d: "4" } });
    const encryptionConfig = { provider: { keyArn: `${keyArn}-other` }, resources: ["secrets"] };
    await expect(cluster.update({ ...clusterInputs, encryptionConfig })).rejects.toThrow(
      /EKS can neither end the encryption .* nor take another key/,
    );
  });

  test("needs a new one for another role, range of services or first admin", async () => {
    const plan = (over: PropertyMap) => cluster.diff({ ...clusterInputs, ...over });
    expect(await plan({ roleArn: `${roleArn}-other` })).toEqual(["update roleArn!"]);
    expect(await plan({ kubernetesNetworkConfig: { serviceIpv4Cidr: "10.100.0.0/16" } })).toEqual([
      "update kubernetesNetworkConfig.serviceIpv4Cidr!",
    ]);
    expect(await plan({ accessConfig: { authenticationMode: "API" } })).toEqual([
      "update accessConfig.bootstrapClusterCreatorAdminPermissions!",
    ]);
  });

  test("shows what somebody changed", async () => {
    const resourceArn = String(cluster.state.arn);
    await eks.send(new TagResourceCommand({ resourceArn, tags: { by: "hand" } }));
    await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "d"] }));
    await cluster.refresh();
    expect(await cluster.diff(clusterInputs)).toEqual(
      expect.arrayContaining(["add tags.a", "add tags.d", "delete tags.by"]),
    );
    await cluster.update(clusterInputs);
  });

  test("is not deleted while it is protected, and that can be ended", async () => {
    await expect(cluster.delete()).rejects.toThrow(/deletion protection/);
    await eks.send(new UpdateClusterConfigCommand({ name: clusterName, deletionProtection: false }));
    await waitUntilClusterActive({ client: eks, maxWaitTime: 10, minDelay: 1 }, { name: clusterName });
    await cluster.refresh();
    expect(await cluster.diff(clusterInputs)).toEqual(["update deletionProtection"]);
    await cluster.update(clusterInputs);
    clusterInputs = { ...clusterInputs, deletionProtection: false };
    await cluster.update(clusterInputs);
  });
});

describe("access", () => {
  test("an entry and its policy", async () => {
    const principalArn = `arn:aws:iam::123456789012:role/slipway/${unique("admin")}`;
    const given = { clusterName, principalArn };
    const entry = await EmulatedResource.create("aws:eks/accessEntry:AccessEntry", given);
    expect(entry.id).toBe(`${clusterName}:${principalArn}`);
    expect(entry.state.type).toBe("STANDARD");
    await entry.update({ ...given, tags: { a: "1" } });

    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    const scope = { ...given, policyArn, accessScope: { type: "cluster" } };
    const admin = await EmulatedResource.create("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", scope);
    expect(admin.id).toBe([clusterName, principalArn, policyArn].join("#"));
    expect(await admin.diff({ ...scope, policyArn: `${policyArn}s` })).toEqual(["update policyArn!"]);
    await admin.delete();
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn }));
    expect(await entry.refresh()).toBe(false);
  });

  test("a pod's identity", async () => {
    const given = { clusterName, namespace: "shop", serviceAccount: "chat", roleArn };
    const association = await EmulatedResource.create("aws:eks/podIdentityAssociation:PodIdentityAssociation", given);
    expect(association.id).toMatch(/^a-/);
    const other = await roleFor("pods.eks.amazonaws.com");
    await association.update({ ...given, roleArn: other, tags: { a: "1" } });
    await association.delete();
  });
});

describe("an add-on", () => {
  const overwrite = { resolveConflictsOnCreate: "OVERWRITE", resolveConflictsOnUpdate: "OVERWRITE" };

  test("gets a version, takes values and tags", async () => {
    const given = { clusterName, addonName: "vpc-cni", ...overwrite };
    const addon = await EmulatedResource.create("aws:eks/addon:Addon", given);
    expect(addon.id).toBe(`${clusterName}:vpc-cni`);
    expect(addon.state.addonVersion).toMatch(/^v\d/);
    const configurationValues = JSON.stringify({ env: { ENABLE_PREFIX_DELEGATION: "true" } });
    await addon.update({ ...given, configurationValues, tags: { a: "1" } });
    expect(await addon.diff({ ...given, configurationValues: "{}" })).toContain("update configurationValues");
    await addon.delete();
  });
});

describe("the end of a cluster", () => {
  test("is that of its add-ons too", async () => {
    await EmulatedResource.create("aws:eks/addon:Addon", { clusterName, addonName: "kube-proxy" });
    await cluster.delete();
    const again = await EmulatedResource.create("aws:eks/cluster:Cluster", clusterInputs);
    await EmulatedResource.create("aws:eks/addon:Addon", { clusterName, addonName: "kube-proxy" });
    await again.delete();
  });
});
