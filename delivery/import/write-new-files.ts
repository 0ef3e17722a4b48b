import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, reasonOf } from "../failure.ts";

/**
 * Writes files that do not exist yet: all of them, or none.
 *
 * @throws Failure if one of them exists, or cannot be written
 */
export function writeNewFiles(folder: string, files: Record<string, string>): void {
  const existing = Object.keys(files).filter((name) => existsSync(join(folder, name)));
  if (existing.length > 0) {
    throw new Failure(
      `import: ${existing.map((name) => join(folder, name)).join(", ")} exists already, and is never overwritten. Nothing was written. ` +
        "Name another folder with --out, or leave --out out to print.",
    );
  }
  const written: string[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      const file = openSync(path, "wx");
      written.push(path);
      try {
        writeFileSync(file, text);
      } finally {
        closeSync(file);
      }
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw new Failure(`import: ${folder} cannot be written (${reasonOf(error)}). Nothing was written.`);
  }
}
