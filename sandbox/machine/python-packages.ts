import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { paths } from "../paths.ts";

/** Debian's own. Another one on PATH may have no venv, or may be removed by its user. */
const PYTHON = "/usr/bin/python3";
const LAST_LINES = 8;

/**
 * Installs the Python packages that the file pins by hash into a folder of their own in the cache, unless they are there. The
 * folder's name has a hash of the pins and of the Python version.
 *
 * @param name start of the folder's name; shown to users.
 * @param requirements path of a requirements.txt with hashes.
 * @param progress called with pip's output.
 * @returns the Python that has the packages.
 * @throws Error with pip's last lines.
 */
export async function ensurePythonPackages(
  name: string,
  requirements: string,
  progress: (line: string) => void = () => {},
): Promise<string> {
  const { stdout: version } = await execa(PYTHON, ["--version"]);
  const hash = createHash("sha256").update(version).update(readFileSync(requirements)).digest("hex");
  const target = join(paths.cache, `${name}-${hash.slice(0, 16)}`);
  const python = join(target, "bin/python3");
  if (existsSync(target)) return python;
  const draft = `${target}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(paths.cache, { recursive: true });
  const options = ["--require-hashes", "--only-binary=:all:", "--no-input", "--progress-bar=off"];
  try {
    await execa(PYTHON, ["-m", "venv", draft]);
    const pip = execa(
      join(draft, "bin/python3"),
      ["-m", "pip", "install", ...options, "--disable-pip-version-check", "--requirement", requirements],
      { all: true },
    );
    for await (const line of pip.iterable({ from: "all" })) progress(line.trim());
    await pip;
  } catch (error) {
    const output = String((error as { all?: string }).all ?? error);
    throw new Error(
      `${name} could not be installed:\n${output.trim().split("\n").slice(-LAST_LINES).join("\n")}\n` +
        "It needs the Python package index (pip config list) and python3-venv. Fix that and run the command again.",
    );
  }
  // Only scripts that are not used contain the folder's name.
  renameSync(draft, target);
  return python;
}
