import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

export interface HashOptions {
  /** Top-level folders to leave out. @default none */
  except?: readonly string[];
  /** Include the files' permissions. They depend on the machine's umask. @default false */
  modes?: boolean;
}

/**
 * SHA-256 of the names and bytes of all files in a folder, in hex. A symbolic link counts as its target's path.
 * Two folders with the same content have the same hash, wherever they are.
 *
 * @throws the file system's error if the folder cannot be read.
 */
export function contentHash(folder: string, { except = [], modes = false }: HashOptions = {}): string {
  const hash = createHash("sha256");
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ path }) => !except.includes(relative(folder, path).split(sep)[0] ?? ""))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { entry, path } of entries) {
    const name = relative(folder, path).split(sep).join("/");
    const mode = modes && entry.isFile() ? statSync(path).mode : "";
    const bytes = entry.isSymbolicLink() ? readlinkSync(path) : entry.isFile() ? readFileSync(path) : "";
    // Lengths keep "ab" + "c" apart from "a" + "bc".
    hash.update(`${name.length}:${name}:${mode}:${Buffer.byteLength(bytes)}:`).update(bytes);
  }
  return hash.digest("hex");
}
