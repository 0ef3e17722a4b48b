import { beforeAll, describe, expect, it } from "vitest";
import { clusterAutoscaler } from "../../../../components/addons/cluster-autoscaler.ts";
import { ClusterAutoscalerAccess } from "../../../../components/aws/autoscaler/access.ts";
import { autoscalerPolicy } from "../../../../components/aws/autoscaler/policy.ts";
import { Declarations, dependenciesOf, resolved } from "../declared.ts";

const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const NAME = "shop-prod-cluster-autoscaler";
const arn = "arn:aws:eks:eu-west-1:123456789012:cluster/shop-prod";
const roleArn = "arn:aws:iam::123456789012:role/autoscaler";

let declarations: Declarations;
let access: ClusterAutoscalerAccess;
beforeAll(async () => {
  declarations = await Declarations.begin({ answers: { [ROLE]: () => ({ arn: roleArn, name: "autoscaler" }) } });
  access = new ClusterAutoscalerAccess("shop-prod", { cluster: { name: "shop-prod", arn } }, declarations.opts);
  await declarations.settle();
});

describe("the cluster-autoscaler's access to AWS", () => {
  it("is a role that no other pod can assume, with the least rights", () => {
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

  it("is associated with the service account of its release", () => {
    expect(declarations.one(ASSOCIATION, NAME).inputs).toEqual({
      clusterName: "shop-prod",
      namespace: "kube-system",
      serviceAccount: clusterAutoscaler.name,
      roleArn,
    });
  });

  it("waits for no node", async () => {
    for (const type of [ROLE, POLICY, ASSOCIATION]) {
      expect(await dependenciesOf(declarations.one(type, NAME))).toEqual([]);
    }
  });

  it("comes before the release, and lets an existing release keep its identity", async () => {
    const { dependsOn, aliases } = access.releaseOptions;
    const waitsFor = { type: "", name: "", inputs: {}, opts: { dependsOn } };
    expect(await dependenciesOf(waitsFor)).toEqual([`${ASSOCIATION} ${NAME}`, `${POLICY} ${NAME}`]);
    expect(aliases).toEqual([{ name: NAME, parent: access }]);
    expect(await resolved(access.urn)).toMatch(/::slipway:aws:ClusterAutoscaler::shop-prod$/);
  });
});
