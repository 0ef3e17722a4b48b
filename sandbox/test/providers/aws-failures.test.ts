import { describe, expect, test } from "vitest";
import { AwsResourceHandler } from "../../providers/aws/resource-handler.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { resources } from "../../providers/aws/resources.ts";
import { retryUntilAccepted } from "../../providers/aws/waiting.ts";
import { InitializationFailed, type Operation } from "../../providers/protocol/handler.ts";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { FakeAccount, operation } from "./aws-fakes.ts";

/** An error of the SDK. */
const refusal = (code: string, message = code): Error => Object.assign(new Error(message), { name: code });
const refused =
  (code: string, message = code) =>
  (): never => {
    throw refusal(code, message);
  };

/** A resource type served by an account that answers as given. */
function served(token: string, answers: Record<string, (input: never) => unknown>) {
  const resource = resources[token];
  if (!resource) throw new Error(`no type "${token}" in the table`);
  const account = new FakeAccount(answers);
  const handler = new AwsResourceHandler(resourceType(token, resource), account, {});
  return {
    account,
    handler,
    create: (news: PropertyMap) => handler.create({ news, preview: false }, operation()),
    delete: (id: string, properties: PropertyMap, op = operation()) => handler.delete({ id, properties }, op),
  };
}

describe("a call that AWS refuses for a while", () => {
  const wait = { until: "it is free", timeoutSeconds: 0.05, everyMs: 10, done: ["NotFound"] };
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
    const long = { ...wait, timeoutSeconds: 10 };
    await retryUntilAccepted(operation(), long, taken.call);
    expect(taken.made).toHaveLength(3);
    const gone = calls(refusal("DependencyViolation"), refusal("NotFound"));
    await retryUntilAccepted(operation(), long, gone.call);
    expect(gone.made).toHaveLength(2);
  });

  test("fails with the words of AWS when it lasts, and at once for another reason", async () => {
    const lasting = calls(refusal("DependencyViolation", "it has dependencies"));
    await expect(retryUntilAccepted(operation(), wait, lasting.call)).rejects.toThrow(
      /timed out after 0\.05 s waiting until it is free: it has dependencies/,
    );
    const other = calls(refusal("UnauthorizedOperation"));
    await expect(retryUntilAccepted(operation(), wait, other.call)).rejects.toThrow("UnauthorizedOperation");
    expect(other.made).toHaveLength(1);
  });

  test("ends when the engine cancels", async () => {
    const signal = AbortSignal.timeout(20);
    const op: Operation = { ...operation(), signal };
    const lasting = calls(refusal("DependencyViolation", "it has dependencies"));
    const long = { ...wait, timeoutSeconds: 60 };
    await expect(retryUntilAccepted(op, long, lasting.call)).rejects.not.toThrow(/dependencies/);
  });

  test("as to delete a security group that others still use, says who waits for what", async () => {
    const { account, delete: end } = served("aws:ec2/securityGroup:SecurityGroup", {
      DeleteSecurityGroup: refused("DependencyViolation", "resource sg-1 has a dependent object"),
    });
    await expect(end("sg-1", {}, { ...operation(), timeoutSeconds: 1 })).rejects.toThrow(
      /after 1 s waiting until nothing uses security group sg-1: resource sg-1 has a dependent object/,
    );
    expect(account.asked.length).toBeGreaterThan(1);
  });
});

describe("what AWS begins and cannot finish stays in the state, with its reasons", () => {
  test("a NAT gateway", async () => {
    const failed = { NatGatewayId: "nat-1", State: "failed", FailureCode: "NoIp", FailureMessage: "no address left" };
    const { create } = served("aws:ec2/natGateway:NatGateway", {
      CreateNatGateway: () => ({ NatGateway: { NatGatewayId: "nat-1", State: "pending" } }),
      DescribeNatGateways: () => ({ NatGateways: [failed] }),
    });
    const error: unknown = await create({ subnetId: "subnet-1" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InitializationFailed);
    expect(error).toMatchObject({ id: "nat-1", message: expect.stringMatching(/NoIp: no address left/) });
  });

  test("a cluster", async () => {
    const issues = [{ code: "Ec2SubnetNotFound", message: "subnet-1 is gone" }];
    const { create } = served("aws:eks/cluster:Cluster", {
      CreateCluster: () => ({}),
      DescribeCluster: () => ({ cluster: { name: "prod", status: "FAILED", health: { issues } } }),
    });
    const failure = await create({ name: "prod", roleArn: "arn:aws:iam::1:role/r" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InitializationFailed);
    expect(failure).toMatchObject({
      id: "prod",
      message: expect.stringContaining('cluster "prod" ended as FAILED: Ec2SubnetNotFound: subnet-1 is gone'),
    });
  });

  test("a node group, and one that cannot be deleted", async () => {
    const group = (status: string) => () => ({
      nodegroup: { status, health: { issues: [{ code: "AsgInstanceLaunchFailures", message: "no t3.medium" }] } },
    });
    const answers = { CreateNodegroup: () => ({}), DeleteNodegroup: () => ({}) };
    const token = "aws:eks/nodeGroup:NodeGroup";
    const failed = served(token, { ...answers, DescribeNodegroup: group("CREATE_FAILED") });
    const given = { clusterName: "prod", nodeGroupName: "a", nodeRoleArn: "r", subnetIds: ["s"] };
    await expect(failed.create(given)).rejects.toThrow(/ended as CREATE_FAILED: AsgInstanceLaunchFailures: no t3/);
    const stuck = served(token, { ...answers, DescribeNodegroup: group("DELETE_FAILED") });
    await expect(stuck.delete("prod:a", {})).rejects.toThrow(/cannot be deleted: AsgInstanceLaunchFailures/);
  });

  test("an add-on, which waits while it is degraded", async () => {
    const statuses = ["CREATING", "DEGRADED", "CREATE_FAILED"];
    const { create } = served("aws:eks/addon:Addon", {
      CreateAddon: () => ({}),
      DescribeAddon: () => ({ addon: { status: statuses.shift() ?? "CREATE_FAILED" } }),
    });
    await expect(create({ clusterName: "prod", addonName: "coredns" })).rejects.toThrow(
      /add-on "prod:coredns" ended as CREATE_FAILED: EKS gives no reason/,
    );
    expect(statuses).toEqual([]);
  });

  test("an update of a cluster", async () => {
    const errors = [{ errorCode: "IpNotAvailable", errorMessage: "full" }];
    const { handler } = served("aws:eks/cluster:Cluster", {
      UpdateClusterVersion: () => ({ update: { id: "u1" } }),
      DescribeUpdate: () => ({ update: { status: "Failed", type: "VersionUpdate", errors } }),
      DescribeCluster: () => ({ cluster: { name: "prod", version: "1.34" } }),
    });
    const olds = { name: "prod", version: "1.34" };
    const update = { id: "prod", olds, news: { name: "prod", version: "1.35" }, preview: false };
    await expect(handler.update(update, operation())).rejects.toThrow(/VersionUpdate ended as Failed: IpNotAvailable/);
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
    const token = "aws:ec2/vpcEndpoint:VpcEndpoint";
    await expect(served(token, { DeleteVpcEndpoints: () => ({ Unsuccessful }) }).delete("vpce-1", {})).rejects.toThrow(
      "InvalidParameter: no such role",
    );
    const gone = [{ Error: { Code: "InvalidVpcEndpoint.NotFound" } }];
    const DescribeVpcEndpoints = refused("InvalidVpcEndpointId.NotFound");
    const went = served(token, { DeleteVpcEndpoints: () => ({ Unsuccessful: gone }), DescribeVpcEndpoints });
    await went.delete("vpce-1", {});
  });
});

describe("what AWS does not delete", () => {
  test("a repository with images says what to set", async () => {
    const { account, delete: end } = served("aws:ecr/repository:Repository", {
      DeleteRepository: refused("RepositoryNotEmptyException"),
    });
    await expect(end("shop", { forceDelete: false })).rejects.toThrow(/still has images; with forceDelete: true/);
    expect(account.asked.at(-1)?.input).toMatchObject({ repositoryName: "shop", force: false });
    await end("shop", { forceDelete: true }).catch(() => undefined);
    expect(account.asked.at(-1)?.input).toMatchObject({ force: true });
  });

  test("a bucket whose objects cannot be deleted", async () => {
    const { delete: end } = served("aws:s3/bucket:Bucket", {
      DeleteBucket: refused("BucketNotEmpty"),
      ListObjectVersions: () => ({ Versions: [{ Key: "a", VersionId: "1" }] }),
      DeleteObjects: () => ({ Errors: [{ Key: "a", Message: "Access Denied" }] }),
    });
    await expect(end("b", { forceDestroy: true })).rejects.toThrow(/cannot delete 1 objects, "a" .*: Access Denied/);
  });

  test("a subscription that waits for its confirmation goes by itself", async () => {
    const message = "Cannot unsubscribe a subscription that is pending confirmation";
    const Unsubscribe = refused("InvalidParameterException", message);
    await served("aws:sns/topicSubscription:TopicSubscription", { Unsubscribe }).delete("arn", {});
  });

  test("an error that is not an absence is none to pass over", async () => {
    const { delete: end } = served("aws:kms/key:Key", { DescribeKey: refused("AccessDeniedException") });
    await expect(end("k", {})).rejects.toThrow(/AccessDenied/);
  });
});
