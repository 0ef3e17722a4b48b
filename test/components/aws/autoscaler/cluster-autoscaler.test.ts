import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { ClusterAutoscaler } from "../../../../components/aws/autoscaler/cluster-autoscaler.ts";
import { autoscalerPolicy } from "../../../../components/aws/autoscaler/policy.ts";
import { autoscalerValues } from "../../../../components/aws/autoscaler/values.ts";
import { Declarations, dependenciesOf, resolved } from "../declared.ts";

const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAME = "shop-prod-cluster-autoscaler";
const arn = "arn:aws:eks:eu-west-1:123456789012:cluster/shop-prod";
const roleArn = "arn:aws:iam::123456789012:role/autoscaler";

let declarations: Declarations;
beforeAll(async () => {
  declarations = await Declarations.begin({ answers: { [ROLE]: () => ({ arn: roleArn, name: "autoscaler" }) } });
  const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" }, declarations.opts);
  const deletedWith = new pulumi.ComponentResource("test:Cluster", "eks", {}, declarations.opts);
  const args = { cluster: { name: "shop-prod", arn }, version: "1.34", options: { provider, deletedWith } };
  new ClusterAutoscaler("shop-prod", args, declarations.opts);
  await declarations.settle();
});

describe("the cluster-autoscaler", () => {
  it("is the official chart, pinned, at the cluster's own minor", () => {
    const { inputs } = declarations.one(RELEASE, NAME);
    expect(inputs).toEqual({
      name: "cluster-autoscaler",
      namespace: "kube-system",
      chart: "cluster-autoscaler",
      repositoryOpts: { repo: "https://kubernetes.github.io/autoscaler" },
      version: "9.59.0",
      values: autoscalerValues({ clusterName: "shop-prod", region: "eu-west-1", tag: "v1.34.5" }),
      atomic: true,
      timeout: 180,
      compat: "true",
    });
  });

  it("is declared in the cluster, and gone with it", async () => {
    const { provider, deletedWith } = declarations.one(RELEASE, NAME).opts;
    expect(await resolved((provider as kubernetes.Provider).urn)).toMatch(/::pulumi:providers:kubernetes::cluster$/);
    expect(await resolved((deletedWith as pulumi.Resource).urn)).toMatch(/::test:Cluster::eks$/);
  });

  it("has a role that no other pod can take, with the least rights", () => {
    const [statement] = JSON.parse(declarations.one(ROLE, NAME).inputs.assumeRolePolicy as string).Statement;
    expect(statement).toEqual({
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-arn": arn,
          "aws:RequestTag/kubernetes-namespace": "kube-system",
          "aws:RequestTag/kubernetes-service-account": "cluster-autoscaler",
        },
      },
    });
    const { role, policy } = declarations.one(POLICY, NAME).inputs;
    expect(role).toBe("autoscaler");
    expect(JSON.parse(policy as string)).toEqual(autoscalerPolicy(arn));
  });

  it("gets that role by an association for the chart's service account, both there before it", async () => {
    const { values } = declarations.one(RELEASE, NAME).inputs as {
      values: { rbac: { serviceAccount: { name: string } } };
    };
    expect(declarations.one(ASSOCIATION, NAME).inputs).toEqual({
      clusterName: "shop-prod",
      namespace: declarations.one(RELEASE, NAME).inputs.namespace,
      serviceAccount: values.rbac.serviceAccount.name,
      roleArn,
    });
    expect(await dependenciesOf(declarations.one(RELEASE, NAME))).toEqual([
      `${ASSOCIATION} ${NAME}`,
      `${POLICY} ${NAME}`,
    ]);
  });

  it("waits for no node with its rights", async () => {
    for (const type of [ROLE, POLICY, ASSOCIATION]) {
      expect(await dependenciesOf(declarations.one(type, NAME))).toEqual([]);
    }
  });

  it("declares nothing for a version that it is not known for", async () => {
    const { opts } = declarations;
    const args = { cluster: { name: "shop-prod", arn }, version: "1.32", options: {} };
    expect(() => new ClusterAutoscaler("old", args, opts)).toThrow(/Kubernetes 1\.32/);
    expect(declarations.all.filter(({ name }) => name.startsWith("old"))).toEqual([]);
  });
});
