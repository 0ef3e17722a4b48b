import * as aws from "@pulumi/aws";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adminFaults,
  ClusterAccess,
  type ClusterAccessArgs,
  lockoutFault,
} from "../../../../components/aws/access/cluster-access.ts";
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

describe("lockoutFault", () => {
  const arn = fc
    .tuple(
      fc.integer({ min: 100_000_000_000, max: 999_999_999_999 }),
      fc.stringMatching(/^[a-z]{1,12}(\/[a-z]{1,8})?$/),
    )
    .map(([account, role]) => `arn:aws:iam::${account}:role/${role}`);

  it("accepts exactly the admins and the deploy role", () => {
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

  it("names the caller and what to do", () => {
    const fault = lockoutFault({ callerRoleArn: colleague, admins: [admin] });
    expect(fault?.path).toEqual(["cluster", "admins"]);
    expect(fault?.message).toMatch(/^arn:aws:iam::444455556666:role.* lock itself out .* Add it, or run the update as/);
    expect(lockoutFault({ callerRoleArn: colleague, admins: [admin], deployRoleArn })?.message).toContain(
      `as one of them or ${deployRoleArn}`,
    );
  });

  it("does not suggest adding the root user, which cannot have an access entry", () => {
    const root = lockoutFault({ callerRoleArn: "arn:aws:iam::111122223333:root", admins: [admin] });
    expect(root?.message).toContain("cannot be given access");
    expect(root?.message).not.toContain("Add it");
  });
});

describe("adminFaults", () => {
  it("accepts roles and users, of other accounts too", () => {
    expect(adminFaults([admin, colleague, "arn:aws:iam::111122223333:user/ada"])).toEqual([]);
  });

  it("names the role of an assumed-role session", () => {
    const [fault] = adminFaults(["arn:aws:sts::111122223333:assumed-role/deployer/ada"]);
    expect(fault?.path).toEqual(["cluster", "admins", 0]);
    expect(fault?.message).toContain("arn:aws:iam::111122223333:role/deployer");
  });

  it.each([
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:group/platform",
    "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
    "arn:aws:iam::111122223333:policy/admin",
  ])("refuses %s, which EKS would refuse after creating the cluster", (arn) => {
    expect(adminFaults([admin, arn])).toMatchObject([{ path: ["cluster", "admins", 1] }]);
  });

  it("refuses the same principal twice", () => {
    expect(adminFaults([admin, colleague, admin])).toEqual([
      { path: ["cluster", "admins", 2], message: "given twice. Remove one" },
    ]);
  });
});
