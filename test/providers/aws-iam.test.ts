import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import {
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, describe, expect, test } from "vitest";
import { DEFAULT_TAGS, emulated, endAll, faults, Life, policy, trust, unique } from "./aws-life.ts";

const mayRead = policy({ Effect: "Allow", Action: ["s3:GetObject"], Resource: "*" });

afterAll(endAll);

describe("IAM", () => {
  const given = { assumeRolePolicy: trust("eks.amazonaws.com"), path: "/slipway/", tags: { Name: "one" } };

  test("a role is named, tagged, changed in place, and told as it is", async () => {
    const role = await Life.begin("aws:iam/role:Role", given);
    expect(role.id).toMatch(/^life-[0-9a-f]{8}-[0-9a-f]{7}$/);
    expect(role.state).toMatchObject({
      arn: `arn:aws:iam::123456789012:role/slipway/${role.id}`,
      maxSessionDuration: 3600,
      name: role.id,
      tags: { Name: "one" },
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    expect(role.state.createDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    await role.change({
      ...given,
      assumeRolePolicy: trust("ec2.amazonaws.com"),
      description: "Nodes",
      maxSessionDuration: 7200,
      permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess",
      tags: { team: "two" },
    });
    expect(role.state.tagsAll).toEqual({ ...DEFAULT_TAGS, team: "two" });
    await role.change(given);
    expect(role.state).not.toHaveProperty("permissionsBoundary");
    expect(await role.imported()).toMatchObject({ ...given, name: role.id });
  });

  test("what somebody changed at a role shows after a refresh, a policy in other words does not", async () => {
    const role = await Life.begin("aws:iam/role:Role", given);
    const iam = emulated.client(IAMClient);
    const reworded = JSON.stringify(JSON.parse(given.assumeRolePolicy), null, 2);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.id, PolicyDocument: reworded }));
    await role.refresh();
    expect(await role.plan(given)).toEqual([]);
    await iam.send(new UpdateRoleCommand({ RoleName: role.id, MaxSessionDuration: 7200 }));
    await role.refresh();
    expect(await role.plan(given)).toEqual(["update maxSessionDuration"]);
    expect(await role.plan({ ...given, path: "/" })).toContain("update path!");
    await role.end();
  });

  test("a role with policies goes only where forceDetachPolicies says so", async () => {
    const [kept, forced] = [await Life.begin("aws:iam/role:Role", given), await Life.begin("aws:iam/role:Role", given)];
    await forced.change({ ...given, forceDetachPolicies: true });
    const iam = emulated.client(IAMClient);
    for (const { id: RoleName } of [kept, forced]) {
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument: mayRead }));
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
    }
    await expect(kept.end()).rejects.toThrow(/deleting aws:iam\/role:Role .*detach all policies/);
    await forced.end();
    await kept.change({ ...given, forceDetachPolicies: true });
    await kept.end();
  });

  test("policies of a role", async () => {
    const role = await Life.begin("aws:iam/role:Role", given);
    const inline = { role: role.id, policy: mayRead };
    const own = await Life.begin("aws:iam/rolePolicy:RolePolicy", inline);
    expect(own.id).toBe(`${role.id}:${own.state.name}`);
    const mayWrite = policy({ Effect: "Allow", Action: ["s3:PutObject"], Resource: "*" });
    await own.change({ ...inline, policy: mayWrite });
    const loose = policy({ Effect: "Allow", Action: "s3:PutObject", Resource: ["*"] });
    expect(await own.plan({ ...inline, policy: loose })).toEqual([]);
    await own.end();

    const policyArn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy";
    const attachment = { role: role.id, policyArn };
    const attached = await Life.begin("aws:iam/rolePolicyAttachment:RolePolicyAttachment", attachment);
    expect(attached.id).toBe(`${role.id}/${policyArn}`);
    expect(await attached.imported()).toEqual(attachment);
    await emulated.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName: role.id, PolicyArn: policyArn }));
    expect(await attached.refresh()).toBe(false);
    await role.end();
  });

  test("an OpenID Connect provider", async () => {
    const url = `https://${unique("token")}.example.com`;
    const oidc = { url, clientIdLists: ["sts.amazonaws.com"] };
    const provider = await Life.begin("aws:iam/openIdConnectProvider:OpenIdConnectProvider", oidc);
    expect(provider.id).toBe(`arn:aws:iam::123456789012:oidc-provider/${url.slice("https://".length)}`);
    await provider.change({ ...oidc, clientIdLists: ["other", "sts.amazonaws.com"], tags: { Name: "one" } });
    await provider.change({ ...oidc, clientIdLists: ["other"], thumbprintLists: ["a".repeat(40)] });
    await provider.end();
  });
});

describe("KMS", () => {
  const given = { description: "Data of life", enableKeyRotation: true, deletionWindowInDays: 7 };

  test("a key", async () => {
    const key = await Life.begin("aws:kms/key:Key", given);
    expect(key.state).toMatchObject({
      keyId: key.id,
      keyUsage: "ENCRYPT_DECRYPT",
      isEnabled: true,
      multiRegion: false,
    });
    const admin = policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" });
    await key.change({ ...given, policy: admin, rotationPeriodInDays: 180, tags: { Name: "one" } });
    await key.change({ ...given, description: "Other", isEnabled: false });
    await key.change(given);
    const kms = emulated.client(KMSClient);
    await kms.send(new DisableKeyRotationCommand({ KeyId: key.id }));
    await key.refresh();
    expect(await key.plan(given)).toEqual(["update enableKeyRotation"]);
    await key.end();
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata?.KeyState).toBe("PendingDeletion");
    const days = ((KeyMetadata?.DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(given.deletionWindowInDays);
  });

  test("a key that somebody has set to be deleted counts as gone", async () => {
    const key = await Life.begin("aws:kms/key:Key", given);
    await emulated.client(KMSClient).send(new ScheduleKeyDeletionCommand({ KeyId: key.id }));
    expect(await key.refresh()).toBe(false);
  });

  test("an alias takes its key by id or ARN, and another key", async () => {
    const [one, two] = [await Life.begin("aws:kms/key:Key", given), await Life.begin("aws:kms/key:Key", given)];
    const name = `alias/slipway/${unique("life")}`;
    const alias = await Life.begin("aws:kms/alias:Alias", { name, targetKeyId: one.id });
    expect(alias.state).toMatchObject({ name, targetKeyArn: one.state.arn, targetKeyId: one.id });
    expect(await alias.plan({ name, targetKeyId: one.state.arn ?? "" })).toEqual([]);
    await alias.change({ name, targetKeyId: two.state.arn ?? "" });
    await alias.end();
    expect(await faults("aws:kms/alias:Alias", { name: "slipway", targetKeyId: one.id })).toEqual([
      expect.stringMatching(/^name: "slipway" must be "alias\/"/),
    ]);
  });
});
