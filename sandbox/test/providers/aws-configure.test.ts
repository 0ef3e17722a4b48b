import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { Secret, Unknown } from "../../providers/protocol/value.ts";
import { FakeSts, REGION } from "./aws-fakes.ts";
import { PluginProcess } from "./plugin-process.ts";

let folder: string;
let answer: string | [string, string];
let sts: FakeSts;
let plugin: PluginProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-aws-"));
  const keys = "aws_access_key_id = id\naws_secret_access_key = key\n";
  writeFileSync(join(folder, "config"), `[profile shop]\nregion = eu-west-1\n${keys}`);
  writeFileSync(join(folder, "credentials"), "");
  sts = await FakeSts.start(() => answer);
});
afterAll(async () => {
  await sts.stop();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await plugin?.stop();
  plugin = undefined;
});

async function start(env: Record<string, string | undefined> = {}): Promise<PluginProcess> {
  plugin = await PluginProcess.start("aws", {
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PROFILE: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_ENDPOINT_URL: sts.url,
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
    ...env,
  });
  return plugin;
}

/** What the provider says of its arguments, when checked and when configured. */
async function faultOf(env: Record<string, string | undefined>, args: Record<string, string>): Promise<string> {
  const plugin = await start(env);
  const failures = await plugin.checkConfig(args);
  expect(failures).toHaveLength(1);
  const configuring = plugin.configure(args).then(
    () => "configured",
    (error: Error) => error.message,
  );
  expect(await configuring).toContain(failures[0]?.replace(/^: /, ""));
  return failures[0] ?? "";
}

describe("credentials", () => {
  test("of an allowed account are taken, and functions are served with them", async () => {
    answer = "123456789012";
    const plugin = await start();
    const args = { region: REGION, allowedAccountIds: '["123456789012"]', defaultTags: '{"tags":{"project":"shop"}}' };
    expect(await plugin.checkConfig(args)).toEqual([]);
    await plugin.configure(args);
    const identity = { accountId: "123456789012", arn: "arn:aws:iam::123456789012:user/anna", userId: "AIDA" };
    const token = "aws:index/getCallerIdentity:getCallerIdentity";
    expect(await plugin.invoke(token, {})).toEqual({ id: "123456789012", ...identity });
  });

  test("of another account are refused", async () => {
    answer = "999999999999";
    const fault = await faultOf({}, { region: REGION, allowedAccountIds: '["123456789012"]' });
    expect(fault).toMatch(/account ID not allowed.* account 999999999999, .* only .*123456789012 \(allowedAccountIds\)/);
  });

  test("that have expired are said to have", async () => {
    answer = ["ExpiredToken", "The security token included in the request is expired"];
    expect(await faultOf({}, { region: REGION })).toMatch(
      /Expired credentials: .*token.* is expired\. .*sign in again/,
    );
  });

  test("that AWS does not know are said to be wrong", async () => {
    answer = ["InvalidClientTokenId", "The security token included in the request is invalid."];
    const fault = await faultOf({}, { region: REGION });
    expect(fault).toMatch(/Invalid credentials configured: .*InvalidClientTokenId.*AWS_ACCESS_KEY_ID/);
  });

  test("that are nowhere to be found are asked for", async () => {
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    expect(await faultOf(none, { region: REGION })).toMatch(/No valid credential sources found: .*Set AWS_PROFILE/);
  });

  test("and the region of the profile that is named in the environment are taken from its configuration", async () => {
    answer = "123456789012";
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const plugin = await start({ ...none, AWS_PROFILE: "shop" });
    expect(await plugin.checkConfig({})).toEqual([]);
  });

  test("cannot be looked at while AWS does not answer, and that is known at once", async () => {
    const began = Date.now();
    const fault = await faultOf({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, { region: REGION });
    expect(fault).toMatch(/does not answer at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. .*AWS_ENDPOINT_URL/);
    expect(Date.now() - began).toBeLessThan(8000);
  });

  test("without a region are of no use", async () => {
    expect(await faultOf({}, {})).toMatch(/Missing region: set region on the provider, aws:region .* or AWS_REGION/);
  });
});

describe("the provider's arguments", () => {
  const failures = async (args: PropertyMap): Promise<string[]> => (await start()).checkConfig(args);

  test("that it does not serve are refused", async () => {
    expect(await failures({ region: REGION, assumeRoles: "[]" })).toEqual([
      expect.stringMatching(/^assumeRoles: .*does not serve "assumeRoles" \(served: region, allowedAccountIds, /),
    ]);
  });

  test("of the wrong form are refused, each with what to give", async () => {
    const args = { region: REGION, allowedAccountIds: "123456789012", defaultTags: '{"project":"shop"}' };
    expect((await failures(args)).sort()).toEqual([
      expect.stringMatching(/^allowedAccountIds: was "123456789012"; give a list/),
      expect.stringMatching(/^defaultTags: was .*; give \{ tags: \{ key: "value" \} \}/),
    ]);
  });

  test("that the SDK always sends are no fault", async () => {
    answer = "123456789012";
    const args = {
      region: REGION,
      skipCredentialsValidation: "false",
      skipRegionValidation: "true",
      version: "7.48.0",
    };
    expect(await failures(args)).toEqual([]);
  });

  test("that are not known yet are left for later", async () => {
    answer = ["InvalidClientTokenId", "no"];
    expect(await failures({ region: Unknown.value })).toEqual([]);
  });
});

test("what is not served is refused by name", async () => {
  answer = "123456789012";
  const plugin = await start();
  await expect(plugin.invoke("aws:ec2/getVpc:getVpc", {})).rejects.toThrow(/before the provider was configured/);
  await plugin.configure({ region: REGION });
  await expect(plugin.invoke("aws:ec2/getAmi:getAmi", {})).rejects.toThrow(
    /does not serve the function "aws:ec2\/getAmi:getAmi" \(served: .*getVpc/,
  );
  await expect(plugin.check("aws:lambda/function:Function", {})).rejects.toThrow(/does not serve "aws:lambda/);
  const vpc = plugin.invoke("aws:ec2/getVpc:getVpc", { id: new Secret("vpc-1"), colour: "red" });
  await expect(vpc).rejects.toThrow(/does not take "colour" \(it takes: id, region\)/);
});
