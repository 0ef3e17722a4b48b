import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackEnvironment } from "./environment.ts";
import { paths } from "../paths.ts";
import { livesInAws, projectRoot, type StackOptions } from "./stack-file.ts";
import { platformStatus } from "../platform/status.ts";

/** Of AWS, lest real credentials meet the engine: see withoutAws. */
const FOREIGN = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/**
 * What a shell needs so that `pulumi` and the delivery commands meet the sandbox as they meet a real stack: the same
 * commands, another environment. PATH is what goes before the shell's own.
 */
export async function shellEnvironment(options: StackOptions): Promise<Record<string, string>> {
  const { PATH: ours = "", ...environment } = await stackEnvironment(options);
  const more = ours.endsWith(`:${process.env.PATH}`) ? [ours.slice(0, -`:${process.env.PATH}`.length)] : [];
  return { ...environment, PATH: [languageHostFolder(), paths.bin, ...more].join(":") };
}

/**
 * Prints it for `eval "$(…)"`.
 *
 * @throws Error if the platform is not up: what it would lead to is not there.
 */
export async function printShellEnvironment(options: StackOptions): Promise<void> {
  const { ready } = await platformStatus();
  if (!ready)
    throw new Error(
      "The platform is not up, or not whole. npm start brings it up; npm run sandbox -- status says what is missing.",
    );
  const { PATH, ...environment } = await shellEnvironment(options);
  if (livesInAws(options)) for (const name of FOREIGN) console.log(`unset ${name}`);
  for (const [name, value] of Object.entries(environment)) console.log(`export ${name}=${quoted(value)}`);
  console.log(`export PATH=${quoted(PATH ?? "")}:"$PATH"`);
}

/** The folder of a host for the CLI to find on PATH, under the official one's name. */
export function languageHostFolder(): string {
  const folder = join(paths.state, "language-host");
  const file = join(folder, "pulumi-language-nodejs");
  const host = join(projectRoot, "sandbox/language-host.ts");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh\nexec "${process.execPath}" --import "${import.meta.resolve("tsx")}" "${host}" "$@"\n`,
  );
  chmodSync(file, 0o755);
  return folder;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
