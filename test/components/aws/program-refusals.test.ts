import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ACCOUNT, REGION } from "./lookup/fake-account.ts";
import { runProgram, type Situation } from "./program-run.ts";

/** What may be there before the program has made sure that it can go through with it. */
const HARMLESS = ["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference", "pulumi:providers:aws"];
const IN_STACK = "AWS does not have what the config asks for; nothing was changed.\n  - stacks/Pulumi.prod.yaml: ";

const refusals: [string, Omit<Situation, "stack">, string][] = [
  [
    "more pods than a node can run",
    { environment: { cluster: { nodeGroup: { maxPods: 200 } } } },
    `${IN_STACK}cluster.nodeGroup.maxPods: more than m6i.large runs, which is 110 with prefix delegation. Lower it to 110, or take larger instance types.`,
  ],
  [
    "a Kubernetes version that is out of standard support",
    { environment: { cluster: { version: "1.33" } } },
    `${IN_STACK}cluster.version: its standard support ended on 2026-07-29. In standard support are 1.36 (until 2027-08-02), 1.35 (until 2027-03-27). Take one of them.`,
  ],
  [
    "a Kubernetes version that EKS does not have",
    { environment: { cluster: { version: "1.99" } } },
    `${IN_STACK}cluster.version: EKS does not offer this version. In standard support are 1.36 (until 2027-08-02), 1.35 (until 2027-03-27). Take one of them.`,
  ],
  [
    "an instance type that is not there",
    { environment: { cluster: { nodeGroup: { instanceTypes: ["t9.medium"] } } } },
    `${IN_STACK}cluster.nodeGroup.instanceTypes.0: ${REGION} has no such instance type. Take one that it has, such as t3.medium.`,
  ],
  [
    "a caller who would lock himself out",
    {
      functions: {
        "aws:iam/getSessionContext:getSessionContext": () => ({ issuerArn: `arn:aws:iam::${ACCOUNT}:role/guest` }),
      },
    },
    `${IN_STACK}cluster.admins: arn:aws:iam::${ACCOUNT}:role/guest, which runs this update, is not among them and would lock itself out of the cluster. Add it, or run the update as one of them.`,
  ],
  [
    "a node group that could not be made",
    {
      functions: {
        "aws:eks/getNodeGroups:getNodeGroups": () => ({ names: ["shop-prod-x86_64-0a1b2c3"] }),
        "aws:eks/getNodeGroup:getNodeGroup": (args) => ({ ...args, status: "CREATE_FAILED" }),
      },
    },
    `${IN_STACK}cluster.nodeGroup: the node group shop-prod-x86_64-0a1b2c3 could not be made, and stays so. See why: aws eks describe-nodegroup --cluster-name shop-prod --nodegroup-name shop-prod-x86_64-0a1b2c3 --query nodegroup.health. Mend that, delete it (aws eks delete-nodegroup --cluster-name shop-prod --nodegroup-name shop-prod-x86_64-0a1b2c3; aws eks wait nodegroup-deleted --cluster-name shop-prod --nodegroup-name shop-prod-x86_64-0a1b2c3), run pulumi refresh, and then this again.`,
  ],
  [
    "a release that was never pushed, where nothing is built",
    { pushed: ["web", "api", "worker"] },
    "Some images cannot be deployed. Nothing was changed.\n  - services.orders: the registry does not have orders-v0.1.0, and images.build is never. Deploy a release that was pushed, or build it in an environment that builds.",
  ],
  [
    "no credentials",
    {
      functions: {
        "aws:index/getCallerIdentity:getCallerIdentity": () => {
          throw new Error("No valid credential sources found.");
        },
      },
    },
    "AWS cannot be asked; nothing was changed. No valid credential sources found.\nCheck the credentials (aws sts get-caller-identity), that they are of the account aws.accountId, and the network.",
  ],
];

describe("the program declares nothing, and says why, for", () => {
  it.each(refusals)("%s", async (_, situation, message) => {
    const { error, declared } = await runProgram({ stack: "prod", ...situation });
    expect(error?.message).toBe(message);
    // Said without a stack trace.
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(declared.map(({ type }) => type).filter((type) => !HARMLESS.includes(type))).toEqual([]);
  });
});
