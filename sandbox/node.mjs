// Plain JavaScript without packages: bootstrap.mjs runs it on an older Node, before anything is installed.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cache } from "./folders.mjs";

const run = promisify(execFile);

/** The one place for the version of Node that everything is tested on. Version managers and setup-node read it too. */
export const nodeVersion = readFileSync(new URL("../.node-version", import.meta.url), "utf8").trim();

/**
 * The Node program for Linux on this machine's processor, from the npm package that holds nothing else. It is downloaded
 * once and kept in the cache.
 *
 * @param {(line: string) => void} progress called before a download
 * @returns {Promise<string>} its path; the folder around it can be put on PATH
 * @throws {Error} with what npm or tar printed
 */
export async function nodeBinary(progress) {
  const target = join(cache, `node-v${nodeVersion}-linux-${process.arch}`);
  const binary = join(target, "bin/node");
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "node-"));
  try {
    const name = `node-linux-${process.arch}@${nodeVersion}`;
    progress(`downloading ${name}`);
    const { stdout } = await run("npm", ["pack", name, "--pack-destination", draft, "--loglevel=error"], {
      cwd: draft,
    });
    const archive = join(draft, stdout.trim().split("\n").at(-1) ?? "");
    await run("tar", ["--extract", "--file", archive, "--strip-components=1"], { cwd: draft });
    rmSync(archive);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
    return binary;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
