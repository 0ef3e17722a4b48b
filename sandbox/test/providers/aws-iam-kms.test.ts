import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListPolicyVersionsCommand,
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
import { DEFAULT_TAGS, deleteAll, EmulatedResource, emulated, policy, trust, unique } from "./emulated-resource.ts";

const mayRead = policy({ Effect: "Allow", Action: ["s3:GetObject"], Resource: "*" });

afterAll(deleteAll);

describe("IAM", () => {
  const iam = emulated.client(IAMClient);
  const given = { assumeRolePolicy: trust("eks.amazonaws.com"), path: "/slipway/", tags: { Name: "one" } };

  test("a role gets a name and tags, and changes in place", async () => {
    const role = await EmulatedResource.create("aws:iam/role:Role", given);
    expect(role.id).toMatch(/^test-[0-9a-f]{8}-[0-9a-f]{7}$/);
    expect(role.state).toMatchObject({
      arn: `arn:aws:iam::123456789012:role/slipway/${role.id}`,
      maxSessionDuration: 3600,
      name: role.id,
      tags: { Name: "one" },
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    const more = { assumeRolePolicy: trust("ec2.amazonaws.com"), maxSessionDuration: 7200, tags: { team: "two" } };
    await role.update({ ...given, ...more });
    expect(role.state.tagsAll).toEqual({ ...DEFAULT_TAGS, team: "two" });
    await role.update(given);
  });

  test("manual changes of a role show after a refresh, a reformatted policy does not", async () => {
    const role = await EmulatedResource.create("aws:iam/role:Role", given);
    const reworded = JSON.stringify(JSON.parse(given.assumeRolePolicy), null, 2);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.id, PolicyDocument: reworded }));
    await role.refresh();
    expect(await role.diff(given)).toEqual([]);
    await iam.send(new UpdateRoleCommand({ RoleName: role.id, MaxSessionDuration: 7200 }));
    await role.refresh();
    expect(await role.diff(given)).toEqual(["update maxSessionDuration"]);
    expect(await role.diff({ ...given, path: "/" })).toContain("update path!");
    await role.delete();
  });

  test("a role has inline and managed policies", async () => {
    const role = await EmulatedResource.create("aws:iam/role:Role", given);
    const inline = { role: role.id, policy: mayRead };
    const own = await EmulatedResource.create("aws:iam/rolePolicy:RolePolicy", inline);
    expect(own.id).toBe(`${role.id}:${own.state.name}`);
    await expect(role.delete()).rejects.toThrow(/deleting aws:iam\/role:Role .*must delete all inline policies/);
    const mayWrite = policy({ Effect: "Allow", Action: ["s3:PutObject"], Resource: "*" });
    await own.update({ ...inline, policy: mayWrite });
    await own.delete();

    const policyArn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy";
    const attachment = { role: role.id, policyArn };
    const attached = await EmulatedResource.create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", attachment);
    expect(attached.id).toBe(`${role.id}/${policyArn}`);
    await iam.send(new DetachRolePolicyCommand({ RoleName: role.id, PolicyArn: policyArn }));
    expect(await attached.refresh()).toBe(false);
    const nobodys = { RoleName: role.id, PolicyArn: "arn:aws:iam::aws:policy/AmazonEKSNothing" };
    await expect(iam.send(new AttachRolePolicyCommand(nobodys))).rejects.toThrow(/does not exist/);
    await role.delete();
  });

  test("a managed policy changes by new versions, of which IAM keeps five", async () => {
    const given = { path: "/slipway/", policy: mayRead, tags: { Name: "one" } };
    const managed = await EmulatedResource.create("aws:iam/policy:Policy", given);
    expect(managed.id).toBe(`arn:aws:iam::123456789012:policy/slipway/${managed.state.name}`);
    expect(managed.state).toMatchObject({
      arn: managed.id,
      path: "/slipway/",
      tagsAll: { ...DEFAULT_TAGS, Name: "one" },
    });
    const allowing = (action: string) => policy({ Effect: "Allow", Action: [action], Resource: "*" });
    for (const action of ["a:One", "a:Two", "a:Three", "a:Four", "a:Five", "a:Six"])
      await managed.update({ ...given, policy: allowing(action) });
    const versions = await iam.send(new ListPolicyVersionsCommand({ PolicyArn: managed.id }));
    expect(versions.Versions?.map(({ VersionId }) => VersionId).sort()).toEqual(["v3", "v4", "v5", "v6", "v7"]);
    await managed.refresh();
    expect(await managed.diff({ ...given, policy: allowing("a:Six") })).toEqual([]);
    expect(await managed.diff(given)).toEqual(["update policy"]);
    await managed.delete();
  });

  test("an OpenID Connect provider changes its clients and tags in place", async () => {
    const url = `https://${unique("token")}.example.com`;
    const oidc = { url, clientIdLists: ["sts.amazonaws.com"] };
    const provider = await EmulatedResource.create("aws:iam/openIdConnectProvider:OpenIdConnectProvider", oidc);
    expect(provider.id).toBe(`arn:aws:iam::123456789012:oidc-provider/${url.slice("https://".length)}`);
    await provider.update({ ...oidc, clientIdLists: ["other", "sts.amazonaws.com"], tags: { Name: "one" } });
    await provider.update({ ...oidc, clientIdLists: ["other"] });
    await provider.delete();
  });
});

describe("KMS", () => {
  const kms = emulated.client(KMSClient);
  const given = { description: "Test data", enableKeyRotation: true, deletionWindowInDays: 7 };

  test("a key changes in place, and its deletion is scheduled", async () => {
    const key = await EmulatedResource.create("aws:kms/key:Key", given);
    expect(key.state).toMatchObject({ keyId: key.id, arn: expect.stringMatching(new RegExp(`:key/${key.id}$`)) });
    const admin = policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" });
    await key.update({ ...given, policy: admin, tags: { Name: "one" } });
    await key.update({ ...given, description: "Other", enableKeyRotation: false });
    await key.update(given);
    await kms.send(new DisableKeyRotationCommand({ KeyId: key.id }));
    await key.refresh();
    expect(await key.diff(given)).toEqual(["update enableKeyRotation"]);
    await key.delete();
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata?.KeyState).toBe("PendingDeletion");
    const days = ((KeyMetadata?.DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(given.deletionWindowInDays);
  });

  test("a key whose deletion is scheduled counts as gone", async () => {
    const key = await EmulatedResource.create("aws:kms/key:Key", given);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }));
    expect(await key.refresh()).toBe(false);
  });

  test("an alias changes its key in place", async () => {
    const [one, two] = [
      await EmulatedResource.create("aws:kms/key:Key", given),
      await EmulatedResource.create("aws:kms/key:Key", given),
    ];
    const name = `alias/slipway/${unique("test")}`;
    const alias = await EmulatedResource.create("aws:kms/alias:Alias", { name, targetKeyId: one.id });
    expect(alias.id).toBe(name);
    await alias.update({ name, targetKeyId: two.id });
    expect(await alias.diff({ name: `${name}-other`, targetKeyId: two.id })).toEqual(["update name!"]);
    await alias.delete();
  });
});
