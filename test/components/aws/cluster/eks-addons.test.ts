import { describe, expect, it } from "vitest";
import { type EksAddonsArgs, NetworkAddons, WorkloadAddons } from "../../../../components/aws/cluster/eks-addons.ts";
import { type Answers, Declarations, type Declared, dependenciesOf } from "../declared.ts";

const ADDON = "aws:eks/addon:Addon";
const ROLE = "aws:iam/role:Role";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const clusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod";
const answers: Answers = {
  [ROLE]: () => ({ arn: "arn:aws:iam::111122223333:role/pods", name: "pods" }),
};

async function declare(versions?: EksAddonsArgs["versions"]): Promise<Declarations> {
  const declarations = await Declarations.begin({ answers });
  const args = { cluster: { name: "shop-prod", arn: clusterArn }, versions };
  new NetworkAddons("network", args, declarations.opts);
  new WorkloadAddons("workload", args, declarations.opts);
  await declarations.settle();
  return declarations;
}

const configurationOf = ({ inputs }: Declared) => JSON.parse(inputs.configurationValues as string);

const all = [
  ["network-kube-proxy", "kube-proxy", "kubeProxy"],
  ["network-pod-identity-agent", "eks-pod-identity-agent", "podIdentityAgent"],
  ["network-vpc-cni", "vpc-cni", "vpcCni"],
  ["workload-coredns", "coredns", "coredns"],
  ["workload-ebs-csi", "aws-ebs-csi-driver", "ebsCsi"],
] as const;

describe("the EKS add-ons", () => {
  it("are these five", async () => {
    expect((await declare()).named(ADDON)).toEqual(all.map(([name]) => name));
  });

  it.each(all)("%s gets the version in the config, and otherwise keeps its own", async (name, addonName, key) => {
    const unpinned = (await declare()).one(ADDON, name);
    expect(unpinned.inputs).toMatchObject({
      clusterName: "shop-prod",
      addonName,
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
    });
    expect(unpinned.inputs.addonVersion).toBeUndefined();
    expect(unpinned.opts.ignoreChanges).toEqual(["addonVersion"]);

    const pinned = (await declare({ [key]: "v1.2.3-eksbuild.4" })).one(ADDON, name);
    expect(pinned.inputs.addonVersion).toBe("v1.2.3-eksbuild.4");
    expect(pinned.opts.ignoreChanges).toEqual([]);
  });

  it("assign addresses by prefix and enforce network policies", async () => {
    expect(configurationOf((await declare()).one(ADDON, "network-vpc-cni"))).toEqual({
      enableNetworkPolicy: "true",
      env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
    });
  });

  it("run CoreDNS twice, spread over nodes and zones if possible", async () => {
    const { replicaCount, topologySpreadConstraints } = configurationOf(
      (await declare()).one(ADDON, "workload-coredns"),
    );
    expect(replicaCount).toBe(2);
    expect(topologySpreadConstraints).toEqual(
      ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      })),
    );
  });

  it("make the EBS driver read from Kubernetes instead of the instance metadata, and reserve attachments for interfaces", async () => {
    expect(configurationOf((await declare()).one(ADDON, "workload-ebs-csi"))).toEqual({
      node: { metadataSources: "kubernetes", reservedVolumeAttachments: 3 },
    });
  });

  // Both are part of NetworkAddons: a pod that starts before its association never gets credentials.
  it.each([
    ["network-vpc-cni", "aws-node", "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"],
    ["network-ebs-csi", "ebs-csi-controller-sa", "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"],
  ])("%s is a role that only the pods of one service account can assume", async (name, serviceAccount, policyArn) => {
    const declarations = await declare();
    const [statement] = JSON.parse(declarations.one(ROLE, name).inputs.assumeRolePolicy as string).Statement;
    expect(statement).toEqual({
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-arn": clusterArn,
          "aws:RequestTag/kubernetes-namespace": "kube-system",
          "aws:RequestTag/kubernetes-service-account": serviceAccount,
        },
      },
    });
    expect(declarations.one(ATTACHMENT, name).inputs).toEqual({ role: "pods", policyArn });
    expect(declarations.one(ASSOCIATION, name).inputs).toEqual({
      clusterName: "shop-prod",
      namespace: "kube-system",
      serviceAccount,
      roleArn: "arn:aws:iam::111122223333:role/pods",
    });
  });

  it("create the CNI after the pod identity agent and its own permissions", async () => {
    const cni = (await declare()).one(ADDON, "network-vpc-cni");
    expect(await dependenciesOf(cni)).toEqual([
      `${ADDON} network-pod-identity-agent`,
      `${ASSOCIATION} network-vpc-cni`,
      `${ATTACHMENT} network-vpc-cni`,
    ]);
  });
});
