import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { merge } from "../config/merge.ts";
import { ENVIRONMENT_KEY, SERVICES_FILE } from "../config/naming.ts";
import { type Policies, type PolicySettings, resolvePolicies } from "../config/policy-rules.ts";

/**
 * How the stack is held to the rules, by its config as the engine passes it, merged over what all stacks share. The program refuses
 * a config with faults. Here it is read without a check, as far as it can be.
 */
export function policiesOf(config: ReadonlyMap<string, string>, root: string): Policies {
  const file = join(root, SERVICES_FILE);
  try {
    const shared: unknown = existsSync(file) ? parse(readFileSync(file, "utf8"), { merge: true }) : {};
    const own: unknown = JSON.parse(config.get(ENVIRONMENT_KEY) ?? "{}");
    return resolvePolicies(merge(shared, own) as PolicySettings);
  } catch {
    return resolvePolicies({});
  }
}
