import { uploadArtifacts } from "../artifacts/upload.ts";
import { readEnvironment } from "../environment.ts";
import { type CommonOptions, printResult } from "../output.ts";
import { readRun } from "../run-folder.ts";
import { readStackFile } from "../stack-file.ts";

export interface ArtifactsOptions extends CommonOptions {
  stack: string;
  /** Folder that a deploy wrote. @default - the stack's newest */
  run?: string;
  /** @default - the stack's own, or SLIPWAY_ARTIFACTS_BUCKET */
  bucket?: string;
}

/** Uploads the artifacts of a deploy to S3. */
export async function artifacts(options: ArtifactsOptions, root: string): Promise<void> {
  const { stack } = options;
  const stored = readRun(root, stack, options.run);
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  const uploaded = await uploadArtifacts(environment, stored, options);
  printResult(options, uploaded, uploaded.keys.join("\n"));
}
