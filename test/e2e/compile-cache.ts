import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What Node compiles of the copies that the tests make, which no later run needs. @returns what removes it */
export default function useCompileCacheOfThisRun(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "slipway-compiled-"));
  process.env.NODE_COMPILE_CACHE = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
