import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Account } from "./account.ts";
import { explain, networkCode } from "./errors.ts";
import type { ProviderSettings } from "./settings.ts";

/** Credentials that are no good, or an endpoint that is not there, are to be known at once. */
const VALIDATION = { maxAttempts: 2, requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 } };

/** The provider cannot work as it is configured; the message is for the user. */
export class NotConfigured extends Error {
  override readonly name = "NotConfigured";
}

/**
 * Finds credentials as the AWS command line does, has AWS say whose they are, and opens that account.
 *
 * @throws {NotConfigured} without region or credentials, when AWS does not take them or does not answer, and when they are
 * of an account that is not allowed.
 */
export async function connect(settings: ProviderSettings): Promise<Account> {
  const profile = settings.profile ? { profile: settings.profile } : {};
  const sts = new STSClient({ ...VALIDATION, ...profile, ...(settings.region ? { region: settings.region } : {}) });
  const region = await sts.config.region().catch(() => {
    throw new NotConfigured(
      "Missing region: set region on the provider, aws:region in the stack's config, or AWS_REGION",
    );
  });
  const { accountId, partition } = await caller(sts, settings);
  assertAllowed(accountId, settings.allowedAccountIds);
  return new Account(region, accountId, partition, sts.config.credentials);
}

async function caller(sts: STSClient, settings: ProviderSettings): Promise<{ accountId: string; partition: string }> {
  try {
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account) return { accountId: Account, partition: Arn?.split(":")[1] ?? "aws" };
  } catch (error) {
    throw new NotConfigured(credentialsFault(error, settings.profile ?? process.env.AWS_PROFILE), { cause: error });
  }
  throw new NotConfigured("AWS did not say whose the credentials are: sts:GetCallerIdentity answered no account");
}

/** Why the credentials cannot be used, and what to do. */
function credentialsFault(error: unknown, profile: string | undefined): string {
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : String(error);
  const network = networkCode(error);
  if (network) {
    return (
      `unable to validate AWS credentials: ${explain(error)}. ` +
      "Check the network, or the endpoint that AWS_ENDPOINT_URL names"
    );
  }
  if (name === "ExpiredToken" || name === "ExpiredTokenException") {
    return `Expired credentials: ${message}. Get new ones: sign in again, or replace AWS_SESSION_TOKEN and its keys`;
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") return missing(message, profile);
  return (
    `Invalid credentials configured: AWS refused them (${explain(error)}). ` +
    "Check AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
  );
}

function missing(message: string, profile: string | undefined): string {
  if (/\bSSO\b|login session/i.test(message)) {
    return `the sign-in of ${profileName(profile)} has ended: ${message}. Sign in again: aws sso login${flag(profile)}`;
  }
  if (profile) {
    return (
      `No valid credential sources found for ${profileName(profile)}: ${message}. ` +
      "Name a profile that ~/.aws/config or ~/.aws/credentials has, in AWS_PROFILE or profile of the provider"
    );
  }
  return (
    "No valid credential sources found. Set AWS_PROFILE to a profile that is signed in, " +
    "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws sts get-caller-identity tells whether they work"
  );
}

const profileName = (profile: string | undefined): string => (profile ? `profile "${profile}"` : "the default profile");

const flag = (profile: string | undefined): string => (profile ? ` --profile ${profile}` : "");

function assertAllowed(accountId: string, allowed: string[] | undefined): void {
  if (!allowed || allowed.includes(accountId)) return;
  throw new NotConfigured(
    `AWS account ID not allowed: the credentials are of account ${accountId}, this provider may touch only ` +
      `${allowed.join(", ")} (allowedAccountIds). Take credentials of that account`,
  );
}
