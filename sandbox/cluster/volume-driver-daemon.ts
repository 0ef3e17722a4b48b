import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { paths } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";
import { writeConfiguration } from "./kubeconfig.ts";
import { lookFile } from "./volumes.ts";

const STALE_MILLISECONDS = 15_000;

/** The process that makes, grows and deletes volumes: see volume-driver.ts. */
export function volumeDriverDaemon(): Daemon {
  const program = bundle();
  return {
    name: "volumes",
    command: process.execPath,
    args: [writeConfiguration(join(paths.state, "volume-driver.mjs"), program)],
    // A daemon does not get the caller's HOME: see folders.mjs.
    env: { XDG_STATE_HOME: dirname(paths.state), XDG_CACHE_HOME: dirname(paths.cache) },
    configuration: [program],
    ready: looks,
  };
}

/** One file that is the same from every checkout: otherwise each would restart the driver of the other. */
function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "volume-driver.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // Also without comments, which name the checkout's folder.
    minify: true,
    write: false,
    logLevel: "silent",
    // Packages that are no ES modules load those of Node by require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outputFiles[0]?.text ?? "";
}

async function looks(): Promise<boolean> {
  try {
    return Date.now() - statSync(lookFile).mtimeMs < STALE_MILLISECONDS;
  } catch {
    return false;
  }
}
