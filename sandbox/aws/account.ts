import { join } from "node:path";
import { paths } from "../paths.ts";
import { emulatorUrl } from "./emulator.ts";

/** What of a stack's config decides as whom it is deployed. */
export interface AwsIdentity {
  accountId: string;
  /** ARN of the role that deploys. */
  role: string;
}

/** Where a config says nothing of use. The program says what is wrong with it, once it runs. */
const NO_ACCOUNT = "000000000000";

const ROLE = /^arn:aws:iam::(\d{12}):role(\/(?:.*\/)?)([\w+=,.@-]+)$/;

/** Longer than any deploy; AWS allows twelve hours at most. */
const SESSION_SECONDS = 12 * 60 * 60;

/** The identity that a stack's config asks for: the first of the cluster's administrators. */
export function identityOf(environment: Record<string, unknown>): AwsIdentity {
  const { aws, cluster } = environment as { aws?: { accountId?: unknown }; cluster?: { admins?: unknown } };
  const accountId = /^\d{12}$/.test(String(aws?.accountId)) ? String(aws?.accountId) : NO_ACCOUNT;
  const given = Array.isArray(cluster?.admins) ? cluster.admins.find((arn) => ROLE.test(String(arn))) : undefined;
  return { accountId, role: String(given ?? `arn:aws:iam::${accountId}:role/admin`) };
}

/**
 * What the engine, its plugins and the program find the emulated AWS by, as a person's shell has it after signing in:
 * short-lived keys of the deploying role, which is made if the account lacks it. To be laid over an environment without
 * variables of AWS (see {@link withoutAws}): real credentials must never reach the engine.
 */
export async function awsEnvironment(identity: AwsIdentity): Promise<Record<string, string>> {
  await ensureRole(identity.role);
  const { accessKeyId, secretAccessKey, sessionToken } = await assumeRole(identity.role);
  return {
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    // Its `aws` answers as the real one does, for the cluster that is here.
    PATH: `${join(import.meta.dirname, "bin")}:${process.env.PATH}`,
    SANDBOX_CLUSTER_IDENTITY: join(paths.pki, "admin"),
  };
}

/** Takes every variable of AWS out of an environment: profiles, keys, regions, endpoints. */
export function withoutAws(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) if (name.startsWith("AWS_")) delete environment[name];
}

/** The emulator takes a key of twelve digits for the root user of that account. */
function asRootOf(accountId: string) {
  return {
    endpoint: emulatorUrl,
    region: "us-east-1",
    credentials: { accessKeyId: accountId, secretAccessKey: "none" },
  };
}

async function ensureRole(arn: string): Promise<void> {
  const [, accountId = NO_ACCOUNT, path = "/", name = ""] = ROLE.exec(arn) ?? [];
  const { AttachRolePolicyCommand, CreateRoleCommand, GetRoleCommand, IAMClient, NoSuchEntityException } = await import(
    "@aws-sdk/client-iam"
  );
  const iam = new IAMClient(asRootOf(accountId));
  try {
    await iam.send(new GetRoleCommand({ RoleName: name }));
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error;
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: "sts:AssumeRole" }],
    };
    const document = JSON.stringify(trust);
    await iam.send(new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: document }));
    const policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: policy }));
  } finally {
    iam.destroy();
  }
}

async function assumeRole(arn: string) {
  const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
  const sts = new STSClient(asRootOf(ROLE.exec(arn)?.[1] ?? NO_ACCOUNT));
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "sandbox", DurationSeconds: SESSION_SECONDS }),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
  } finally {
    sts.destroy();
  }
}
