import { homedir } from "node:os";
import { join } from "node:path";

/**
 * An XDG base folder: the variable if it holds an absolute path (the XDG rule), else the default below the home folder.
 *
 * @param {string} variable
 * @param {string} fallback
 */
function baseFolder(variable, fallback) {
  const given = process.env[variable];
  return join(given?.startsWith("/") ? given : join(homedir(), fallback), "slipway");
}

/** What survives `stop` and can be made again: built tools and downloaded packages, by content hash. */
export const cache = baseFolder("XDG_CACHE_HOME", ".cache");

/** Everything that runs or is recorded: process records, logs, etcd, node roots, the engine's home and state. */
export const state = baseFolder("XDG_STATE_HOME", ".local/state");
