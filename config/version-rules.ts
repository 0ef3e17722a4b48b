import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError, describeFault } from "./fault.ts";
import { SERVICES_FILE } from "./naming.ts";
import { readShared } from "./read.ts";
import { schemaFaults } from "./schema/schema-faults.ts";
import { type VersionRules, versionsSchema } from "./schema/versions.ts";

const withVersions = z.object({ versions: versionsSchema.prefault({}) });

/**
 * How merges are counted into versions: `versions` in stacks/services.yaml, which every environment shares. What else the file
 * says is not checked, because a version needs no environment.
 *
 * @throws ConfigError with every fault
 */
export function readVersionRules(root: string): VersionRules {
  if (!existsSync(join(root, SERVICES_FILE))) return versionsSchema.parse({});
  const faults: string[] = [];
  const shared = readShared(root, faults);
  const written = shared?.value ?? {};
  const parsed = withVersions.safeParse(written, { reportInput: true });
  if (shared && !parsed.success) {
    const sources = { environment: [shared], stackConfig: shared };
    faults.push(...schemaFaults(parsed.error, written).map((fault) => describeFault(fault, sources)));
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return parsed.data.versions;
}
