import { shellEnvironment } from "../engine/environment.ts";
import { livesInAws, type StackOptions } from "../engine/stack-file.ts";
import { platformStatus } from "../platform/status.ts";

/** Variables that would give the engine a person's real credentials. */
const REAL_AWS = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/**
 * Prints the stack's environment for `eval "$(…)"`.
 *
 * @throws Error if the platform is not up.
 */
export async function printShellEnvironment(options: StackOptions): Promise<void> {
  const { ready } = await platformStatus();
  if (!ready)
    throw new Error(
      "The platform is not running, or only part of it. `npm start` brings it up; `npm run sandbox -- status` shows what is down.",
    );
  const { PATH = "", ...environment } = await shellEnvironment(options);
  if (livesInAws(options)) for (const name of REAL_AWS) console.log(`unset ${name}`);
  for (const [name, value] of Object.entries(environment)) console.log(`export ${name}=${quoted(value)}`);
  console.log(`export PATH=${quoted(PATH)}:"$PATH"`);
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
