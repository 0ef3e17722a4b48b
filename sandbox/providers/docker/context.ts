import { createHash } from "node:crypto";
import { createReadStream, existsSync, lstatSync, readdirSync, readFileSync, realpathSync, type Stats } from "node:fs";
import { join, normalize, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import dockerignore from "@balena/dockerignore";

/** A file of a build context. */
export interface ContextFile {
  /** Path below the context, with "/". */
  path: string;
  stats: Stats;
}

/** Name of a Dockerfile from outside the context in the archive. */
export const OUTSIDE_DOCKERFILE = ".dockerfile.slipway";

/** Path of the Dockerfile below the context; undefined when it lies outside. */
export function dockerfileInContext(context: string, dockerfile: string): string | undefined {
  const path = relative(resolve(context), resolve(dockerfile));
  return path.startsWith("..") ? undefined : path.split(sep).join("/");
}

/** The files of the context that the ignore file does not exclude, ordered by path. */
export function contextFiles(context: string, dockerfile: string): ContextFile[] {
  const patterns = ignorePatterns(context, dockerfile);
  const filter = dockerignore.default().add(patterns);
  // A "!" pattern can include files of an excluded folder again.
  const exceptions = patterns.some((pattern) => pattern.startsWith("!"));
  const files: ContextFile[] = [];
  const walk = (folder: string): void => {
    const entries = readdirSync(join(context, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const ignored = filter.ignores(path);
      if (entry.isDirectory()) {
        if (!ignored || exceptions) walk(path);
      } else if (!ignored && (entry.isFile() || entry.isSymbolicLink())) {
        files.push({ path, stats: lstatSync(join(context, path)) });
      }
    }
  };
  walk("");
  return files;
}

/**
 * A digest of the build's inputs: content, name and mode of every file in the context, and the Dockerfile. It follows the
 * official plugin, so that a stack can change plugins without a rebuild.
 */
export async function contextDigest(context: string, dockerfile: string): Promise<string> {
  const total = createHash("sha256");
  const add = async (file: string, name: string, mode: string, link: boolean): Promise<void> => {
    const hash = createHash("sha256");
    if (link) hash.update(normalize(realpathSync(file)));
    else await pipeline(createReadStream(file), hash);
    total
      .update(name)
      .update(mode)
      .update(hash.digest())
      .update(Buffer.from([0]));
  };
  await add(dockerfile, "Dockerfile", "----------", false);
  for (const { path, stats } of contextFiles(context, dockerfile)) {
    await add(join(context, path), path, modeText(stats), stats.isSymbolicLink());
  }
  return total.digest("hex");
}

function ignorePatterns(context: string, dockerfile: string): string[] {
  const file = [`${dockerfile}.dockerignore`, join(context, ".dockerignore")].find((path) => existsSync(path));
  if (!file) return [];
  return readFileSync(file, "utf8")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** A file mode as `-rwxr-xr-x`, with `L` for a symbolic link. */
function modeText(stats: Stats): string {
  const bits = [..."rwxrwxrwx"].map((letter, index) => (stats.mode & (1 << (8 - index)) ? letter : "-"));
  return `${stats.isSymbolicLink() ? "L" : "-"}${bits.join("")}`;
}
