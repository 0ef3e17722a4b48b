import { describe, expect, it } from "vitest";
import { faultsOf as configFaults } from "../config-of.ts";

const eks = {
  namespace: "shop",
  aws: { accountId: "123456789012", region: "ap-northeast-2" },
  registry: { repository: "shop", owner: "prod" },
  cluster: {
    target: "eks",
    version: "1.36",
    admins: ["arn:aws:iam::123456789012:role/admin"],
    nodeGroup: { instanceTypes: ["t3.medium"], min: 2, max: 4 },
  },
};
const existing = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  images: { repository: "127.0.0.1:5000/shop" },
};
const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } };

interface Item {
  actions: string[];
  resources: string[];
}

function faultsOf(allow: Item[], over: object = {}, base: object = eks, name = "api"): string[] {
  const services = { [name]: { build: { context: "." }, resources, aws: { allow }, ...over } };
  return configFaults({ ...base, services }, {}, "test").map((fault) => fault.replace(/^\S+: /, ""));
}

const SQS = "arn:aws:sqs:ap-northeast-2:123456789012:orders";
const one = (action: string, resource: string = SQS): Item[] => [{ actions: [action], resources: [resource] }];

describe("services.<name>.aws.allow", () => {
  it.each([
    SQS,
    "arn:aws:s3:::photos",
    "arn:aws:s3:::photos/*",
    "arn:aws:s3:::photos/2026/*",
    "arn:aws:dynamodb:ap-northeast-2:123456789012:table/orders",
    "arn:aws:dynamodb:ap-northeast-2:123456789012:table/orders/index/*",
    "arn:aws:ssm:ap-northeast-2:123456789012:parameter/shop/*",
    "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:db-a1b2c3",
  ])("accepts %s", (resource) => {
    expect(faultsOf(one("s3:GetObject", resource))).toEqual([]);
  });

  it.each([
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::photos*",
    "arn:aws:s3:::*/*",
    "arn:aws:sqs:*:123456789012:orders",
    "arn:aws:sqs:ap-northeast-2:123456789012:*",
    "arn:aws:dynamodb:ap-northeast-2:123456789012:table/*",
    "arn:aws:dynamodb:ap-northeast-2:123456789012:table/order?",
    "arn:aws:s3:::photos/$" + "{aws:username}",
    "orders",
  ])("refuses the resource %s", (resource) => {
    expect(faultsOf(one("sqs:SendMessage", resource))).toEqual([
      expect.stringContaining("api.aws.allow[0].resources[0]: "),
    ]);
  });

  it.each(["*", "s3:*", "s3:Get*", "S3:GetObject", "GetObject"])("refuses the action %s", (action) => {
    expect(faultsOf(one(action))).toEqual([expect.stringContaining("api.aws.allow[0].actions[0]: ")]);
  });

  it.each(["iam:PassRole", "organizations:LeaveOrganization"])("refuses %s, which could give the rest", (action) => {
    expect(faultsOf(one(action))).toEqual([expect.stringContaining("it changes who may do what")]);
  });

  it("refuses it beside a role that exists, and on an existing cluster", () => {
    const serviceAccount = { roleArn: "arn:aws:iam::123456789012:role/api" };
    expect(faultsOf(one("sqs:SendMessage"), { serviceAccount })).toEqual([
      expect.stringContaining("the pods have the role serviceAccount.roleArn"),
    ]);
    expect(faultsOf(one("sqs:SendMessage"), {}, existing)).toEqual([
      expect.stringContaining("only for cluster.target: eks"),
    ]);
    expect(faultsOf(one("sqs:SendMessage"), { enabled: false }, existing)).toEqual([]);
  });

  it("refuses what is too long for IAM", () => {
    const many = Array.from({ length: 250 }, (_, index) => `${SQS}-${index}`);
    expect(faultsOf([{ actions: ["sqs:SendMessage"], resources: many }])[0]).toContain("AWS allows 10240");
    const cluster = { ...eks.cluster, name: "c".repeat(37) };
    expect(String(faultsOf(one("sqs:SendMessage"), {}, { ...eks, cluster }, "a-long-name-of-it1"))).toBe("");
    expect(faultsOf(one("sqs:SendMessage"), {}, { ...eks, cluster }, "a-long-name-of-it12")[0]).toContain(
      "AWS allows 64",
    );
  });
});
