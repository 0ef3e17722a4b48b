import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POLICY_PACK } from "./policy-pack.ts";
import { type EngineCommand, type EngineResult, runEngine } from "./run.ts";

/**
 * Runs `pulumi preview` with another text of the stack's file. The file itself stays as it is.
 *
 * @param text of the stack's file
 * @param onLine called for each line of the engine's output. @default - prints it to standard error
 * @param options environment: variables for the program, besides those of this process; targets: flags that select resources
 * @throws Failure if the CLI is not installed.
 */
export async function previewStack(
  root: string,
  stack: string,
  text: string,
  onLine?: EngineCommand["onLine"],
  { environment = {}, targets = [] }: { environment?: Record<string, string>; targets?: readonly string[] } = {},
): Promise<EngineResult> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-preview-"));
  try {
    // A copy, because the engine may write into the file.
    const configFile = join(folder, `Pulumi.${stack}.yaml`);
    writeFileSync(configFile, text);
    return await runEngine({
      root,
      stack,
      args: ["preview", ...POLICY_PACK, ...targets],
      configFile,
      environment,
      ...(onLine && { onLine }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
