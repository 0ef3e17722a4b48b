import { describe, expect, it } from "vitest";
import { identityOf, withoutAws } from "../../aws/account.ts";

describe("identityOf", () => {
  it("is the first of the cluster's administrators", () => {
    const admins = ["arn:aws:iam::123456789012:role/teams/admin", "arn:aws:iam::123456789012:role/other"];
    expect(identityOf({ aws: { accountId: "123456789012" }, cluster: { target: "eks", admins } })).toEqual({
      accountId: "123456789012",
      role: "arn:aws:iam::123456789012:role/teams/admin",
    });
  });

  it.each([
    ["names no administrator", {}],
    ["names what is no role", { admins: ["arn:aws:iam::123456789012:user/ann", 7] }],
    ["has a single administrator in place of a list", { admins: "arn:aws:iam::123456789012:role/admin" }],
  ])("is some role of the account where the config %s: the program says what is wrong", (_, cluster) => {
    expect(identityOf({ aws: { accountId: "123456789012" }, cluster }).role).toBe(
      "arn:aws:iam::123456789012:role/admin",
    );
  });

  it("is of no real account where the config has none", () => {
    expect(identityOf({})).toEqual({ accountId: "000000000000", role: "arn:aws:iam::000000000000:role/admin" });
    expect(identityOf({ aws: { accountId: 123 } }).accountId).toBe("000000000000");
  });
});

describe("withoutAws", () => {
  it("leaves nothing by which real credentials could be found", () => {
    const environment = {
      AWS_PROFILE: "prod",
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_REGION: "eu-west-1",
      HOME: "/root",
      SAWS_X: "",
    };
    withoutAws(environment);
    expect(environment).toEqual({ HOME: "/root", SAWS_X: "" });
  });
});
