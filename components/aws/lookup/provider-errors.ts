import * as pulumi from "@pulumi/pulumi";

/** @throws pulumi.RunError that AWS could not be reached, with the provider's message. */
export function throwUnreachable(error: unknown): never {
  throw new pulumi.RunError(
    `Cannot read from AWS. Nothing was changed. ${providerMessage(error)}\n` +
      "Check that your credentials are valid (aws sts get-caller-identity) and of the account aws.accountId, and the network.",
  );
}

/** The provider's message without the engine's prefix. */
export function providerMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^.*?(?:invocation of|Invoke of) \S+ returned an error:\s*/is, "").trim();
}
