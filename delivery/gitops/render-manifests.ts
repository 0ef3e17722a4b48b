import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MigrationJobs, writeMigrationJobs } from "../../components/gitops/migration-jobs.ts";

/**
 * What an update may change that only renders: images, and the provider that renders. The cluster and everything in it stays as the state
 * has it, and none of it is asked: https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/
 */
export function renderTargets(stack: string): string[] {
  const urn = `urn:pulumi:${stack}::slipway`;
  return [
    `--target=${urn}::slipway:index:Images::images`,
    `--target=${urn}::slipway:index:Images$**`,
    `--target=${urn}::pulumi:providers:kubernetes::manifests`,
  ];
}

/** Manifests that the program renders: see components/gitops/rendered-service.ts. */
export class RenderedManifests {
  private readonly folder = mkdtempSync(join(tmpdir(), "slipway-manifests-"));

  /** Tells the program where to write them. */
  get environment(): Record<string, string> {
    return { SLIPWAY_MANIFESTS: this.folder };
  }

  /** Tells the program which Jobs of migrations there were before. */
  tellMigrations(jobs: MigrationJobs): void {
    writeMigrationJobs(this.folder, jobs);
  }

  /** A service's files, by their path in its folder. Empty if the program has not rendered it. */
  filesOf(service: string): Map<string, string> {
    const folder = join(this.folder, service);
    if (!existsSync(folder)) return new Map();
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Map(
      entries
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((file) => [file.slice(folder.length + 1), readFileSync(file, "utf8")]),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
