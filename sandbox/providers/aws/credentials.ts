import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Account } from "./account.ts";
import { explain, networkCode } from "./errors.ts";
import type { ProviderSettings } from "./settings.ts";

/** Wrong credentials and a wrong endpoint must show at once. */
const VALIDATION = { maxAttempts: 2, requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 } };

/** The provider cannot work as it is configured; the message is for the user. */
export class NotConfigured extends Error {
  override readonly name = "NotConfigured";
}

/**
 * Finds credentials as the AWS command line does, and asks AWS for their account.
 *
 * @throws {NotConfigured} without a region or credentials, when AWS rejects them or does not answer, and when their account
 * is not allowed.
 */
export async function connect(settings: ProviderSettings): Promise<Account> {
  const sts = new STSClient({ ...VALIDATION, ...(settings.region ? { region: settings.region } : {}) });
  const region = await sts.config.region().catch(() => {
    throw new NotConfigured(
      "Missing region: set region on the provider, aws:region in the stack's config, or AWS_REGION",
    );
  });
  const { accountId, partition } = await caller(sts);
  assertAllowed(accountId, settings.allowedAccountIds);
  return new Account(region, accountId, partition, sts.config.credentials);
}

async function caller(sts: STSClient): Promise<{ accountId: string; partition: string }> {
  try {
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account) return { accountId: Account, partition: Arn?.split(":")[1] ?? "aws" };
  } catch (error) {
    throw new NotConfigured(credentialsFault(error), { cause: error });
  }
  throw new NotConfigured("AWS did not return the account of the credentials (sts:GetCallerIdentity)");
}

/** Why the credentials cannot be used, and what to do. */
function credentialsFault(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : String(error);
  if (networkCode(error)) {
    return (
      `unable to validate AWS credentials: ${explain(error)}. ` +
      "Check the network, or the endpoint that AWS_ENDPOINT_URL names"
    );
  }
  if (name === "ExpiredToken" || name === "ExpiredTokenException") {
    return `Expired credentials: ${message}. Get new ones: sign in again, or replace AWS_SESSION_TOKEN and its keys`;
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return (
      `No valid credential sources found: ${message}. Set AWS_PROFILE to a profile that is signed in, ` +
      "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; check them with aws sts get-caller-identity"
    );
  }
  return (
    `Invalid credentials configured: AWS refused them (${explain(error)}). ` +
    "Check AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
  );
}

function assertAllowed(accountId: string, allowed: string[] | undefined): void {
  if (!allowed || allowed.includes(accountId)) return;
  throw new NotConfigured(
    `AWS account ID not allowed: the credentials are of account ${accountId}, this provider may only use ` +
      `${allowed.join(", ")} (allowedAccountIds). Use credentials of that account`,
  );
}
