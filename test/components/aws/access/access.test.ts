import * as aws from "@pulumi/aws";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClusterAccess, type ClusterAccessArgs, lockoutFault } from "../../../../components/aws/access/access.ts";
import { Declarations, isKnown, resolved, resourcesBehind } from "../declared.ts";

const ENTRY = "aws:eks/accessEntry:AccessEntry";
const ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const admin = "arn:aws:iam::111122223333:role/platform/admin";
const colleague = "arn:aws:iam::444455556666:role/platform/admin";
const deployRoleArn = "arn:aws:iam::111122223333:role/shop-prod-deploy-1234567";
const previewRoleArn = "arn:aws:iam::111122223333:role/shop-prod-preview-1234567";

async function grant(args: Partial<ClusterAccessArgs>) {
  const declarations = await Declarations.begin();
  const access = new ClusterAccess("shop", { clusterName: "shop-prod", admins: [admin], ...args }, declarations.opts);
  await declarations.settle();
  return { declarations, access };
}

describe("ClusterAccess", () => {
  it("lets every admin do everything in the whole cluster", async () => {
    const { declarations } = await grant({ admins: [admin, colleague] });
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

  it("names an admin's entry by the admin, so that another order changes nothing", async () => {
    const one = await grant({ admins: [admin, colleague] });
    const other = await grant({ admins: [colleague, admin, colleague] });
    expect(other.declarations.named(ENTRY)).toEqual(one.declarations.named(ENTRY));
  });

  it("lets the deploy role do everything, and the preview role in to read nothing", async () => {
    const { declarations } = await grant({ deployRoleArn, previewRoleArn });
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

  it("gives the cluster's name to what needs all of the access", async () => {
    const { access } = await grant({ deployRoleArn, previewRoleArn });
    expect(await resolved(access.clusterName)).toBe("shop-prod");
    expect(await resourcesBehind(access.clusterName)).toEqual([
      `${ENTRY} shop-preview`,
      `${ASSOCIATION} shop-111122223333/role/platform/admin`,
      `${ASSOCIATION} shop-deploy`,
    ]);
  });

  it("still knows the name in the preview of one more admin", async () => {
    const declarations = await Declarations.begin({ preview: true });
    const access = new ClusterAccess("shop", { clusterName: "shop-prod", admins: [admin] }, declarations.opts);
    await declarations.settle();
    expect(await isKnown(access.clusterName)).toBe(true);
  });

  it("still knows it when the deploy role is yet to be made", async () => {
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

  it("never deletes an entry before it replaces it", async () => {
    const { declarations } = await grant({ deployRoleArn, previewRoleArn });
    expect(declarations.all.filter(({ opts }) => opts.deleteBeforeReplace)).toEqual([]);
  });
});

describe("lockoutFault", () => {
  const arn = fc
    .tuple(
      fc.integer({ min: 100_000_000_000, max: 999_999_999_999 }),
      fc.stringMatching(/^[a-z]{1,12}(\/[a-z]{1,8})?$/),
    )
    .map(([account, role]) => `arn:aws:iam::${account}:role/${role}`);

  it("finds nothing wrong exactly when the caller is an admin or the deploy role", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(arn, { minLength: 3, maxLength: 6 }),
        fc.nat(),
        fc.boolean(),
        ([first, ...others], pick, deploys) => {
          const [deployRoleArn, ...admins] = others as [string, ...string[]];
          const all = [first as string, ...others];
          const callerRoleArn = all[pick % all.length] as string;
          const allowed = admins.includes(callerRoleArn) || (deploys && callerRoleArn === deployRoleArn);
          const fault = lockoutFault({ callerRoleArn, admins, ...(deploys && { deployRoleArn }) });
          expect(fault === undefined).toBe(allowed);
        },
      ),
    );
  });

  it("names the caller and the ways out", () => {
    expect(lockoutFault({ callerRoleArn: colleague, admins: [admin] })).toEqual({
      path: ["cluster", "admins"],
      message:
        `${colleague}, which runs this update, is not among them and would lock itself out of the cluster. ` +
        "Add it, or run the update as one of them",
    });
    expect(lockoutFault({ callerRoleArn: colleague, admins: [admin], deployRoleArn })?.message).toContain(
      `as one of them or ${deployRoleArn}`,
    );
  });

  it("does not propose to add the root user, whom no cluster knows", () => {
    const root = lockoutFault({ callerRoleArn: "arn:aws:iam::111122223333:root", admins: [admin] });
    expect(root?.message).toContain("can be given no access to a cluster");
    expect(root?.message).not.toContain("Add it");
  });
});
