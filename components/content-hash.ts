import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

/**
 * SHA-256 over the names, modes and bytes of all files under a folder, hex.
 * Two folders with the same content have the same hash wherever they are.
 *
 * @param except names of folders right under it that do not count. @default none
 * @throws the file system's error if the folder cannot be read.
 */
export function contentHash(folder: string, except: readonly string[] = []): string {
  const hash = createHash("sha256");
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ path }) => !except.includes(relative(folder, path).split(sep)[0] ?? ""))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { entry, path } of entries) {
    const name = relative(folder, path).split(sep).join("/");
    const executable = entry.isFile() && (statSync(path).mode & 0o111) !== 0;
    const bytes = entry.isSymbolicLink() ? readlinkSync(path) : entry.isFile() ? readFileSync(path) : "";
    // Lengths keep "ab" + "c" apart from "a" + "bc".
    hash.update(`${name.length}:${name}:${executable}:${Buffer.byteLength(bytes)}:`).update(bytes);
  }
  return hash.digest("hex");
}

/** Hash of what a chart renders from. The shapes in ci/ are for its tests alone. */
export function chartHash(folder: string): string {
  return contentHash(folder, ["ci"]);
}
