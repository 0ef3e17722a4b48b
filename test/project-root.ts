import { join } from "node:path";

/** Folder of the project: Pulumi.yaml, index.ts and stacks/ are here. */
export const projectRoot = join(import.meta.dirname, "..");
