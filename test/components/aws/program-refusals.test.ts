import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ACCOUNT, REGION } from "./lookup/fake-account.ts";
import { runProgram, type Situation } from "./program-run.ts";

/** Resources that may exist before the checks are done. */
const ALLOWED = ["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference", "pulumi:providers:aws"];

/** Name, situation, and the words that the message must contain. */
const refusals: [string, Omit<Situation, "stack">, string[]][] = [
  [
    "more pods than a node can run",
    { environment: { cluster: { nodeGroup: { maxPods: 200 } } } },
    [
      "Pulumi.prod.yaml: cluster.nodeGroup.maxPods: 200 given; more than m6i.large runs, which is 110",
      "Lower it to 110",
    ],
  ],
  [
    "a Kubernetes version out of standard support",
    { environment: { cluster: { version: "1.33" } } },
    [
      'cluster.version: "1.33" given; its standard support ended on 2026-07-29',
      "1.36 (until 2027-08-02), 1.35 (until 2027-03-27)",
    ],
  ],
  [
    "a Kubernetes version that EKS does not have",
    { environment: { cluster: { version: "1.99" } } },
    [
      'cluster.version: "1.99" given; EKS does not offer this version',
      "1.36 (until 2027-08-02), 1.35 (until 2027-03-27)",
    ],
  ],
  [
    "an instance type that does not exist",
    { environment: { cluster: { nodeGroup: { instanceTypes: ["t9.medium"] } } } },
    [
      `cluster.nodeGroup.instanceTypes[0]: "t9.medium" given; ${REGION} has no such instance type. Take one that it has`,
    ],
  ],
  [
    "a zone that does not offer the instance type",
    {
      environment: { aws: { zones: [`${REGION}a`, `${REGION}b`, `${REGION}d`] }, cluster: { network: { zones: 3 } } },
      functions: {
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": () => ({
          locations: ["a", "b", "c"].map((zone) => `${REGION}${zone}`),
        }),
      },
    },
    [
      `aws.zones[2]: "${REGION}d" given; ${REGION}d does not offer m6i.large`,
      `${REGION}c do. Take another instance type`,
    ],
  ],
  [
    "a zone that the cluster was not created in",
    {
      environment: { aws: { zones: [`${REGION}b`, `${REGION}c`] }, cluster: { network: { zones: 2 } } },
      lastOutputs: { platform: { kubernetesVersion: "1.36", zones: [`${REGION}a`, `${REGION}b`] } },
    },
    ["aws.zones: ", `the cluster was created in ${REGION}a and ${REGION}b, and EKS never moves a cluster`],
  ],
  [
    "a caller that would lock itself out",
    {
      functions: {
        "aws:iam/getSessionContext:getSessionContext": () => ({ issuerArn: `arn:aws:iam::${ACCOUNT}:role/guest` }),
      },
    },
    [
      "stacks/Pulumi.prod.yaml:18: cluster.admins: ",
      `arn:aws:iam::${ACCOUNT}:role/guest`,
      "Add it, or run the update as one of them",
    ],
  ],
  [
    "a node group that EKS failed to create",
    {
      functions: {
        "aws:eks/getNodeGroups:getNodeGroups": () => ({ names: ["shop-prod-x86_64-0a1b2c3"] }),
        "aws:eks/getNodeGroup:getNodeGroup": (args) => ({ ...args, status: "CREATE_FAILED" }),
      },
    },
    [
      "stacks/Pulumi.prod.yaml:21: cluster.nodeGroup: ",
      "EKS failed to create the node group shop-prod-x86_64-0a1b2c3",
      "aws eks delete-nodegroup --cluster-name shop-prod --nodegroup-name shop-prod-x86_64-0a1b2c3;",
      "pulumi refresh",
    ],
  ],
  [
    "a release that was never pushed, where nothing is built",
    { pushed: ["web", "api", "worker"] },
    ["services.orders: ", "orders-v0.1.0", "images.build"],
  ],
  [
    "missing credentials",
    {
      functions: {
        "aws:index/getCallerIdentity:getCallerIdentity": () => {
          throw new Error("No valid credential sources found.");
        },
      },
    },
    ["Cannot read from AWS", "No valid credential sources found.", "aws sts get-caller-identity", "aws.accountId"],
  ],
];

describe("the program declares nothing, and says why, with", () => {
  it.each(refusals)("%s", async (_, situation, words) => {
    const { error, declared } = await runProgram({ stack: "prod", ...situation });
    expect(error?.message).toMatch(/nothing was changed/i);
    for (const part of words) expect(error?.message).toContain(part);
    // A RunError is shown without a stack trace.
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(declared.map(({ type }) => type).filter((type) => !ALLOWED.includes(type))).toEqual([]);
  });

  it("a fault that the config alone shows, before it asks AWS", async () => {
    const { error, declared, calls } = await runProgram({
      stack: "prod",
      environment: { cluster: { network: { cidr: "172.20.0.0/16" } }, loadBalancer: { deregistrationSeconds: 5 } },
    });
    expect(error?.message).toContain("stacks/Pulumi.prod.yaml: cluster.network.cidr: ");
    expect(error?.message).toContain("stacks/Pulumi.prod.yaml: loadBalancer.deregistrationSeconds: 5 given; ");
    expect(calls).toEqual([]);
    expect(declared.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  });
});
