import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { paths } from "../paths.ts";

/** Debian's own: another on PATH may lack venv, or go when its user changes it. */
const PYTHON = "/usr/bin/python3";
const LAST_LINES = 8;

/**
 * Installs Python packages, exactly those that the file pins by hash, into a folder of their own in the cache, unless they
 * are there: named by what is installed and for which Python.
 *
 * @param name leads the folder's name, and is what a person is told of.
 * @param requirements path of a requirements.txt with hashes.
 * @param progress told what pip is at.
 * @returns the Python to run them by.
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
    const said = String((error as { all?: string }).all ?? error);
    throw new Error(
      `${name} could not be installed:\n${said.trim().split("\n").slice(-LAST_LINES).join("\n")}\n` +
        "It needs the Python package index (pip config list) and python3-venv; run the command again once that is mended.",
    );
  }
  // Nothing in it names the folder but scripts that are not used.
  renameSync(draft, target);
  return python;
}
