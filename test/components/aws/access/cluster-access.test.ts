import * as aws from "@pulumi/aws";
import { describe, expect, it } from "vitest";
import { ClusterAccess, type ClusterAccessArgs } from "../../../../components/aws/access/cluster-access.ts";
import { Declarations, isKnown, resolved, resourcesBehind } from "../declared.ts";

const ENTRY = "aws:eks/accessEntry:AccessEntry";
const ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const admin = "arn:aws:iam::111122223333:role/platform/admin";
const colleague = "arn:aws:iam::444455556666:role/platform/admin";
const deployRoleArn = "arn:aws:iam::111122223333:role/shop-prod-deploy-1234567";
const previewRoleArn = "arn:aws:iam::111122223333:role/shop-prod-preview-1234567";

async function declare(args: Partial<ClusterAccessArgs>) {
  const declarations = await Declarations.begin();
  const access = new ClusterAccess("shop", { clusterName: "shop-prod", admins: [admin], ...args }, declarations.opts);
  await declarations.settle();
  return { declarations, access };
}

describe("ClusterAccess", () => {
  it("makes every admin a cluster administrator", async () => {
    const { declarations } = await declare({ admins: [admin, colleague] });
    const names = ["shop-111122223333/role/platform/admin", "shop-444455556666/role/platform/admin"];
    expect(declarations.named(ENTRY)).toEqual(names);
    expect(declarations.named(ASSOCIATION)).toEqual(names);
    expect(declarations.one(ENTRY, names[0] as string).inputs).toMatchObject({
      clusterName: "shop-prod",
      principalArn: admin,
      type: "STANDARD",
    });
    expect(declarations.one(ASSOCIATION, names[0] as string).inputs).toMatchObject({
      clusterName: "shop-prod",
      principalArn: admin,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    });
  });

  it("names an entry after its admin, so that reordering admins changes nothing", async () => {
    const one = await declare({ admins: [admin, colleague] });
    const other = await declare({ admins: [colleague, admin, colleague] });
    expect(other.declarations.named(ENTRY)).toEqual(one.declarations.named(ENTRY));
  });

  it("makes the deploy role an administrator and gives the preview role an entry without a policy", async () => {
    const { declarations } = await declare({ deployRoleArn, previewRoleArn });
    expect(declarations.named(ASSOCIATION)).toEqual(["shop-111122223333/role/platform/admin", "shop-deploy"]);
    expect(declarations.one(ASSOCIATION, "shop-deploy").inputs).toMatchObject({
      principalArn: deployRoleArn,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    });
    expect(declarations.one(ENTRY, "shop-deploy").inputs.principalArn).toBe(deployRoleArn);
    const preview = declarations.one(ENTRY, "shop-preview");
    expect(preview.inputs).toEqual({ clusterName: "shop-prod", principalArn: previewRoleArn, type: "STANDARD" });
  });

  it("resolves the cluster's name after all entries", async () => {
    const { access } = await declare({ deployRoleArn, previewRoleArn });
    expect(await resolved(access.clusterName)).toBe("shop-prod");
    expect(await resourcesBehind(access.clusterName)).toEqual([
      `${ENTRY} shop-preview`,
      `${ASSOCIATION} shop-111122223333/role/platform/admin`,
      `${ASSOCIATION} shop-deploy`,
    ]);
  });

  it("knows the name in the preview of an added admin", async () => {
    const declarations = await Declarations.begin({ preview: true });
    const access = new ClusterAccess("shop", { clusterName: "shop-prod", admins: [admin] }, declarations.opts);
    await declarations.settle();
    expect(await isKnown(access.clusterName)).toBe(true);
  });

  it("knows the name before the deploy role exists", async () => {
    const declarations = await Declarations.begin({ preview: true });
    const role = new aws.iam.Role("deploy", { assumeRolePolicy: "{}" }, declarations.opts);
    expect(await isKnown(role.arn)).toBe(false);
    const access = new ClusterAccess(
      "shop",
      { clusterName: "shop-prod", admins: [admin], deployRoleArn: role.arn },
      declarations.opts,
    );
    await declarations.settle();
    expect(await isKnown(access.clusterName)).toBe(true);
  });

  it("never deletes an entry before its replacement exists", async () => {
    const { declarations } = await declare({ deployRoleArn, previewRoleArn });
    expect(declarations.all.filter(({ opts }) => opts.deleteBeforeReplace)).toEqual([]);
  });
});
