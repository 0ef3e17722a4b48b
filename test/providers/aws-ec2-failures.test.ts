import { describe, expect, test } from "vitest";
import { AwsResourceHandler } from "../../sandbox/providers/aws/resource-handler.ts";
import { resourceType } from "../../sandbox/providers/aws/resource-type.ts";
import { resources } from "../../sandbox/providers/aws/resources.ts";
import { untilTaken } from "../../sandbox/providers/aws/retry.ts";
import { InitializationFailed, type Operation } from "../../sandbox/providers/protocol/handler.ts";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { FakeAccount, operation } from "./aws-fakes.ts";

/** An error of the SDK. */
const refusal = (code: string, message = code): Error => Object.assign(new Error(message), { name: code });
const fail = (error: Error): never => {
  throw error;
};

/** A resource type served by an account that answers as given. */
function served(token: string, answers: Record<string, (input: never) => unknown>) {
  const resource = resources[token];
  if (!resource) throw new Error(`no type "${token}" in the table`);
  const account = new FakeAccount(answers);
  const handler = new AwsResourceHandler(resourceType(token, resource), account, {});
  return {
    account,
    create: (news: PropertyMap) => handler.create({ news, preview: false }, operation()),
    delete: (id: string, properties: PropertyMap, op = operation()) => handler.delete({ id, properties }, op),
  };
}

describe("a call that AWS refuses for a while", () => {
  const wait = { until: "it is free", timeoutSeconds: 0.05, everyMs: 10 };
  const passing = { again: ["DependencyViolation"], done: ["NotFound"] };
  const calls = (...answers: (Error | undefined)[]) => {
    const made: number[] = [];
    const call = async (): Promise<void> => {
      made.push(1);
      const answer = answers[Math.min(made.length, answers.length) - 1];
      if (answer) throw answer;
    };
    return { made, call };
  };

  test("is made again until it is taken, or there is nothing left to do", async () => {
    const taken = calls(refusal("DependencyViolation"), refusal("DependencyViolation"), undefined);
    await untilTaken(operation(), wait, passing, taken.call);
    expect(taken.made).toHaveLength(3);
    const gone = calls(refusal("DependencyViolation"), refusal("NotFound"));
    await untilTaken(operation(), wait, passing, gone.call);
    expect(gone.made).toHaveLength(2);
  });

  test("fails with the words of AWS when it lasts, and at once for another reason", async () => {
    const lasting = calls(refusal("DependencyViolation", "it has dependencies"));
    await expect(untilTaken(operation(), wait, passing, lasting.call)).rejects.toThrow(
      /gave up waiting until it is free after 0\.05 s: it has dependencies/,
    );
    const other = calls(refusal("UnauthorizedOperation"));
    await expect(untilTaken(operation(), wait, passing, other.call)).rejects.toThrow("UnauthorizedOperation");
    expect(other.made).toHaveLength(1);
  });

  test("ends when the engine cancels", async () => {
    const signal = AbortSignal.timeout(20);
    const op: Operation = { ...operation(), signal };
    const lasting = calls(refusal("DependencyViolation", "it has dependencies"));
    const long = { ...wait, timeoutSeconds: 60 };
    await expect(untilTaken(op, long, passing, lasting.call)).rejects.not.toThrow(/dependencies/);
  });
});

describe("what fails after it was made is kept in the state, to be replaced or deleted", () => {
  test("a NAT gateway, with the reason of AWS", async () => {
    const failed = { NatGatewayId: "nat-1", State: "failed", FailureCode: "NoIp", FailureMessage: "no address left" };
    const { create } = served("aws:ec2/natGateway:NatGateway", {
      CreateNatGateway: () => ({ NatGateway: { NatGatewayId: "nat-1", State: "pending" } }),
      DescribeNatGateways: () => ({ NatGateways: [failed] }),
    });
    const error: unknown = await create({ subnetId: "subnet-1" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InitializationFailed);
    expect(error).toMatchObject({ id: "nat-1", message: expect.stringMatching(/NoIp: no address left/) });
  });

  test("a load balancer whose attributes are refused", async () => {
    const balancer = { LoadBalancerArn: "arn:lb", State: { Code: "active" }, Type: "application" };
    const { create } = served("aws:lb/loadBalancer:LoadBalancer", {
      CreateLoadBalancer: () => ({ LoadBalancers: [balancer] }),
      DescribeLoadBalancers: () => ({ LoadBalancers: [balancer] }),
      DescribeLoadBalancerAttributes: () => ({ Attributes: [] }),
      DescribeTags: () => ({ TagDescriptions: [] }),
      ModifyLoadBalancerAttributes: () => fail(refusal("InvalidConfigurationRequest", "not that")),
    });
    await expect(create({ name: "lb", loadBalancerType: "application", idleTimeout: 60 })).rejects.toMatchObject({
      id: "arn:lb",
      message: expect.stringContaining("not that"),
    });
  });
});

describe("calls that succeed though what they were for did not", () => {
  const Unsuccessful = [{ Error: { Code: "InvalidParameter", Message: "no such role" }, ResourceId: "x" }];

  test("a flow log that is not made, or not deleted", async () => {
    const { create, delete: end } = served("aws:ec2/flowLog:FlowLog", {
      CreateFlowLogs: () => ({ FlowLogIds: [], Unsuccessful }),
      DeleteFlowLogs: () => ({ Unsuccessful }),
    });
    await expect(create({ vpcId: "vpc-1" })).rejects.toThrow("InvalidParameter: no such role");
    await expect(end("fl-1", {})).rejects.toThrow("InvalidParameter: no such role");
  });

  test("a VPC endpoint that is not deleted, unless it was gone", async () => {
    const gone = [{ Error: { Code: "InvalidVpcEndpoint.NotFound" } }];
    const token = "aws:ec2/vpcEndpoint:VpcEndpoint";
    const stays = served(token, { DeleteVpcEndpoints: () => ({ Unsuccessful }) });
    await expect(stays.delete("vpce-1", {})).rejects.toThrow("InvalidParameter: no such role");
    const missing = () => fail(refusal("InvalidVpcEndpointId.NotFound"));
    const went = served(token, { DeleteVpcEndpoints: () => ({ Unsuccessful: gone }), DescribeVpcEndpoints: missing });
    await went.delete("vpce-1", {});
  });
});

test("what cannot be found by its id alone is not imported", async () => {
  for (const token of [
    "aws:ec2/route:Route",
    "aws:autoscaling/policy:Policy",
    "aws:autoscaling/attachment:Attachment",
  ]) {
    const handler = new AwsResourceHandler(
      resourceType(token, resources[token] ?? fail(new Error(token))),
      new FakeAccount(),
      {},
    );
    await expect(handler.read({ id: "x", properties: {}, inputs: {} })).rejects.toThrow(/cannot import it/);
  }
});

test("a security group that others still use is waited for, and their name is told when it takes too long", async () => {
  const { account, delete: end } = served("aws:ec2/securityGroup:SecurityGroup", {
    DeleteSecurityGroup: () => fail(refusal("DependencyViolation", "resource sg-1 has a dependent object")),
  });
  const op = { ...operation(), timeoutSeconds: 1 };
  await expect(end("sg-1", {}, op)).rejects.toThrow(
    /nothing uses security group sg-1 after 1 s: resource sg-1 has a dependent object/,
  );
  expect(account.asked.length).toBeGreaterThan(1);
});
