import { describe, expect, test } from "vitest";
import { labelChanges, taintChanges } from "../../sandbox/providers/aws/eks-node-group-parts.ts";
import { AwsResourceHandler } from "../../sandbox/providers/aws/resource-handler.ts";
import { splitId } from "../../sandbox/providers/aws/resource-id.ts";
import { resourceType } from "../../sandbox/providers/aws/resource-type.ts";
import { resources } from "../../sandbox/providers/aws/resources.ts";
import { InitializationFailed } from "../../sandbox/providers/protocol/handler.ts";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { FakeAccount, operation } from "./aws-fakes.ts";

/** A resource type in an account whose clients answer as given. */
function served(token: string, answers: ConstructorParameters<typeof FakeAccount>[0]) {
  const resource = resources[token];
  if (!resource) throw new Error(`no type "${token}"`);
  const account = new FakeAccount(answers);
  const handler = new AwsResourceHandler(resourceType(token, resource), account, {});
  const asked = (): string[] => account.asked.map(({ command }) => command);
  return { handler, account, asked };
}

const refused =
  (code: string, message = code) =>
  (): never => {
    throw Object.assign(new Error(message), { name: code });
  };

const create = (handler: AwsResourceHandler, news: PropertyMap) =>
  handler.create({ news, preview: false }, operation());

describe("what AWS begins and cannot finish", () => {
  test("a cluster stays in the state, with EKS' reasons", async () => {
    const issues = [{ code: "Ec2SubnetNotFound", message: "subnet-1 is gone" }];
    const { handler } = served("aws:eks/cluster:Cluster", {
      CreateCluster: () => ({}),
      DescribeCluster: () => ({ cluster: { name: "prod", status: "FAILED", health: { issues } } }),
    });
    const given = { name: "prod", roleArn: "arn:aws:iam::1:role/r", vpcConfig: { subnetIds: ["subnet-1"] } };
    const failure = await create(handler, given).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InitializationFailed);
    expect(failure).toMatchObject({
      id: "prod",
      message: expect.stringContaining("the cluster ended as FAILED: Ec2SubnetNotFound: subnet-1 is gone"),
    });
  });

  test("a node group, and one that cannot be deleted", async () => {
    const group = (status: string) => () => ({
      nodegroup: { status, health: { issues: [{ code: "AsgInstanceLaunchFailures", message: "no t3.medium" }] } },
    });
    const failed = served("aws:eks/nodeGroup:NodeGroup", {
      CreateNodegroup: () => ({}),
      DescribeNodegroup: group("CREATE_FAILED"),
      DeleteNodegroup: () => ({}),
    });
    const given = { clusterName: "prod", nodeGroupName: "a", nodeRoleArn: "r", subnetIds: ["s"], scalingConfig: {} };
    await expect(create(failed.handler, given)).rejects.toThrow(
      /ended as CREATE_FAILED: AsgInstanceLaunchFailures: no t3\.medium/,
    );
    const stuck = served("aws:eks/nodeGroup:NodeGroup", {
      DeleteNodegroup: () => ({}),
      DescribeNodegroup: group("DELETE_FAILED"),
    });
    await expect(stuck.handler.delete({ id: "prod:a", properties: {} }, operation())).rejects.toThrow(
      /cannot be deleted: AsgInstanceLaunchFailures/,
    );
  });

  test("an add-on waits while it is degraded, and ends with the reasons", async () => {
    const statuses = ["CREATING", "DEGRADED", "CREATE_FAILED"];
    const { handler } = served("aws:eks/addon:Addon", {
      CreateAddon: () => ({}),
      DescribeAddon: () => ({ addon: { status: statuses.shift() ?? "CREATE_FAILED" } }),
    });
    await expect(create(handler, { clusterName: "prod", addonName: "coredns" })).rejects.toThrow(
      /add-on ended as CREATE_FAILED: EKS gives no reason/,
    );
    expect(statuses).toEqual([]);
  });

  test("an update of a cluster", async () => {
    const { handler } = served("aws:eks/cluster:Cluster", {
      UpdateClusterVersion: () => ({ update: { id: "u1" } }),
      DescribeUpdate: () => ({
        update: {
          status: "Failed",
          type: "VersionUpdate",
          errors: [{ errorCode: "IpNotAvailable", errorMessage: "full" }],
        },
      }),
      DescribeCluster: () => ({ cluster: { name: "prod", version: "1.34" } }),
    });
    const olds = { name: "prod", version: "1.34", arn: "arn:aws:eks:::cluster/prod" };
    const update = { id: "prod", olds, news: { name: "prod", version: "1.35" }, preview: false };
    await expect(handler.update(update, operation())).rejects.toThrow(
      /VersionUpdate ended as Failed: IpNotAvailable: full/,
    );
  });
});

describe("what AWS does not delete", () => {
  test("a repository with images says what to set", async () => {
    const { handler, account } = served("aws:ecr/repository:Repository", {
      DeleteRepository: refused("RepositoryNotEmptyException"),
    });
    const remove = (forceDelete: boolean) => handler.delete({ id: "shop", properties: { forceDelete } }, operation());
    await expect(remove(false)).rejects.toThrow(/still has images; with forceDelete: true/);
    expect(account.asked.at(-1)?.input).toMatchObject({ repositoryName: "shop", force: false });
    await remove(true).catch(() => undefined);
    expect(account.asked.at(-1)?.input).toMatchObject({ force: true });
  });

  test("a bucket whose objects cannot be deleted", async () => {
    const { handler } = served("aws:s3/bucket:Bucket", {
      DeleteBucket: refused("BucketNotEmpty"),
      ListObjectVersions: () => ({ Versions: [{ Key: "a", VersionId: "1" }] }),
      DeleteObjects: () => ({ Errors: [{ Key: "a", Message: "Access Denied" }] }),
    });
    await expect(handler.delete({ id: "b", properties: { forceDestroy: true } }, operation())).rejects.toThrow(
      /cannot delete 1 objects, "a" among them: Access Denied/,
    );
  });

  test("a subscription that waits for its confirmation goes by itself", async () => {
    const message = "Cannot unsubscribe a subscription that is pending confirmation";
    const { handler, asked } = served("aws:sns/topicSubscription:TopicSubscription", {
      Unsubscribe: refused("InvalidParameterException", message),
    });
    await handler.delete({ id: "arn", properties: {} }, operation());
    expect(asked()).toEqual(["Unsubscribe"]);
  });

  test("an error that is not an absence is none to pass over", async () => {
    const { handler } = served("aws:kms/key:Key", { DescribeKey: refused("AccessDeniedException") });
    await expect(handler.delete({ id: "k", properties: {} }, operation())).rejects.toThrow(/AccessDenied/);
  });
});

describe("who confirms a subscription", () => {
  const answers = (pending: string[]) => ({
    Subscribe: () => ({ SubscriptionArn: "arn" }),
    GetSubscriptionAttributes: () => ({
      Attributes: { SubscriptionArn: "arn", PendingConfirmation: pending.length > 1 ? pending.shift() : pending[0] },
    }),
  });
  const given = (protocol: string) => ({ topic: "t", protocol, endpoint: "e" });

  test("a mail: its reader, so it is not waited for", async () => {
    const { handler, asked } = served("aws:sns/topicSubscription:TopicSubscription", answers(["true"]));
    const { properties } = await create(handler, given("email"));
    expect(properties.pendingConfirmation).toBe(true);
    expect(asked()).toEqual(["Subscribe", "GetSubscriptionAttributes"]);
  });

  test("a queue: SNS itself, so it is", async () => {
    const pending = ["true", "false"];
    const { handler } = served("aws:sns/topicSubscription:TopicSubscription", answers(pending));
    const { properties } = await create(handler, given("sqs"));
    expect(properties.pendingConfirmation).toBe(false);
  });
});

describe("node labels and taints are changed one by one", () => {
  test("labels", () => {
    const old = { labels: { kept: "1", changed: "1", gone: "1" } };
    expect(labelChanges({ labels: { kept: "1", changed: "2", new: "1" } }, old)).toEqual({
      addOrUpdateLabels: { changed: "2", new: "1" },
      removeLabels: ["gone"],
    });
    expect(labelChanges(old, old)).toBeUndefined();
    expect(labelChanges({}, old)).toEqual({ addOrUpdateLabels: {}, removeLabels: ["kept", "changed", "gone"] });
  });

  test("a taint is known by key and effect", () => {
    const taint = (key: string, effect: string, value: string) => ({ key, effect, value });
    const old = {
      taints: [taint("a", "NO_SCHEDULE", "1"), taint("a", "NO_EXECUTE", "1"), taint("b", "NO_SCHEDULE", "1")],
    };
    const next = { taints: [taint("b", "NO_SCHEDULE", "1"), taint("a", "NO_SCHEDULE", "2")] };
    expect(taintChanges(next, old)).toEqual({
      addOrUpdateTaints: [taint("a", "NO_SCHEDULE", "2")],
      removeTaints: [taint("a", "NO_EXECUTE", "1")],
    });
    expect(taintChanges(old, { taints: [...old.taints].reverse() })).toBeUndefined();
  });
});

describe("ids of several parts", () => {
  test("the last part may hold the separator", () => {
    expect(splitId("prod:arn:aws:iam::1:role/a", ":", 2)).toEqual(["prod", "arn:aws:iam::1:role/a"]);
    expect(splitId("role/arn:aws:iam::aws:policy/A", "/", 2)).toEqual(["role", "arn:aws:iam::aws:policy/A"]);
  });

  test.each(["prod", "prod:", ":a", ""])('"%s" lacks one', (id) => {
    expect(() => splitId(id, ":", 2)).toThrow(`the id "${id}" does not have 2 parts joined by ":"`);
  });
});
