import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty folder for as long as the test runs. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "slipway-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
