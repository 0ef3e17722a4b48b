import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ACCOUNT, REGION } from "./lookup/fake-account.ts";
import { runProgram, type Situation } from "./program-run.ts";

/** What may be there before the program has made sure that it can go through with it. */
const HARMLESS = ["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference", "pulumi:providers:aws"];
const intro = "AWS does not have what the config asks for. Nothing was changed.";

/** One fault, in the stack's file. */
const inStack = (path: string, ...words: string[]) => [intro, `\n  - stacks/Pulumi.prod.yaml: ${path}: `, ...words];

/** What each message says. The stack's file does not have the values, so it has no lines. */
const refusals: [string, Omit<Situation, "stack">, string[]][] = [
  [
    "more pods than a node can run",
    { environment: { cluster: { nodeGroup: { maxPods: 200 } } } },
    inStack("cluster.nodeGroup.maxPods", "200 given; more than m6i.large runs, which is 110"),
  ],
  [
    "a Kubernetes version that is out of standard support",
    { environment: { cluster: { version: "1.33" } } },
    inStack("cluster.version", '"1.33" given; ', "2026-07-29", "1.36 (until 2027-08-02), 1.35 (until 2027-03-27)"),
  ],
  [
    "a Kubernetes version that EKS does not have",
    { environment: { cluster: { version: "1.99" } } },
    inStack("cluster.version", '"1.99" given; EKS does not offer this version', "1.36 (until 2027-08-02)"),
  ],
  [
    "an instance type that is not there",
    { environment: { cluster: { nodeGroup: { instanceTypes: ["t9.medium"] } } } },
    inStack("cluster.nodeGroup.instanceTypes[0]", `"t9.medium" given; ${REGION} has no such instance type`),
  ],
  [
    "a caller who would be locked out",
    {
      functions: {
        "aws:iam/getSessionContext:getSessionContext": () => ({ issuerArn: `arn:aws:iam::${ACCOUNT}:role/guest` }),
      },
    },
    // The stack's file is what was passed.
    [intro, "stacks/Pulumi.prod.yaml:18: cluster.admins: ", `arn:aws:iam::${ACCOUNT}:role/guest`],
  ],
  [
    "a node group that could not be created",
    {
      functions: {
        "aws:eks/getNodeGroups:getNodeGroups": () => ({ names: ["shop-prod-x86_64-0a1b2c3"] }),
        "aws:eks/getNodeGroup:getNodeGroup": (args) => ({ ...args, status: "CREATE_FAILED" }),
      },
    },
    [
      intro,
      "stacks/Pulumi.prod.yaml:21: cluster.nodeGroup: ",
      "shop-prod-x86_64-0a1b2c3",
      "aws eks delete-nodegroup --cluster-name shop-prod --nodegroup-name shop-prod-x86_64-0a1b2c3",
    ],
  ],
  [
    "a release that was never pushed, where nothing is built",
    { pushed: ["web", "api", "worker"] },
    ["services.orders", "orders-v0.1.0", "images.build is never"],
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
    ["No valid credential sources found.", "aws sts get-caller-identity", "aws.accountId"],
  ],
];

describe("the program declares nothing, and says why, for", () => {
  it.each(refusals)("%s", async (_, situation, words) => {
    const { error, declared } = await runProgram({ stack: "prod", ...situation });
    for (const word of words) expect(error?.message).toContain(word);
    // Said without a stack trace.
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(declared.map(({ type }) => type).filter((type) => !HARMLESS.includes(type))).toEqual([]);
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
