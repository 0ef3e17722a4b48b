import { join } from "node:path";
import { vi } from "vitest";
import { parse } from "yaml";
import { projectRoot } from "../../project-root.ts";
import { runCommand } from "../shop.ts";

// Loaded here, so that loading it does not count as the time of the first test.
import "../../../delivery/commands/import.ts";

// kubectl and helm are started, on machines with much else to do.
vi.setConfig({ testTimeout: 60_000 });

/** Folder of a set of manifests. */
export function fixture(name: string): string {
  return join(import.meta.dirname, "fixtures", name);
}

export interface Imported {
  exitCode: number;
  error: string | undefined;
  findings: {
    kind: string;
    files: string[];
    object: string;
    path: string;
    given?: string;
    advice: string;
    environments: string[];
  }[];
  secrets: { service: string; name: string; commands: string[] }[];
  /** Texts of the files, by name. */
  files: Record<string, string>;
  /** Services of services.yaml. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into fields of many forms.
  services: Record<string, any>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into fields of many forms.
  stack(name: string): any;
  output: string;
}

/** Runs slipway import, without registries. */
export async function runImport(...args: string[]): Promise<Imported> {
  const { exitCode, stdout, stderr } = await runCommand(["import", ...args, "--no-digests", "--json"], projectRoot, {
    PATH: process.env.PATH,
  });
  const result = JSON.parse(stdout);
  return {
    ...result,
    exitCode,
    services: result.files ? parse(result.files["services.yaml"]).services : {},
    stack: (name: string) => parse(result.files[`Pulumi.${name}.yaml`]).config["slipway:environment"],
    output: stdout + stderr,
  };
}
