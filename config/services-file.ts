import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { ConfigError, type Source } from "./validate.ts";

const SERVICES_FILE = "stacks/services.yaml";

/**
 * What all environments share.
 *
 * @throws ConfigError if it is not there or no YAML.
 */
export function readShared(root: string): Source {
  const file = join(root, SERVICES_FILE);
  if (!existsSync(file))
    throw new ConfigError([`${SERVICES_FILE}: not found. It holds what all environments share; {} will do.`]);
  const document = parseDocument(readFileSync(file, "utf8"));
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${SERVICES_FILE}: ${error.message.split("\n")[0]}`));
  }
  return { name: SERVICES_FILE, value: document.toJS() };
}
