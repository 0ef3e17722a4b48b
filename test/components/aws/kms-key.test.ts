import { describe, expect, it } from "vitest";
import { EnvironmentKey } from "../../../components/aws/kms-key.ts";
import { Declarations, resolved, resourcesBehind } from "./declared.ts";

const KEY = "aws:kms/key:Key";
const ALIAS = "aws:kms/alias:Alias";
const accountId = "111122223333";

interface Statement {
  Sid: string;
  Principal: { AWS?: string; Service?: string };
  Action: string | string[];
  Condition?: Record<string, Record<string, string>>;
}

async function declare(protect: "data" | "none" = "data") {
  const declarations = await Declarations.begin({
    answers: { [KEY]: () => ({ arn: "arn:aws:kms:eu-west-1:111122223333:key/1", keyId: "1" }) },
  });
  const key = new EnvironmentKey("shop-prod", { accountId, region: "eu-west-1", protect }, declarations.opts);
  await declarations.settle();
  const declared = declarations.one(KEY, "shop-prod");
  const { Statement } = JSON.parse(declared.inputs.policy as string) as { Statement: Statement[] };
  const statement = (sid: string) => Statement.find(({ Sid }) => Sid === sid) as Statement;
  return { declarations, key, declared, statements: Statement, statement };
}

describe("EnvironmentKey", () => {
  it("rotates every year", async () => {
    const { declared } = await declare();
    expect(declared.inputs).toMatchObject({ enableKeyRotation: true });
  });

  it("has an alias before anything uses it", async () => {
    const { declarations, key } = await declare();
    expect(declarations.one(ALIAS, "shop-prod").inputs).toEqual({ name: "alias/slipway/shop-prod", targetKeyId: "1" });
    expect(await resolved(key.arn)).toBe("arn:aws:kms:eu-west-1:111122223333:key/1");
    expect(await resourcesBehind(key.arn)).toEqual([`${ALIAS} shop-prod`, `${KEY} shop-prod`]);
  });

  it("is protected with a waiting period of 30 days, or deleted after 7", async () => {
    const kept = (await declare("data")).declared;
    expect(kept).toMatchObject({ inputs: { deletionWindowInDays: 30 }, opts: { protect: true } });
    const unprotected = (await declare("none")).declared;
    expect(unprotected).toMatchObject({ inputs: { deletionWindowInDays: 7 }, opts: { protect: false } });
  });

  it("leaves access to the account's IAM policies", async () => {
    const { statement } = await declare();
    expect(statement("Account")).toMatchObject({
      Principal: { AWS: "arn:aws:iam::111122223333:root" },
      Action: "kms:*",
    });
  });

  it("lets CloudWatch Logs of the region use it for this account", async () => {
    const { statement } = await declare();
    expect(statement("Logs")).toMatchObject({
      Principal: { Service: "logs.eu-west-1.amazonaws.com" },
      Condition: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:log-group:*" },
      },
    });
  });

  it("lets alarms and Auto Scaling of this account publish to an encrypted topic", async () => {
    const { statement } = await declare();
    for (const sid of ["Alarms", "AutoScaling"]) {
      expect(statement(sid).Action, sid).toEqual(["kms:Decrypt", "kms:GenerateDataKey*"]);
    }
    expect(statement("Alarms")).toMatchObject({
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*" },
      },
    });
    expect(statement("AutoScaling").Condition).toEqual({
      StringEquals: { "kms:CallerAccount": accountId },
      ArnEquals: {
        "aws:PrincipalArn":
          "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
      },
    });
  });

  it("has a condition on every principal but the account, and names no role that may not exist yet", async () => {
    const { statements } = await declare();
    for (const { Sid, Principal, Condition } of statements) {
      if (Sid !== "Account") expect(Condition, Sid).toBeDefined();
      if (Principal.AWS) expect(["*", "arn:aws:iam::111122223333:root"]).toContain(Principal.AWS);
    }
    expect(statements).toHaveLength(4);
  });
});
