import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensurePythonPackages } from "../../sandbox/machine/python-packages.ts";
import type { TerraformPlan } from "./terraform-plan.ts";

/** Result of a check for a resource. */
export interface Finding {
  /** Such as CKV_AWS_7. */
  check: string;
  /** What the check requires. */
  requirement: string;
  /** Address of the resource. */
  resource: string;
}

export interface Report {
  failed: Finding[];
  passed: Finding[];
}

interface CheckRecord {
  check_id: string;
  check_name: string;
  resource: string;
  file_path: string;
}

/** Checkov's JSON output for all files. */
interface CheckovOutput {
  results: { failed_checks: CheckRecord[]; passed_checks: CheckRecord[]; skipped_checks: CheckRecord[] };
  summary: { parsing_errors: number; resource_count: number };
}

/**
 * Runs all checks of checkov on the plans.
 *
 * @returns a report for each, by its name.
 * @throws Error if checkov did not read every resource of every plan, or skipped a check.
 */
export async function scan<Name extends string>(
  plans: { [name in Name]: TerraformPlan },
): Promise<{
  [name in Name]: Report;
}> {
  const names = Object.keys(plans) as Name[];
  const { results, summary } = await runCheckov(names.map((name) => [`${name}.json`, JSON.stringify(plans[name])]));
  const resources = names.flatMap((name) => plans[name].planned_values.root_module.resources);
  const { parsing_errors: unread, resource_count: read } = summary;
  if (unread > 0 || read !== resources.length || results.skipped_checks.length > 0) {
    throw new Error(
      `checkov read ${read} of ${resources.length} resources, could not read ${unread} plans and skipped ${results.skipped_checks.length} checks`,
    );
  }
  const of = (records: CheckRecord[], name: Name) =>
    records.filter(({ file_path }) => file_path === `/${name}.json`).map(findingOf);
  return Object.fromEntries(
    names.map((name) => [name, { failed: of(results.failed_checks, name), passed: of(results.passed_checks, name) }]),
  ) as { [name in Name]: Report };
}

async function runCheckov(files: [name: string, content: string][]): Promise<CheckovOutput> {
  const python = await ensurePythonPackages("checkov", join(import.meta.dirname, "requirements.txt"));
  const folder = mkdtempSync(join(tmpdir(), "slipway-checkov-"));
  try {
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    const { stdout } = await execa(
      python,
      // No requests over the network.
      ["-m", "checkov.main", "--skip-download", "--soft-fail", "--framework=terraform_plan", "--output=json"].concat(
        files.flatMap(([name]) => ["--file", name]),
      ),
      // Without the user's settings, which could skip checks.
      { cwd: folder, extendEnv: false, env: { PATH: process.env.PATH, HOME: folder, LOG_LEVEL: "ERROR" } },
    );
    return JSON.parse(stdout) as CheckovOutput;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findingOf({ check_id, check_name, resource }: CheckRecord): Finding {
  return { check: check_id, requirement: check_name, resource };
}
