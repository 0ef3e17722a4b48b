import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { extract } from "tar";
import { paths } from "../paths.ts";

/** Runs TypeScript as it stands, by stripping the types. */
const version = "24.21.0";

/**
 * The Node program itself, from the npm package that carries nothing else; kept in the cache.
 * @returns its path.
 */
export async function nodeBinary(progress: (line: string) => void): Promise<string> {
  const target = join(paths.cache, `node-${version}-${process.arch}`);
  if (existsSync(target)) return target;
  mkdirSync(paths.cache, { recursive: true });
  const folder = mkdtempSync(join(paths.cache, "node-"));
  try {
    const name = `node-linux-${process.arch}@${version}`;
    progress(`downloading ${name}`);
    const { stdout } = await execa("npm", ["pack", name, "--pack-destination", folder, "--silent"], { cwd: folder });
    await extract({ file: join(folder, stdout.trim().split("\n").at(-1) ?? ""), cwd: folder, strip: 1 });
    renameSync(join(folder, "bin/node"), target);
    return target;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
