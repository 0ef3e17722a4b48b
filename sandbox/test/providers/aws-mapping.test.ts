import { describe, expect, test } from "vitest";
import type { InputRule } from "../../providers/aws/input-rule.ts";
import { fromAnswer, toRequest, valueAt } from "../../providers/aws/mapping.ts";

const rules: Record<string, InputRule> = {
  name: { api: "GroupName" },
  certificateArn: { api: "Certificates[0].CertificateArn" },
  subnets: { read: "Zones[].SubnetId" },
  healthCheck: { api: "", fields: { matcher: { api: "Matcher.HttpCode" }, port: { api: "HealthCheckPort" } } },
  encryption: { single: true, fields: { kmsKey: {} } },
  prefix: { keepEmpty: true },
  kept: { returned: false, default: true },
  output: { output: true },
};
const props = {
  name: "a",
  certificateArn: "arn",
  subnets: ["s-1", "s-2"],
  healthCheck: { matcher: "200", port: 80 },
  encryption: [{ kmsKey: "k" }],
  prefix: "",
  output: "o",
};
const request = {
  GroupName: "a",
  Certificates: [{ CertificateArn: "arn" }],
  Subnets: ["s-1", "s-2"],
  Matcher: { HttpCode: "200" },
  HealthCheckPort: 80,
  Encryption: { KmsKey: "k" },
  Prefix: "",
};

describe("properties", () => {
  test("become members of a request, at their paths and in the case of the service", () => {
    expect(toRequest(rules, props, "Pascal")).toEqual(request);
    expect(toRequest({ roleArn: {} }, { roleArn: "arn" }, "camel")).toEqual({ roleArn: "arn" });
  });

  test("that are empty are not sent, unless their rule keeps them", () => {
    expect(toRequest(rules, { name: "", subnets: [], prefix: "" }, "Pascal")).toEqual({ Prefix: "" });
  });

  test("are read from the members of an answer; those that no answer contains are known, or have their default", () => {
    const { Subnets, ...members } = request;
    const answer = { ...members, Zones: Subnets.map((SubnetId) => ({ SubnetId })), Output: "o" };
    expect(fromAnswer(rules, answer, { kept: false }, "Pascal")).toEqual({ ...props, kept: false });
    expect(fromAnswer({ kept: { returned: false, default: true } }, answer, {}, "Pascal")).toEqual({ kept: true });
  });
});

test("a path leads through objects and lists, and ends where there is nothing", () => {
  const answer = { Vpcs: [{ VpcId: "vpc-1", Tags: [{ Key: "a" }, { Key: "b" }] }] };
  expect(valueAt(answer, "Vpcs[0].VpcId")).toBe("vpc-1");
  expect(valueAt(answer, "Vpcs[0].Tags[].Key")).toEqual(["a", "b"]);
  expect(valueAt(answer, "")).toBe(answer);
  expect(valueAt(answer, "Vpcs[1].VpcId")).toBeUndefined();
  expect(valueAt(undefined, "State.Code")).toBeUndefined();
});
