import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { paths, projectRoot } from "../paths.ts";
import { toolPath } from "../toolchain.ts";

const source = join(import.meta.dirname, "language-host.ts");

/**
 * Puts the stand-in for `pulumi-language-nodejs` next to the Pulumi CLI, where the engine looks for the hosts of its own
 * distribution. Found on PATH it would print a warning with every command.
 *
 * An installed CLI that is used in place of the built one has its own host, and stays as it is.
 */
export async function ensureLanguageHost(): Promise<"present" | "installed" | "the installed one is used"> {
  const folder = dirname(realpathSync(toolPath("pulumi")));
  if (folder !== realpathSync(paths.toolchain)) return "the installed one is used";
  const bundle = await ensureBundle();
  const file = join(folder, "pulumi-language-nodejs");
  const script = `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === script) return "present";
  writeFileSync(`${file}.${process.pid}`, script, { mode: 0o755 });
  renameSync(`${file}.${process.pid}`, file);
  return "installed";
}

/** One file, which starts faster than many and does not depend on the folder of the project. */
async function ensureBundle(): Promise<string> {
  const hash = createHash("sha256")
    .update(readFileSync(source))
    .update(readFileSync(join(projectRoot, "package-lock.json")))
    .digest("hex");
  const bundle = join(paths.cache, "language-host", `${hash.slice(0, 16)}.cjs`);
  if (existsSync(bundle)) return bundle;
  mkdirSync(dirname(bundle), { recursive: true });
  const draft = `${bundle}.${process.pid}`;
  await build({
    entryPoints: [source],
    outfile: draft,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    minify: true,
    logLevel: "silent",
  });
  renameSync(draft, bundle);
  return bundle;
}
