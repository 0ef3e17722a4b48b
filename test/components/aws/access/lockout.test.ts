import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lockoutFault } from "../../../../components/aws/access/lockout.ts";

const admin = "arn:aws:iam::111122223333:role/platform/admin";
const colleague = "arn:aws:iam::444455556666:role/platform/admin";
const deployRoleArn = "arn:aws:iam::111122223333:role/shop-prod-deploy-1234567";

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
